namespace Records.Core

#nowarn "3261" // F#'s None is null, and reflection hands it out as any other value

open System
open System.Collections

/// Records into values: into one that is there, which keeps what files do not hold, or into a new one.
[<RequireQualifiedAccess>]
module internal BindLoad =

    let private under name place =
        {
            Path = name :: place.Path
            Annexed = Option.map (fun path -> name :: path) place.Annexed
            Version = None
        }

    /// One level further in where the annex has another name than messages have.
    let private underAs annexed name place =
        {
            Path = name :: place.Path
            Annexed = Option.map (fun path -> annexed :: path) place.Annexed
            Version = None
        }

    let private pathOf place : RecordPath = List.rev place.Path

    /// What is there, whatever optional wraps it: None for nil.
    let rec private present record =
        match record with
        | Some(Record.Option inner) -> present inner
        | Some(Record.Constant _)
        | Some(Record.Scalar Scalar.Unit) -> None
        | record -> record

    // In memory it is converted now, so that what does not fit is known; from an open file when it is touched.
    let private held (data: TensorData) =
        if data.Bytes.Source.InMemory then
            View.tryHold data
        else
            Ok data

    let private unused (loading: BindLoading) place record =
        if not loading.Options.AllowUnused then
            for inner, data in Record.tensors record do
                loading.Fault(RecordError.Unexpected(pathOf place @ inner, TensorData.text data))

    let private variant record =
        match record with
        | Record.Enum(_, case, payload) -> Some(case, Some payload)
        | Record.Struct [ lone ]
        | Record.Map [ lone ] -> Some(lone.Name, Some lone.Value)
        | Record.Scalar(Scalar.Text case) -> Some(case, None)
        | _ -> None

    /// The value that a record becomes: with what the value there has, or without one.
    let rec load (loading: BindLoading) place plan (there: obj voption) (record: Record option) : obj =
        let record = present record
        let path = pathOf place

        let kept () =
            match there with
            | ValueSome value -> value
            | ValueNone -> BindPlan.blank plan

        let fault error =
            loading.Fault error
            kept ()

        let missing expected =
            if there.IsSome && loading.Options.AllowMissing then
                kept ()
            else
                fault (RecordError.Missing(path, expected))

        let mismatch expected (record: Record) =
            fault (RecordError.Mismatch(path, expected, Schema.describe (Schema.ofRecord record)))

        let made result =
            match result with
            | Ok value -> box value
            | Error error -> fault (RecordError.mapPath (fun inner -> path @ inner) error)

        match plan, there, record with
        | BindPlan.Versioned(_, current), _, None -> load loading place current there None
        | BindPlan.Versioned(versions, current), _, Some record ->
            match migrated loading place versions current record with
            | Some(place, record) -> load loading place current there (Some record)
            | None -> kept ()
        | BindPlan.Constant _, _, Some record ->
            unused loading place record
            kept ()
        | BindPlan.Constant _, _, None -> kept ()
        | BindPlan.Option _, (ValueNone | ValueSome null), None -> null
        | BindPlan.Option(_, _, _, false), ValueSome null, Some record ->
            unused loading place record
            null
        | BindPlan.Option(item, some, _, _), (ValueNone | ValueSome null), Some record ->
            some (load loading place item ValueNone (Some record))
        | BindPlan.Option(item, some, read, _), ValueSome value, Some record ->
            some (load loading place item (ValueSome(read value)) (Some record))
        | BindPlan.Option(_, _, _, true), ValueSome _, None -> null
        | BindPlan.Option(item, _, read, _), ValueSome value, None ->
            if not (hasState item (read value)) then value
            elif loading.Options.AllowNilOptional then null
            else fault (RecordError.Mismatch(path, "a value", "nil"))
        | BindPlan.Param, ValueSome(:? Parameter as parameter), Some(Record.Param(id, data)) ->
            intoParameter loading place parameter id data
        | BindPlan.Param, _, Some(Record.Param(id, data)) ->
            held data
            |> Result.map (fun held -> loading.Share(data, Parameter(id, held)))
            |> made
        | BindPlan.Param, ValueSome(:? Parameter as parameter), None ->
            missing $"{Dtype.name parameter.Dtype} {Shape.text parameter.Shape}"
        | BindPlan.Param, _, None -> missing "a parameter"
        | BindPlan.Param, _, Some record -> mismatch "a parameter" record
        | BindPlan.Tensor, _, Some(Record.Tensor data) -> made (held data)
        | BindPlan.Tensor, _, None -> missing "a tensor"
        | BindPlan.Tensor, _, Some record -> mismatch "a tensor" record
        | BindPlan.Scalar scalar, _, _ when scalar.Kind = ScalarType.Unit -> null
        | BindPlan.Scalar scalar, _, Some(Record.Scalar value) ->
            made (RecordError.catch (fun () -> scalar.OfScalar value))
        | BindPlan.Scalar scalar, _, None -> missing (string scalar.Kind)
        | BindPlan.Scalar scalar, _, Some record -> mismatch (string scalar.Kind) record
        | BindPlan.Struct(fields, read, build), _, _ ->
            let values = ValueOption.map read there

            match record with
            | Some(Record.Struct inner | Record.Map inner) ->
                surplus loading place fields inner
                fieldwise loading place fields values build inner
            | None -> fieldwise loading place fields values build []
            | Some record -> mismatch "a struct" record
        | BindPlan.Tuple(items, read, build), _, Some(Record.Tuple inner | Record.List inner | Record.Array inner) when
            inner.Length = items.Length
            ->
            let values = ValueOption.map read there

            build
                [|
                    for index, inner in List.indexed inner ->
                        let there = values |> ValueOption.map (fun values -> values[index])
                        load loading (under (string index) place) items[index] there (Some inner)
                |]
        | BindPlan.Tuple(items, _, _), _, Some record -> mismatch $"a tuple of {items.Length}" record
        | BindPlan.List(item, build, owned), _, Some(Record.List inner | Record.Array inner | Record.Tuple inner) ->
            sequence loading place item (there, owned) (List.toArray inner) build
        | BindPlan.List _, _, Some record -> mismatch "a list" record
        | BindPlan.Map(item, read, build), _, Some(Record.Map inner | Record.Struct inner) ->
            let values =
                match there with
                | ValueSome value -> Map.ofArray (read value)
                | ValueNone -> Map.empty

            for name, several in List.countBy (fun (field: Field) -> field.Name) inner do
                if several > 1 then
                    loading.Fault(RecordError.Unexpected(path @ [ name ], "there a second time"))

            build
                [|
                    for entry in inner ->
                        let there =
                            match Map.tryFind entry.Name values with
                            | Some value -> ValueSome value
                            | None -> ValueNone

                        entry.Name, load loading (underAs Versions.items entry.Name place) item there (Some entry.Value)
                |]
        | BindPlan.Map _, _, Some record -> mismatch "a map" record
        | BindPlan.Union(cases, tag, read, build, owned), _, Some record ->
            let current = ValueOption.map tag there
            let names = String.Join(" or ", Array.map fst cases)

            match variant record, current with
            | Some(case, payload), ValueSome index when fst cases[index] = case ->
                let there = ValueOption.map (read index) there
                build index (load loading (under case place) (snd cases[index]) there payload)
            | Some(case, _), ValueSome index when not owned ->
                fault (RecordError.Mismatch(path, fst cases[index], case))
            | Some(case, payload), _ ->
                match Array.tryFindIndex (fst >> (=) case) cases with
                | Some index -> build index (load loading (under case place) (snd cases[index]) ValueNone payload)
                | None -> fault (RecordError.Mismatch(path, names, case))
            | None, ValueSome index when not owned -> mismatch (fst cases[index]) record
            | None, _ -> mismatch names record
        | BindPlan.Optimizer(state, _, build), _, Some record ->
            match OptimizerTree.entries record with
            | Error error -> fault (RecordError.mapPath (fun inner -> path @ inner) error)
            | Ok entries ->
                build
                    [|
                        for entry in entries ->
                            let place = { place with Annexed = None }

                            let place =
                                List.fold
                                    (fun place name -> under name place)
                                    place
                                    [ ParamId.text entry.Id; "V1"; $"Rank{entry.Rank}" ]

                            struct (entry.Id, entry.Rank, load loading place state ValueNone (Some entry.State))
                    |]
        | (BindPlan.Tuple _ | BindPlan.List _ | BindPlan.Map _ | BindPlan.Union _ | BindPlan.Optimizer _), _, None ->
            match there with
            | ValueSome value when not (hasState plan value) -> value
            | _ -> missing "a value"

    and private hasState plan value = BindTree.hasState plan value

    /// The record as one of the newest version, and where that is. None when something is wrong, which has been told.
    and private migrated loading place versions current record : (BindPlace * Record) option =
        let path = pathOf place

        let fault error =
            loading.Fault(RecordError.mapPath (fun inner -> path @ inner) error)
            None

        let found =
            match place.Version, place.Annexed with
            | Some version, _ -> Ok version
            | None, Some annexed -> Versions.at (List.rev annexed) loading.Annex
            | None, None -> Ok versions.Version

        match found with
        | Error error ->
            loading.Fault error
            None
        | Ok found when found = versions.Version -> Some({ place with Version = None }, record)
        | Ok found ->
            match BindVersions.from found versions with
            | None -> fault (Versions.later [] versions.Name found versions.Version)
            | Some(BindMigration.Tree tree) ->
                match RecordError.catch (fun () -> tree.Migrate record) |> Result.bind id with
                | Ok record -> migrated loading { place with Version = Some(found + 1) } versions current record
                | Error error -> fault error
            | Some(BindMigration.Typed(_, old, migrate)) ->
                let before = loading.Faults.Count
                let value = load loading { place with Version = Some found } old ValueNone (Some record)

                if loading.Faults.Count > before then
                    None
                else
                    match
                        RecordError.catch (fun () -> migrate value |> Result.map (BindTree.record current))
                        |> Result.bind id
                    with
                    | Ok record -> Some({ place with Annexed = None; Version = None }, record)
                    | Error error -> fault error

    /// Tensors under names that no field has.
    and private surplus loading place fields (inner: Field list) =
        let known =
            set
                [
                    for field in fields do
                        field.Name
                        yield! field.Former
                ]

        for extra in inner do
            if not (known.Contains extra.Name) then
                unused loading (under extra.Name place) extra.Value

    and private fieldwise loading place (fields: BindField[]) (values: obj[] voption) build (inner: Field list) =
        build
            [|
                for index, field in Array.indexed fields ->
                    let there = values |> ValueOption.map (fun values -> values[index])
                    let names = field.Name :: field.Former
                    let found = inner |> List.filter (fun inner -> List.contains inner.Name names)

                    match field.Plan, found with
                    | None, _ ->
                        match there with
                        | ValueSome value -> value
                        | ValueNone -> BindValues.blank field.Type
                    | Some plan, [] ->
                        match there with
                        | ValueSome value when field.HasDefault -> value
                        | _ -> load loading (under field.Name place) plan there None
                    | Some plan, [ only ] ->
                        match there, present (Some only.Value) with
                        | ValueSome value, None when field.HasDefault -> value
                        | _ -> load loading (underAs only.Name field.Name place) plan there (Some only.Value)
                    | Some plan, several ->
                        // twice under one name, or an older name besides the newer
                        let other = List.last several
                        let problem = $"there besides '{several.Head.Name}'"
                        loading.Fault(RecordError.Unexpected(pathOf (under other.Name place), problem))
                        ValueOption.defaultWith (fun () -> BindPlan.blank plan) there
            |]

    and private sequence loading place item (there, owned) (records: Record[]) build =
        let values =
            match there with
            | ValueSome(:? IEnumerable as values) -> Array.ofSeq (Seq.cast<obj> values)
            | _ -> [||]

        let one index record =
            let there =
                if index < values.Length then
                    ValueSome values[index]
                else
                    ValueNone

            load loading (underAs Versions.items (string index) place) item there (Some record)

        if owned || there.IsNone then
            build (Array.mapi one records)
        else
            let common = min values.Length records.Length

            let surplus =
                Array.exists (hasState item) (Array.skip common values)
                || Array.exists (Record.tensors >> Seq.isEmpty >> not) (Array.skip common records)

            if
                values.Length <> records.Length
                && surplus
                && not loading.Options.AllowOtherLength
            then
                let text count = $"{count} items"
                loading.Fault(RecordError.Mismatch(pathOf place, text values.Length, text records.Length))
                there.Value
            else
                build
                    [|
                        for index, value in Array.indexed values ->
                            if index < common then one index records[index] else value
                    |]

    and private intoParameter loading place (parameter: Parameter) id (data: TensorData) : obj =
        if parameter.Shape <> data.Shape then
            let expected = $"{Dtype.name parameter.Dtype} {Shape.text parameter.Shape}"
            loading.Fault(RecordError.Mismatch(pathOf place, expected, TensorData.text data))
            box parameter
        else
            let cast = Cast.tensor (pathOf place) false parameter.Dtype data

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
