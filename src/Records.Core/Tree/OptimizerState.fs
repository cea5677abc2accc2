namespace Records.Core

open System
open System.Collections.Generic

/// Optimizer records in their two forms. Recorders nest: a map from parameter ids to V1, to the rank, to the state. Burnpack is
/// flat: "42.momentum.moment_1", where 42 is the id as a number, and beside the tensors "42.momentum.time" and "42.__rank".
[<RequireQualifiedAccess>]
module OptimizerState =

    let private rankName = "__rank"

    let private version = "V1"

    let private (|Rank|_|) (name: string) =
        match name.StartsWith("Rank", StringComparison.Ordinal), Int32.TryParse(name.AsSpan(min 4 name.Length)) with
        | true, (true, rank) when rank >= 0 && name = $"Rank{rank}" -> Some rank
        | _ -> None

    // a file read without a schema shows a variant as a struct of one field
    let private (|Variant|_|) record =
        match record with
        | Record.Enum(_, name, payload)
        | Record.Struct [ { Name = name; Value = payload } ]
        | Record.Map [ { Name = name; Value = payload } ] -> Some(name, payload)
        | _ -> None

    let private (|State|_|) record =
        match record with
        | Variant(name, Variant(Rank rank, state)) when name = version -> Some(rank, state)
        | _ -> None

    // ---- to burnpack's names

    let private flatten (entries: (string * int * Record) list) : Flat =
        let tensors = ResizeArray()
        let scalars = ResizeArray()

        let rec walk id path record =
            let inside name = $"{path}.{name}"

            match record with
            | Record.Param(_, data)
            | Record.Tensor data -> tensors.Add { Name = path; Id = Some id; Data = data }
            | Record.Scalar Scalar.Unit
            | Record.Constant _
            | Record.Option None -> ()
            | Record.Scalar value -> scalars.Add(path, value)
            | Record.Option(Some item) -> walk id path item
            | Record.List items ->
                scalars.Add(inside "len", Scalar.U64(uint64 items.Length))
                List.iteri (fun index item -> walk id (inside (string index)) item) items
            | _ ->
                for name, child in Record.children record do
                    walk id (inside name) child

        for id, rank, state in entries do
            let id = ParamId id
            let number = string (Flat.numberOf id)
            scalars.Add($"{number}.{rankName}", Scalar.U64(uint64 rank))
            walk id number state

        { Tensors = List.ofSeq tensors; Scalars = List.ofSeq scalars }

    /// An optimizer record as burnpack lists it; None for a record that is no optimizer's.
    let ofRecord (record: Record) : Flat option =
        match record with
        | Record.Map entries
        | Record.Struct entries when not entries.IsEmpty ->
            let states =
                entries
                |> List.choose (fun entry ->
                    match entry.Value with
                    | State(rank, state) -> Some(entry.Name, rank, state)
                    | _ -> None)

            if states.Length = entries.Length then
                Some(flatten states)
            else
                None
        | _ -> None

    // ---- and back

    let rec private ranks schema =
        match schema with
        | Schema.Maybe seen
        | Schema.Renamed(_, seen) -> ranks seen
        | Schema.Map(Schema.Enum [ name, Schema.Enum variants ]) when
            name = version
            && variants |> List.forall (fun (name, _) -> (|Rank|_|) name |> Option.isSome)
            ->
            Some variants
        | _ -> None

    /// True for the schema of an optimizer's record.
    let isSchema schema = (ranks schema).IsSome

    /// What the list has of each parameter: rank, tensors and numbers, their names without the number.
    let private grouped (flat: Flat) : (uint64 * int * Flat) list =
        let order = ResizeArray<uint64>()
        let tensors = Dictionary<uint64, ResizeArray<FlatTensor>>()
        let scalars = Dictionary<uint64, ResizeArray<string * Scalar>>()

        let split (name: string) =
            match name.IndexOf '.' with
            | dot when dot > 0 ->
                match UInt64.TryParse(name.AsSpan(0, dot), Globalization.NumberStyles.None, null) with
                | true, number -> number, name.Substring(dot + 1)
                | _ -> RecordError.raise (RecordError.Unexpected([ name ], "no state of a parameter"))
            | _ -> RecordError.raise (RecordError.Unexpected([ name ], "no state of a parameter"))

        let at number =
            if not (tensors.ContainsKey number) then
                order.Add number
                tensors[number] <- ResizeArray()
                scalars[number] <- ResizeArray()

        for tensor in flat.Tensors do
            let number, name = split tensor.Name
            at number
            // the name says whose it is
            tensors[number].Add { tensor with Name = name; Id = None }

        for name, value in flat.Scalars do
            let number, name = split name
            at number
            scalars[number].Add(name, value)

        [
            for number in order ->
                let isRank (name, _) = name = rankName

                let rank =
                    match Seq.tryFind isRank scalars[number] with
                    | Some(_, Scalar.U64 rank) when rank < 100UL -> int rank
                    | Some(_, other) ->
                        let path = [ $"{number}.{rankName}" ]
                        RecordError.raise (RecordError.Mismatch(path, "a rank", $"{other}"))
                    | None ->
                        match Seq.tryHead tensors[number] with
                        // Burn takes the rank of a tensor where none is said
                        | Some tensor -> Shape.dims tensor.Data.Shape |> List.length
                        | None -> RecordError.raise (RecordError.Missing([ $"{number}.{rankName}" ], "a rank"))

                let isState (name: string, _) =
                    name <> rankName && not (name.EndsWith(".len", StringComparison.Ordinal))

                number,
                rank,
                { Tensors = List.ofSeq tensors[number]; Scalars = List.ofSeq (Seq.filter isState scalars[number]) }
        ]

    let private entries (idOf: uint64 -> ParamId) (flat: Flat) (state: int -> Flat -> int * Record) =
        RecordError.catch (fun () ->
            Record.Map
                [
                    for number, rank, flat in grouped flat ->
                        let index, state = state rank flat

                        {
                            Name = ParamId.text (idOf number)
                            Value = Record.Enum(0, version, Record.Enum(index, $"Rank{rank}", state))
                        }
                ])

    /// The list as the optimizer's record of this schema; ids are named by the function.
    let toSchema (schema: Schema) (idOf: uint64 -> ParamId) (flat: Flat) : Result<Record, RecordError> =
        match ranks schema with
        | None -> Error(RecordError.Mismatch([], "the schema of an optimizer", Schema.describe schema))
        | Some variants ->
            entries idOf flat (fun rank flat ->
                match List.tryFindIndex (fun (name, _) -> name = $"Rank{rank}") variants with
                | None ->
                    RecordError.raise (RecordError.Unsupported([], $"the optimizer has no state for rank {rank}"))
                | Some index ->
                    match Flat.toSchema (snd variants[index]) flat with
                    | Ok state -> index, state
                    | Error error -> RecordError.raise error)

    // The fields of all of Burn's states in the order of their structs, and those that may be absent by a field beside them.
    let private fieldOrder =
        [
            "time"
            "moment_1"
            "moment_2"
            "max_moment_2"
            "exp_avg"
            "exp_avg_sq"
            "exp_avg_diff"
            "neg_pre_grad"
            "sum"
        ]
        @ [ "square_avg"; "centered"; "momentum"; "grad_avg"; "avg"; "velocity"; "buf"; "lr_decay" ]

    let private absent = [ "moment_2", "max_moment_2"; "avg", "grad_avg"; "centered", "momentum" ]

    let rec private ordered record =
        match record with
        | Record.Struct fields ->
            let has name =
                List.exists (fun (field: Field) -> field.Name = name) fields

            let nils =
                [
                    for beside, name in absent do
                        if has beside && not (has name) then
                            { Name = name; Value = Record.Option None }
                ]

            let place (field: Field) =
                List.tryFindIndex ((=) field.Name) fieldOrder
                |> Option.defaultValue Int32.MaxValue

            [ for field in fields @ nils -> { field with Value = ordered field.Value } ]
            |> List.sortBy place
            |> Record.Struct
        | other -> other

    /// True for a list that has the names of an optimizer's state.
    let isFlat (flat: Flat) =
        flat.Scalars
        |> List.exists (fun (name, _) -> name.EndsWith("." + rankName, StringComparison.Ordinal))

    /// The list as an optimizer's record where no schema says more: the states of Burn's own optimizers get their fields in order,
    /// and nil for those that are optional and not there.
    let toRecord (idOf: uint64 -> ParamId) (flat: Flat) : Result<Record, RecordError> =
        entries idOf flat (fun rank flat ->
            match ordered (Flat.toRecord flat) with
            // SGD without momentum has nothing to remember
            | Record.Struct [] -> rank, Record.Struct [ { Name = "momentum"; Value = Record.Option None } ]
            | state -> rank, state)
