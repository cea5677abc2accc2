namespace Records.Core

/// What an optimizer keeps of one parameter: the parameter's id and rank, and a state of the optimizer's own.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type OptimizerEntry = { Id: ParamId; Rank: int; State: Record }

/// The layout of optimizer records: a map from parameter ids, each state inside a version and a rank.
[<RequireQualifiedAccess>]
module OptimizerTree =

    // Source: the optim module of burn-core at the release tags 0.7 to 0.21.

    /// Ranks have the numbers of their names since 0.13; before that there was no Rank0, and the first was Rank1.
    let private ranks version =
        [ (if version < BurnVersion.minor 13 then 1 else 0) .. 8 ]

    let private rankName (rank: int) = $"Rank{rank}"

    /// The schema of a record of such states, from that of one state.
    let around (state: BurnVersion -> Schema) version =
        let state = state version
        Schema.Map(Schema.Enum [ "V1", Schema.Enum [ for rank in ranks version -> rankName rank, state ] ])

    /// States as a record, in their order, as the newest Burn lays it out; Conform.toSchema makes an older one's of it.
    let toRecord (entries: OptimizerEntry seq) : Result<Record, RecordError> =
        let wrap (entry: OptimizerEntry) =
            if not (List.contains entry.Rank (ranks BurnVersion.latest)) then
                let reason = $"an optimizer has no state of rank {entry.Rank}"
                RecordError.raise (RecordError.Unsupported([ ParamId.text entry.Id ], reason))

            let ranked = Record.Enum(entry.Rank, rankName entry.Rank, entry.State)
            { Name = ParamId.text entry.Id; Value = Record.Enum(0, "V1", ranked) }

        RecordError.catch (fun () -> Record.Map [ for entry in entries -> wrap entry ])

    /// The states in an optimizer's record, whether it was read with a schema or without. Fails for a record of another layout.
    let entries (record: Record) : Result<OptimizerEntry list, RecordError> =
        let wrong path expected record : 'T =
            let actual = Schema.describe (Schema.ofRecord record)
            RecordError.raise (RecordError.Mismatch(path, expected, actual))

        // a file that describes itself cannot tell a variant from a struct of one field
        let variant path expected record =
            match record with
            | Record.Enum(_, case, payload) -> case, payload
            | Record.Struct [ lone ]
            | Record.Map [ lone ] -> lone.Name, lone.Value
            | other -> wrong path expected other

        let entry (field: Field) =
            let version, ranked = variant [ field.Name ] "an optimizer's state" field.Value

            if version <> "V1" then
                RecordError.raise (RecordError.Mismatch([ field.Name ], "V1", version))

            let name, state = variant [ field.Name; version ] "a rank" ranked

            match List.tryFind (fun rank -> rankName rank = name) (ranks BurnVersion.latest) with
            | Some rank ->
                { OptimizerEntry.Id = ParamId field.Name; OptimizerEntry.Rank = rank; OptimizerEntry.State = state }
            | None -> RecordError.raise (RecordError.Mismatch([ field.Name; version ], "Rank0 to Rank8", name))

        RecordError.catch (fun () ->
            match record with
            | Record.Map fields
            | Record.Struct fields -> List.map entry fields
            | other -> wrong [] "an optimizer's states by parameter id" other)
