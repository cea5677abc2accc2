namespace Records.Core

#nowarn "3261" // F#'s None is null, and reflection hands it out as any other value

open System.Collections

/// Values as records, and what their types look like in files.
[<RequireQualifiedAccess>]
module internal BindTree =

    let private orRaise result =
        match result with
        | Ok value -> value
        | Error error -> RecordError.raise error

    /// The state of a value as a record.
    let rec record plan (value: obj | null) : Record =
        let under name plan value =
            Burn.under name (fun () -> record plan value)

        match plan, value with
        | BindPlan.Versioned(_, current), value -> record current value
        | BindPlan.Constant kind, value -> Record.Constant(BindConstant.layoutOf kind value)
        | BindPlan.Scalar scalar, value when scalar.Kind = ScalarType.Unit || not (isNull value) ->
            Record.Scalar(scalar.ToScalar value)
        | BindPlan.Option _, null -> Record.Option None
        | BindPlan.Param, (:? Parameter as parameter) -> Record.Param(parameter.Id, parameter.Value)
        | BindPlan.Tensor, (:? TensorData as data) -> Record.Tensor data
        | _, null -> RecordError.raise (RecordError.Missing([], "a value"))
        | BindPlan.Option(item, _, read, _), value -> Record.Option(Some(record item (read value)))
        | BindPlan.Struct(fields, read, _), value ->
            Record.Struct
                [
                    for field, value in Array.zip fields (read value) do
                        match field.Plan with
                        // what only an older Burn has is written where it is there
                        | Some _ when isNull value && not (BindField.isIn BurnVersion.latest field) -> ()
                        | Some plan -> { Name = field.Name; Value = under field.Name plan value }
                        | None -> ()
                ]
        | BindPlan.Tuple(items, read, _), value ->
            Record.Tuple
                [
                    for index, (plan, value) in Seq.indexed (Seq.zip items (read value)) ->
                        under (string index) plan value
                ]
        | BindPlan.List(item, _, _), (:? IEnumerable as values) ->
            Record.List [ for index, value in Seq.indexed (Seq.cast<obj> values) -> under (string index) item value ]
        | BindPlan.Map(item, read, _), value ->
            Record.Map [ for name, value in read value -> { Name = name; Value = under name item value } ]
        | BindPlan.Union(cases, tag, read, _, _), value ->
            let index = tag value
            let name, plan = cases[index]
            Record.Enum(index, name, under name plan (read index value))
        | BindPlan.Optimizer(state, read, _), value ->
            let entry (id, rank, value) : OptimizerEntry =
                {
                    OptimizerEntry.Id = id
                    OptimizerEntry.Rank = rank
                    OptimizerEntry.State = under (ParamId.text id) state value
                }

            [ for struct (id, rank, value) in read value -> entry (id, rank, value) ]
            |> OptimizerTree.toRecord
            |> orRaise
        | BindPlan.List _, _
        | BindPlan.Scalar _, _
        | BindPlan.Tensor, _
        | BindPlan.Param, _ -> invalidOp "A plan belongs to another type."

    /// What the type looks like in a file with this annex, or newly written where there is none; the path is that of the annex,
    /// innermost name first. Raises for a version that is not known.
    let rec schema (annex: Map<string, string> option) path plan (burn: BurnVersion) : Schema =
        let under name plan = schema annex (name :: path) plan burn

        match plan with
        | BindPlan.Param -> Schema.Param
        | BindPlan.Tensor -> Schema.Tensor
        | BindPlan.Scalar scalar -> Schema.Scalar scalar.Kind
        | BindPlan.Constant kind -> Schema.Constant(BindConstant.layout kind)
        | BindPlan.Option(item, _, _, _) -> Schema.Option(schema annex path item burn)
        | BindPlan.List(item, _, _) -> Schema.List(under Versions.items item)
        | BindPlan.Map(item, _, _) -> Schema.Map(under Versions.items item)
        | BindPlan.Tuple(items, _, _) ->
            Schema.Tuple [ for index, item in Seq.indexed items -> under (string index) item ]
        | BindPlan.Union(cases, _, _, _, _) -> Schema.Enum [ for name, plan in cases -> name, under name plan ]
        | BindPlan.Optimizer(state, _, _) -> OptimizerTree.around (schema None [] state) burn
        | BindPlan.Struct(fields, _, _) ->
            Schema.Struct
                [
                    for field in fields do
                        match field.Plan with
                        | Some plan when BindField.isIn burn field ->
                            let names = field.Name :: field.Former

                            let spelled =
                                match annex with
                                | Some annex when not field.Former.IsEmpty ->
                                    Versions.spelled (List.rev path) names annex
                                | _ -> field.Name

                            let item = under spelled plan

                            field.Name,
                            (if field.Former.IsEmpty then
                                 item
                             else
                                 Schema.Renamed(field.Former, item))
                        | _ -> ()
                ]
        | BindPlan.Versioned(versions, current) ->
            let place = List.rev path

            let found =
                match annex with
                | Some annex -> orRaise (Versions.at place annex)
                | None -> versions.Version

            if found = versions.Version then
                schema annex path current burn
            else
                match BindVersions.from found versions with
                | Some(BindMigration.Typed(_, old, _)) -> schema annex path old burn
                | Some(BindMigration.Tree tree) -> tree.FromSchema burn
                | None -> RecordError.raise (Versions.later place versions.Name found versions.Version)

    /// The version of each record and union in the type, by its path.
    let versions plan : (RecordPath * int) list =
        let rec walk path plan =
            [
                match plan with
                | BindPlan.Versioned(versions, current) ->
                    List.rev path, versions.Version
                    yield! walk path current
                | BindPlan.Option(item, _, _, _) -> yield! walk path item
                | BindPlan.List(item, _, _)
                | BindPlan.Map(item, _, _) -> yield! walk (Versions.items :: path) item
                | BindPlan.Tuple(items, _, _) ->
                    for index, item in Seq.indexed items do
                        yield! walk (string index :: path) item
                | BindPlan.Union(cases, _, _, _, _) ->
                    for name, plan in cases do
                        yield! walk (name :: path) plan
                | BindPlan.Struct(fields, _, _) ->
                    for field in fields do
                        match field.Plan with
                        | Some plan -> yield! walk (field.Name :: path) plan
                        | None -> ()
                // an optimizer's states are Burn's
                | BindPlan.Optimizer _
                | BindPlan.Param
                | BindPlan.Tensor
                | BindPlan.Scalar _
                | BindPlan.Constant _ -> ()
            ]

        walk [] plan

    /// Whether there is state in a value, so that a record which lacks it lacks something.
    let rec hasState plan (value: obj | null) =
        match plan, value with
        | BindPlan.Versioned(_, current), value -> hasState current value
        | _, null
        | BindPlan.Constant _, _ -> false
        | BindPlan.Scalar scalar, _ -> scalar.Kind <> ScalarType.Unit
        | BindPlan.Param, _
        | BindPlan.Tensor, _
        | BindPlan.Map _, _
        | BindPlan.Optimizer _, _ -> true
        | BindPlan.Option(item, _, read, _), value -> hasState item (read value)
        | BindPlan.Struct(fields, read, _), value ->
            Array.zip fields (read value)
            |> Array.exists (fun (field, value) ->
                match field.Plan with
                | Some plan -> hasState plan value
                | None -> false)
        | BindPlan.Tuple(items, read, _), value -> Array.exists2 hasState items (read value)
        | BindPlan.List(_, _, true), _ -> true
        | BindPlan.List(item, _, _), (:? IEnumerable as values) -> Seq.exists (hasState item) (Seq.cast<obj> values)
        | BindPlan.List _, _ -> false
        | BindPlan.Union(_, _, _, _, true), _ -> true
        | BindPlan.Union(cases, tag, read, _, _), value ->
            let index = tag value
            hasState (snd cases[index]) (read index value)
