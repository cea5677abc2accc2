namespace Records.Core

open System

/// Scheduler records as burnpack has them: numbers by name, "remaining_iters", "current_iter", "previous_lr", "step" and
/// "iter_idx", each of one scheduler. Composed schedulers number theirs, "0.current_iter"; and what Burn 0.22 saves while it
/// trains is inside its groups of parameters, of which there is one unless more were asked for.
[<RequireQualifiedAccess>]
module SchedulerFlat =

    // Source: lr_scheduler in burn-optim, 0.22.0-pre.2.

    /// The only group of parameters that a recorder's Burn knew.
    let private group = "0."

    /// A scheduler's record as Burn 0.22 keeps it while it trains.
    let ofScheduler (scheduler: SchedulerRecord) : Flat =
        let rec scalars prefix scheduler =
            match scheduler with
            | SchedulerRecord.Constant -> []
            // counted in floats since 0.22
            | SchedulerRecord.Noam step -> [ prefix + "step", Scalar.F64(double step) ]
            | SchedulerRecord.Linear remaining -> [ prefix + "remaining_iters", Scalar.U64 remaining ]
            | SchedulerRecord.Cosine current -> [ prefix + "current_iter", Scalar.U64 current ]
            | SchedulerRecord.Exponential rate -> [ prefix + "previous_lr", Scalar.F64 rate ]
            | SchedulerRecord.Step index -> [ prefix + "iter_idx", Scalar.I64(int64 index) ]
            | SchedulerRecord.Composed schedulers ->
                schedulers
                |> List.indexed
                |> List.collect (fun (index, part) -> scalars $"{prefix}{index}." part)

        { Tensors = []; Scalars = scalars group scheduler }

    let private fail error : 'T = RecordError.raise error

    let private number name scalar =
        let fit kind =
            match Numbers.fit kind scalar with
            | Ok scalar -> scalar
            | Error error -> fail (RecordError.under name error)

        let count () =
            match fit ScalarType.U64 with
            | Scalar.U64 value -> value
            | _ -> 0UL

        match name, scalar with
        | "remaining_iters", _ -> SchedulerRecord.Linear(count ())
        | "current_iter", _ -> SchedulerRecord.Cosine(count ())
        | "previous_lr", _ ->
            match fit ScalarType.F64 with
            | Scalar.F64 rate -> SchedulerRecord.Exponential rate
            | _ -> SchedulerRecord.Exponential 0.
        | "iter_idx", _ ->
            match fit ScalarType.I32 with
            | Scalar.I32 index -> SchedulerRecord.Step index
            | _ -> SchedulerRecord.Step 0
        | "step", Scalar.F64 value when value >= 0. && value <= 9007199254740992. && value = Math.Floor value ->
            SchedulerRecord.Noam(uint64 value)
        | "step", Scalar.F64 value -> fail (RecordError.OutOfRange([ name ], 1L, string value, "a count of steps"))
        | "step", _ -> SchedulerRecord.Noam(count ())
        | _ -> fail (RecordError.Unexpected([ name ], "no number of a scheduler"))

    /// The scheduler that a file's numbers are of. Fails for those that Burn's recorders had no record of: sequences, and several
    /// groups of parameters, which look like composed schedulers and are read as such.
    let toScheduler (flat: Flat) : Result<SchedulerRecord, RecordError> =
        let rec scheduler isGroup record =
            match record with
            | Record.Struct [] -> SchedulerRecord.Constant
            | Record.Struct [ { Name = name; Value = Record.Scalar value } ] -> number name value
            | Record.List [ only ] when isGroup -> scheduler false only
            | Record.List parts -> SchedulerRecord.Composed(List.map (scheduler false) parts)
            | _ -> fail (RecordError.Unsupported([], "Burn's recorders have no record for this scheduler"))

        RecordError.catch (fun () ->
            match flat.Tensors with
            | tensor :: _ -> fail (RecordError.Unexpected([ tensor.Name ], TensorData.text tensor.Data))
            | [] -> scheduler true (Flat.toRecord flat))

    /// The kinds that a bare number may be of, as a recorder's file has it: integers are of several.
    let kinds (record: Record) =
        match record with
        | Record.Scalar Scalar.Unit
        | Record.Constant _
        | Record.Option None -> [ SchedulerKind.Constant ]
        | Record.Scalar(Scalar.F64 _ | Scalar.F32 _) -> [ SchedulerKind.Exponential ]
        // a step counts from -1, a cosine from the largest number there is
        | Record.Scalar(Scalar.I32 _) -> [ SchedulerKind.Step ]
        | Record.Scalar(Scalar.I64 value) when value < 0L -> [ SchedulerKind.Step ]
        | Record.Scalar(Scalar.U64 UInt64.MaxValue) -> [ SchedulerKind.Cosine ]
        | Record.Scalar(Scalar.U64 _) ->
            [ SchedulerKind.Noam; SchedulerKind.Linear; SchedulerKind.Cosine; SchedulerKind.Step ]
        | Record.Struct [ { Name = "schedulers"; Value = Record.List _ } ] -> [ SchedulerKind.Composed ]
        | _ -> []

    /// The codec of a flat format for the record of a scheduler of this kind: by these names in the file, a bare number in the record.
    let codec (kind: SchedulerKind) (flat: Codec) : Codec =
        let encode context (document: Document) =
            SchedulerRecord.ofRecord kind document.Root
            |> Result.bind (fun scheduler ->
                flat.Encode context { document with Root = Flat.toRecord (ofScheduler scheduler) })

        let decode (context: DecodeContext) input =
            flat.Decode { context with Schema = None } input
            |> Result.bind (fun document ->
                Flat.ofRecord document.Root
                |> Result.bind toScheduler
                |> Result.bind (fun scheduler ->
                    if SchedulerRecord.kind scheduler = kind then
                        SchedulerRecord.toRecord scheduler
                    else
                        let found = $"one of {SchedulerRecord.kind scheduler}"
                        Error(RecordError.Mismatch([], $"a record of {kind}", found)))
                |> Result.map (fun root -> { document with Root = root }))

        { flat with Encode = encode; Decode = decode }
