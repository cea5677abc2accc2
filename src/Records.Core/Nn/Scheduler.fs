namespace Records.Core

/// The schedulers whose records Burn writes. A file does not say which of them it is of.
[<RequireQualifiedAccess>]
type SchedulerKind =
    /// A rate that stays as it is: nothing is kept.
    | Constant
    | Noam
    | Linear
    | Cosine
    | Exponential
    /// Since Burn 0.16.
    | Step
    /// Since Burn 0.19.
    | Composed

/// What a scheduler of the learning rate keeps.
[<RequireQualifiedAccess>]
type SchedulerRecord =
    | Constant
    /// Steps so far.
    | Noam of Step: uint64
    /// Steps still to come.
    | Linear of Remaining: uint64
    /// The step in the current cycle; UInt64.MaxValue before the first.
    | Cosine of Current: uint64
    /// The rate of the last step.
    | Exponential of PreviousRate: double
    /// Steps so far; -1 before the first.
    | Step of Index: int
    /// Linear, Cosine, Exponential and Noam alone.
    | Composed of Schedulers: SchedulerRecord list

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module SchedulerRecord =

    // Source: the lr_scheduler module of burn-core at the release tags 0.7 to 0.21.

    /// Which scheduler it is of.
    let kind scheduler =
        match scheduler with
        | SchedulerRecord.Constant -> SchedulerKind.Constant
        | SchedulerRecord.Noam _ -> SchedulerKind.Noam
        | SchedulerRecord.Linear _ -> SchedulerKind.Linear
        | SchedulerRecord.Cosine _ -> SchedulerKind.Cosine
        | SchedulerRecord.Exponential _ -> SchedulerKind.Exponential
        | SchedulerRecord.Step _ -> SchedulerKind.Step
        | SchedulerRecord.Composed _ -> SchedulerKind.Composed

    // The order of Burn's enum.
    let private parts =
        [ SchedulerKind.Linear; SchedulerKind.Cosine; SchedulerKind.Exponential; SchedulerKind.Noam ]

    /// What the record of such a scheduler looks like in files; every Burn that has it lays it out alike.
    let rec schema kind =
        match kind with
        | SchedulerKind.Constant -> Schema.Scalar ScalarType.Unit
        | SchedulerKind.Noam
        | SchedulerKind.Linear
        | SchedulerKind.Cosine -> Schema.Scalar ScalarType.U64
        | SchedulerKind.Exponential -> Schema.Scalar ScalarType.F64
        | SchedulerKind.Step -> Schema.Scalar ScalarType.I32
        | SchedulerKind.Composed ->
            Schema.Struct [ "schedulers", Schema.List(Schema.Enum [ for part in parts -> string part, schema part ]) ]

    /// The record of a scheduler. Fails for what a composed one cannot hold.
    let toRecord scheduler : Result<Record, RecordError> =
        let rec record scheduler =
            match scheduler with
            | SchedulerRecord.Constant -> Record.Scalar Scalar.Unit
            | SchedulerRecord.Noam value
            | SchedulerRecord.Linear value
            | SchedulerRecord.Cosine value -> Record.Scalar(Scalar.U64 value)
            | SchedulerRecord.Exponential rate -> Record.Scalar(Scalar.F64 rate)
            | SchedulerRecord.Step index -> Record.Scalar(Scalar.I32 index)
            | SchedulerRecord.Composed schedulers ->
                let part index scheduler =
                    match List.tryFindIndex ((=) (kind scheduler)) parts with
                    | Some number -> Record.Enum(number, string (kind scheduler), record scheduler)
                    | None ->
                        let reason = $"a composed scheduler cannot hold {kind scheduler}"
                        RecordError.raise (RecordError.Unsupported([ "schedulers"; string index ], reason))

                Record.Struct [ { Name = "schedulers"; Value = Record.List(List.mapi part schedulers) } ]

        RecordError.catch (fun () -> record scheduler)

    /// The scheduler of this kind in a record, whether it was read with a schema or without.
    let ofRecord kind (record: Record) : Result<SchedulerRecord, RecordError> =
        let wrong expected record : 'T =
            let actual = Schema.describe (Schema.ofRecord record)
            RecordError.raise (RecordError.Mismatch([], expected, actual))

        let under name work =
            try
                work ()
            with RecordFault error ->
                RecordError.raise (RecordError.under name error)

        let count record =
            match record with
            | Record.Scalar(Scalar.U64 value) -> value
            | other -> wrong "a count of steps" other

        let rec scheduler kind record =
            match kind, record with
            | SchedulerKind.Constant, (Record.Scalar Scalar.Unit | Record.Constant _ | Record.Option None) ->
                SchedulerRecord.Constant
            | SchedulerKind.Constant, other -> wrong "nothing" other
            | SchedulerKind.Noam, record -> SchedulerRecord.Noam(count record)
            | SchedulerKind.Linear, record -> SchedulerRecord.Linear(count record)
            | SchedulerKind.Cosine, record -> SchedulerRecord.Cosine(count record)
            | SchedulerKind.Exponential, Record.Scalar(Scalar.F64 rate) -> SchedulerRecord.Exponential rate
            // JSON prints whole numbers and short fractions alike for every type
            | SchedulerKind.Exponential, Record.Scalar(Scalar.F32 rate) -> SchedulerRecord.Exponential(double rate)
            | SchedulerKind.Exponential, other -> wrong "a rate" other
            | SchedulerKind.Step, Record.Scalar(Scalar.I32 index) -> SchedulerRecord.Step index
            | SchedulerKind.Step, Record.Scalar(Scalar.I64 index) when index >= -2147483648L && index <= 2147483647L ->
                SchedulerRecord.Step(int index)
            | SchedulerKind.Step, Record.Scalar(Scalar.U64 index) when index <= 2147483647UL ->
                SchedulerRecord.Step(int index)
            | SchedulerKind.Step, other -> wrong "a step" other
            | SchedulerKind.Composed, (Record.Struct [ { Name = "schedulers"; Value = Record.List items } ]) ->
                let part item =
                    let case, payload =
                        match item with
                        | Record.Enum(_, case, payload) -> case, payload
                        | Record.Struct [ lone ]
                        | Record.Map [ lone ] -> lone.Name, lone.Value
                        | other -> wrong "a scheduler" other

                    match List.tryFind (fun part -> string part = case) parts with
                    | Some kind -> under case (fun () -> scheduler kind payload)
                    | None -> RecordError.raise (RecordError.Mismatch([], "a scheduler", case))

                let part index item =
                    under "schedulers" (fun () -> under (string index) (fun () -> part item))

                SchedulerRecord.Composed(List.mapi part items)
            | SchedulerKind.Composed, other -> wrong "composed schedulers" other

        RecordError.catch (fun () -> scheduler kind record)
