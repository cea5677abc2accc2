namespace Records.Core

/// Between Burn's two worlds: what was read of a file without a schema, in the shape that the other kind of file has. Models
/// need nothing: names are names in both. Optimizers and schedulers are laid out otherwise on each side.
[<RequireQualifiedAccess>]
module Bridge =

    let private withRoot document root = { document with Document.Root = root }

    let private isScheduler (flat: Flat) =
        flat.Tensors.IsEmpty
        && not flat.Scalars.IsEmpty
        && (SchedulerFlat.toScheduler flat).IsOk

    /// The ids of the parameters by their numbers, as the file has kept them.
    let private idsOf (flat: Flat) =
        let known = System.Collections.Generic.Dictionary()

        for tensor in flat.Tensors do
            match tensor.Id with
            | Some id -> known[Flat.numberOf id] <- id
            | None -> ()

        fun number ->
            match known.TryGetValue number with
            | true, id -> id
            | _ -> ParamId.ofUInt64 number

    /// What a burnpack held, as the recorders of Burn up to 0.21 have it.
    let toRecorders (document: Document) : Result<Document, RecordError> =
        match Flat.ofRecord document.Root with
        | Ok flat when OptimizerState.isFlat flat ->
            OptimizerState.toRecord (idsOf flat) flat |> Result.map (withRoot document)
        | Ok flat when isScheduler flat ->
            SchedulerFlat.toScheduler flat
            |> Result.bind SchedulerRecord.toRecord
            |> Result.map (withRoot document)
        | Ok _ -> Ok document
        | Error error -> Error error

    /// What a recorder's file held, as burnpack has it. An integer alone may be of several schedulers, and the file does not say
    /// which: then the kind is needed.
    let toBurnpack (scheduler: SchedulerKind option) (document: Document) : Result<Document, RecordError> =
        let named kind =
            SchedulerRecord.ofRecord kind document.Root
            |> Result.map (SchedulerFlat.ofScheduler >> Flat.toRecord >> withRoot document)

        match scheduler, SchedulerFlat.kinds document.Root with
        | _, [] -> Ok document
        | Some kind, _
        | None, [ kind ] -> named kind
        | None, kinds ->
            let kinds = System.String.Join(", ", kinds)

            Error(
                RecordError.Unsupported(
                    [],
                    $"the file has one number, which may be of any of these schedulers: {kinds}; --scheduler says of which"
                )
            )
