namespace Records.Core

#nowarn "3261" // F#'s None is null, and reflection hands it out as any other value

open System
open System.Collections
open System.Collections.Generic

/// What may differ between a module and the record loaded into it. Another shape or variant never may.
type LoadOptions =
    {
        /// A tensor that the record lacks stays the module's.
        AllowMissing: bool
        /// A tensor that the module has no place for is left out.
        AllowUnused: bool
        /// A nil in the record against a value in the module empties it, as Burn does.
        AllowNilOptional: bool
        /// A list of another length is loaded as far as both go.
        AllowOtherLength: bool
    }

/// F# records and unions as modules: their parameters to records and back.
[<RequireQualifiedAccess>]
module Bind =

    /// Everything must match.
    let strict =
        { AllowMissing = false; AllowUnused = false; AllowNilOptional = false; AllowOtherLength = false }

    // ---- modules as records

    let rec private record plan (value: obj | null) : Record =
        match plan, value with
        | BindPlan.Constant kind, value -> Record.Constant(BindPlan.layoutOf kind value)
        | BindPlan.Option _, null -> Record.Option None
        | BindPlan.Param, (:? Parameter as parameter) -> Record.Param(parameter.Id, parameter.Value)
        | _, null -> RecordError.raise (RecordError.Missing([], "a value"))
        | BindPlan.Option(item, _, read), value -> Record.Option(Some(record item (read value)))
        | BindPlan.Struct(fields, read, _), value ->
            Record.Struct
                [
                    for field, value in Array.zip fields (read value) do
                        match field.Plan with
                        | Some plan ->
                            { Name = field.Name; Value = Burn.under field.Name (fun () -> record plan value) }
                        | None -> ()
                ]
        | BindPlan.Tuple(items, read, _), value ->
            Record.Tuple [ for plan, value in Array.zip items (read value) -> record plan value ]
        | BindPlan.List(item, _), (:? IEnumerable as values) -> Record.List [ for value in values -> record item value ]
        | BindPlan.Union(cases, tag, read, _), value ->
            let index = tag value
            let name, plan = cases[index]
            Record.Enum(index, name, record plan (read index value))
        | BindPlan.List _, _
        | BindPlan.Param, _ -> invalidOp "A plan belongs to another type."

    /// The module's state. Parameters that have no value yet are computed.
    let toRecord (model: 'Model) : Record =
        record (BindPlan.ofType typeof<'Model>) (box model)

    /// The module's state as what recorders save.
    let toDocument model = Document.ofRecord (toRecord model)

    let rec private schemaOf plan =
        match plan with
        | BindPlan.Param -> Schema.Param
        | BindPlan.Constant kind -> Schema.Constant(BindPlan.layout kind)
        | BindPlan.Option(item, _, _) -> Schema.Option(schemaOf item)
        | BindPlan.List(item, _) -> Schema.List(schemaOf item)
        | BindPlan.Tuple(items, _, _) -> Schema.Tuple [ for item in items -> schemaOf item ]
        | BindPlan.Struct(fields, _, _) ->
            Schema.Struct
                [
                    for field in fields do
                        match field.Plan with
                        | Some plan -> field.Name, schemaOf plan
                        | None -> ()
                ]
        | BindPlan.Union(cases, _, _, _) -> Schema.Enum [ for name, plan in cases -> name, schemaOf plan ]

    /// What a module of this type looks like in files: recorder |> Recorder.schema Bind.schema<Model>.
    let schema<'Model> = schemaOf (BindPlan.ofType typeof<'Model>)

    // ---- records into modules

    /// Faults so far, and the parameters made so far: those that shared an id and a value still do.
    [<Sealed>]
    type private Loading(options: LoadOptions) =
        let faults = ResizeArray<RecordError>()
        let made = Dictionary<ParamId, (TensorData * Parameter) list>()
        member _.Options = options
        member _.Faults = faults
        member _.Fault error = faults.Add error

        /// The parameter that was made of the same id and value before, or this one.
        member _.Share(data: TensorData, fresh: Parameter) =
            let known =
                match made.TryGetValue fresh.Id with
                | true, known -> known
                | _ -> []

            let isSame (other: TensorData, parameter: Parameter) =
                parameter.Dtype = fresh.Dtype
                && Record.same (Record.Tensor other) (Record.Tensor data)

            match List.tryFind isSame known with
            | Some(_, parameter) -> parameter
            | None ->
                made[fresh.Id] <- (data, fresh) :: known
                fresh

    let rec private hasTensors plan (value: obj | null) =
        match plan, value with
        | _, null
        | BindPlan.Constant _, _ -> false
        | BindPlan.Param, _ -> true
        | BindPlan.Option(item, _, read), value -> hasTensors item (read value)
        | BindPlan.Struct(fields, read, _), value ->
            Array.zip fields (read value)
            |> Array.exists (fun (field, value) ->
                match field.Plan with
                | Some plan -> hasTensors plan value
                | None -> false)
        | BindPlan.Tuple(items, read, _), value -> Array.exists2 hasTensors items (read value)
        | BindPlan.List(item, _), (:? IEnumerable as values) -> Seq.exists (hasTensors item) (Seq.cast<obj> values)
        | BindPlan.List _, _ -> false
        | BindPlan.Union(cases, tag, read, _), value ->
            let index = tag value
            hasTensors (snd cases[index]) (read index value)

    /// What is there, whatever optional wraps it: None for nil.
    let rec private present record =
        match record with
        | Some(Record.Option inner) -> present inner
        | Some(Record.Constant _)
        | Some(Record.Scalar Scalar.Unit) -> None
        | record -> record

    let rec private apply (loading: Loading) path plan (value: obj | null) (record: Record option) : obj | null =
        let place = List.rev path
        let record = present record

        let unused record =
            if not loading.Options.AllowUnused then
                for inner, data in Record.tensors record do
                    loading.Fault(RecordError.Unexpected(place @ inner, TensorData.text data))

        let mismatch expected (record: Record) =
            loading.Fault(RecordError.Mismatch(place, expected, Schema.describe (Schema.ofRecord record)))
            value

        match plan, value, record with
        | BindPlan.Constant _, _, Some record ->
            unused record
            value
        | BindPlan.Constant _, _, None -> value
        | BindPlan.Option(item, some, read), value, _ ->
            match value, record with
            | null, None -> value
            | null, Some record ->
                unused record
                value
            | value, Some record ->
                match apply loading path item (read value) (Some record) with
                | null -> value
                | inner -> some inner
            | value, None when not (hasTensors item (read value)) -> value
            | value, None ->
                if loading.Options.AllowNilOptional then
                    null
                else
                    loading.Fault(RecordError.Mismatch(place, "a value", "nil"))
                    value
        | BindPlan.Param, (:? Parameter as parameter), Some(Record.Param(id, data)) ->
            parameterFrom loading place parameter id data
        | BindPlan.Param, (:? Parameter as parameter), None ->
            if not loading.Options.AllowMissing then
                loading.Fault(RecordError.Missing(place, $"{Dtype.name parameter.Dtype} {Shape.text parameter.Shape}"))

            value
        | BindPlan.Param, _, Some record -> mismatch "a parameter" record
        | BindPlan.Struct(fields, read, build), value, _ when not (isNull value) ->
            structure loading path fields (read value) build value record
        | BindPlan.Tuple(items, read, build), value, _ when not (isNull value) ->
            match record with
            | Some(Record.Tuple inner | Record.List inner | Record.Array inner) when inner.Length = items.Length ->
                let values = read value

                build
                    [|
                        for index, inner in List.indexed inner ->
                            orKeep
                                values[index]
                                (apply loading (string index :: path) items[index] values[index] (Some inner))
                    |]
            | Some record -> mismatch $"a tuple of {items.Length}" record
            | None -> absent loading path plan value
        | BindPlan.List(item, build), (:? IEnumerable as values), _ ->
            let values = Array.ofSeq (Seq.cast<obj> values)

            match record with
            | Some(Record.List inner | Record.Array inner | Record.Tuple inner) ->
                sequence loading path item values (List.toArray inner) build value
            | Some record -> mismatch "a list" record
            | None -> absent loading path plan value
        | BindPlan.Union(cases, tag, read, build), value, _ when not (isNull value) ->
            let index = tag value
            let name, inner = cases[index]

            let found =
                match record with
                | Some(Record.Enum(_, case, payload)) -> Some(case, Some payload)
                | Some(Record.Struct [ lone ] | Record.Map [ lone ]) -> Some(lone.Name, Some lone.Value)
                | Some(Record.Scalar(Scalar.Text case)) -> Some(case, None)
                | _ -> None

            match found with
            | Some(case, payload) when case = name ->
                build index (orKeep (box ()) (apply loading (name :: path) inner (read index value) payload))
            | Some(case, _) ->
                loading.Fault(RecordError.Mismatch(place, name, case))
                value
            | None ->
                match record with
                | Some record -> mismatch name record
                | None -> absent loading path plan value
        | _ -> invalidOp "A plan belongs to another type."

    /// The record has nothing where the module has something: every tensor in it is missing.
    and private absent loading path plan value =
        match plan with
        | BindPlan.Struct(fields, read, build) when not (isNull value) ->
            structure loading path fields (read value) build value None
        | _ when hasTensors plan value && not loading.Options.AllowMissing ->
            loading.Fault(RecordError.Missing(List.rev path, "a value"))
            value
        | _ -> value

    and private orKeep (kept: obj) (loaded: obj | null) : obj =
        match loaded with
        | null -> kept
        | loaded -> loaded

    and private structure loading path fields values build value record =
        match record with
        | Some(Record.Struct inner | Record.Map inner) ->
            let known = set [ for field in fields -> field.Name ]

            if not loading.Options.AllowUnused then
                for extra in inner do
                    if not (known.Contains extra.Name) then
                        for place, data in Record.tensors extra.Value do
                            let place = List.rev path @ extra.Name :: place
                            loading.Fault(RecordError.Unexpected(place, TensorData.text data))

            fieldwise loading path fields values build (fun name ->
                inner
                |> List.tryFind (fun field -> field.Name = name)
                |> Option.map (fun field -> field.Value))
        | None -> fieldwise loading path fields values build (fun _ -> None)
        | Some record ->
            loading.Fault(RecordError.Mismatch(List.rev path, "a struct", Schema.describe (Schema.ofRecord record)))
            value

    and private fieldwise loading path (fields: BindField[]) (values: obj[]) build (find: string -> Record option) =
        build
            [|
                for field, value in Array.zip fields values ->
                    match field.Plan with
                    | Some plan ->
                        match apply loading (field.Name :: path) plan value (find field.Name) with
                        // None is null, and a legal value of an option
                        | null -> Unchecked.defaultof<obj>
                        | loaded -> loaded
                    | None -> value
            |]

    and private sequence loading path item values (records: Record[]) build value =
        let common = min values.Length records.Length

        let surplus =
            Array.exists (hasTensors item) (Array.skip common values)
            || Array.exists (Record.tensors >> Seq.isEmpty >> not) (Array.skip common records)

        if
            values.Length <> records.Length
            && surplus
            && not loading.Options.AllowOtherLength
        then
            let text count = $"{count} items"
            loading.Fault(RecordError.Mismatch(List.rev path, text values.Length, text records.Length))
            value
        else
            build
                [|
                    for index, value in Array.indexed values ->
                        if index < common then
                            orKeep value (apply loading (string index :: path) item value (Some records[index]))
                        else
                            value
                |]

    and private parameterFrom loading place (parameter: Parameter) id (data: TensorData) : obj =
        if parameter.Shape <> data.Shape then
            let expected = $"{Dtype.name parameter.Dtype} {Shape.text parameter.Shape}"
            loading.Fault(RecordError.Mismatch(place, expected, TensorData.text data))
            box parameter
        else
            let cast = Cast.tensor place false parameter.Dtype data

            // in memory it is converted now, so that what does not fit is known; from an open file when it is touched
            match
                (if data.Bytes.Source.InMemory then
                     Result.bind View.tryHold cast
                 else
                     cast)
            with
            | Ok loaded -> box (loading.Share(data, Parameter(id, loaded)))
            | Error error ->
                loading.Fault error
                box parameter

    /// The module with the record's state and parameter ids: no initialiser runs. Every difference is listed at once.
    let load options (record: Record) (model: 'Model) : Result<'Model, RecordError> =
        let loading = Loading options
        let loaded = apply loading [] (BindPlan.ofType typeof<'Model>) (box model) (Some record)

        match List.ofSeq loading.Faults, loaded with
        | [], (:? 'Model as loaded) -> Ok loaded
        | [], _ -> Ok model
        | faults, _ -> Error(RecordError.ofList faults)
