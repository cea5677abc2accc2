namespace Records.Core

#nowarn "3261" // F#'s None is null

/// F# records and unions as modules: their parameters to records and back. Numbers, texts and bare tensors of a module are
/// constants, which files do not hold; those of a type marked Recorded are stored with their values.
[<RequireQualifiedAccess>]
module Bind =

    /// Everything must match.
    let strict =
        { AllowMissing = false; AllowUnused = false; AllowNilOptional = false; AllowOtherLength = false }

    let private planOf<'Model> = BindPlan.ofType false typeof<'Model>

    // ---- values as records

    /// The value's state. Parameters that have no value yet are computed.
    let toRecord (model: 'Model) : Record =
        BindTree.record planOf<'Model> (box model)

    /// What the annex of a file says of the type and of those inside: their versions, where there has been more than one.
    let annex<'Model> = Versions.toAnnex (BindTree.versions planOf<'Model>)

    /// The value's state as what recorders save.
    let toDocument (model: 'Model) =
        { Document.ofRecord (toRecord model) with Annex = annex<'Model> }

    // ---- what they look like in files

    /// What a value of this type looks like in files, as the newest Burn lays it out.
    let schema<'Model> = BindTree.schema None [] planOf<'Model> BurnVersion.latest

    /// What files of this type may look like, whichever Burn and version of the type wrote them:
    /// recorder |> Recorder.schemas Bind.schemas<Model>.
    let schemas<'Model> =
        let plan = planOf<'Model>

        if List.forall (fun (_, version) -> version = 1) (BindTree.versions plan) then
            Schemas.Fixed(BindTree.schema None [] plan)
        else
            Schemas.Versioned(fun annex ->
                // a version that is not known is told before anything is read
                RecordError.catch (fun () -> BindTree.schema (Some annex) [] plan BurnVersion.latest)
                |> Result.map (fun _ -> BindTree.schema (Some annex) [] plan))

    // ---- records as values

    let private loading options annex annexed (there: obj voption) record : Result<'Model, RecordError> =
        let loading = BindLoading(options, annex)
        let place = { Path = []; Annexed = annexed; Version = None }
        let loaded = BindLoad.load loading place planOf<'Model> there (Some record)

        match List.ofSeq loading.Faults with
        | [] -> Ok(unbox<'Model> loaded)
        | faults -> Error(RecordError.ofList faults)

    /// The module with the state and the parameter ids of a record of the type's own version: no initialiser runs. Every
    /// difference is listed at once.
    let load options (record: Record) (model: 'Model) : Result<'Model, RecordError> =
        loading options Map.empty None (ValueSome(box model)) record

    /// load, for what a file holds: an older version of the type goes through its migrations, a later one is an error.
    let loadDocument options (document: Document) (model: 'Model) : Result<'Model, RecordError> =
        loading options document.Annex (Some []) (ValueSome(box model)) document.Root

    /// A new value with the state of a record of the type's own version. What files do not hold is zero, empty or None.
    let ofRecord<'Model> (record: Record) : Result<'Model, RecordError> =
        loading strict Map.empty None ValueNone record

    /// ofRecord, for what a file holds: an older version of the type goes through its migrations, a later one is an error.
    let ofDocument<'Model> (document: Document) : Result<'Model, RecordError> =
        loading strict document.Annex (Some []) ValueNone document.Root
