namespace Records.Core

#nowarn "3261" // F#'s None is null, and reflection hands it out as any other value

open System
open System.Collections
open System.Collections.Concurrent
open System.Reflection
open FSharp.Reflection

/// How a type is recorded, found once by reflection. Owned are values of types marked Recorded: a file's word is all that counts.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type internal BindPlan =
    | Param
    /// Something that cannot hold a parameter: a none in files, whatever its value.
    | Constant of Type
    | Scalar of BindScalar
    | Tensor
    | Struct of Fields: BindField[] * Read: (obj -> obj[]) * Build: (obj[] -> obj)
    | Tuple of Items: BindPlan[] * Read: (obj -> obj[]) * Build: (obj[] -> obj)
    | Option of Item: BindPlan * Some: (obj -> obj) * Value: (obj -> obj) * Owned: bool
    | List of Item: BindPlan * Build: (obj[] -> obj) * Owned: bool
    | Map of Item: BindPlan * Read: (obj -> (string * obj)[]) * Build: ((string * obj)[] -> obj)
    | Union of
        Cases: (string * BindPlan)[] *
        Tag: (obj -> int) *
        Read: (int -> obj -> obj) *
        Build: (int -> obj -> obj) *
        Owned: bool
    /// States by parameter, each under its rank.
    | Optimizer of
        State: BindPlan *
        Read: (obj -> struct (ParamId * int * obj)[]) *
        Build: (struct (ParamId * int * obj)[] -> obj)
    /// A record or union, which may have had other layouts.
    | Versioned of Versions: BindVersions * Current: BindPlan

and [<NoEquality; NoComparison>] internal BindField =
    {
        Name: string
        /// Names that older files have.
        Former: string list
        Type: Type
        /// None for a field that files do not hold.
        Plan: BindPlan option
        /// Whether a file may lack it.
        HasDefault: bool
        Since: BurnVersion option
        Until: BurnVersion option
    }

and [<NoEquality; NoComparison>] internal BindVersions = { Name: string; Version: int; Migrations: BindMigration list }

and [<RequireQualifiedAccess; NoEquality; NoComparison>] internal BindMigration =
    /// From a value of an older type, of this version and through it of those before.
    | Typed of Version: int * Old: BindPlan * Migrate: (obj -> Result<obj, RecordError>)
    | Tree of TreeMigration

[<RequireQualifiedAccess>]
module internal BindVersions =

    /// The migration to take from an older version; there is one for each.
    let from version (versions: BindVersions) =
        let exact migration =
            match migration with
            | BindMigration.Typed(older, _, _) -> older = version
            | BindMigration.Tree tree -> tree.FromVersion = version

        let later migration =
            match migration with
            | BindMigration.Typed(older, _, _) when older > version -> Some(older, migration)
            | _ -> None

        match List.tryFind exact versions.Migrations, List.choose later versions.Migrations with
        | Some migration, _ -> Some migration
        | None, [] -> None
        | None, several -> Some(several |> List.minBy fst |> snd)

[<RequireQualifiedAccess>]
module internal BindField =

    /// Whether Burn of this version has the field.
    let isIn (version: BurnVersion) (field: BindField) =
        Option.forall (fun since -> version >= since) field.Since
        // all of 0.8, whatever its patch
        && Option.forall (fun until -> (version.Major, version.Minor) <= (until.Major, until.Minor)) field.Until

[<RequireQualifiedAccess>]
module internal BindPlan =

    let private all = BindValues.all

    let private said<'Attribute when 'Attribute :> Attribute and 'Attribute: not null and 'Attribute: not struct>
        (element: MemberInfo)
        =
        Option.ofObj (element.GetCustomAttribute<'Attribute>())

    let private isRecorded (kind: Type) = (said<RecordedAttribute> kind).IsSome

    let private isModuleShaped (kind: Type) =
        FSharpType.IsRecord(kind, all) || FSharpType.IsUnion(kind, all)

    /// Whether a value of this type can hold state: a parameter, or something recorded.
    let rec private holds (seen: Type list) (kind: Type) =
        let inner = holds (kind :: seen)

        if kind = typeof<Parameter> || isRecorded kind then
            true
        elif List.contains kind seen then
            // a type within itself adds nothing that is not found outside
            false
        else
            match kind with
            | BindValues.Optional item
            | BindValues.Sequence item -> inner item
            | _ when FSharpType.IsTuple kind -> FSharpType.GetTupleElements kind |> Array.exists inner
            | _ when FSharpType.IsRecord(kind, all) ->
                FSharpType.GetRecordFields(kind, all)
                |> Array.exists (fun field -> inner field.PropertyType)
            | _ when FSharpType.IsUnion(kind, all) ->
                FSharpType.GetUnionCases(kind, all)
                |> Array.exists (fun case -> case.GetFields() |> Array.exists (fun field -> inner field.PropertyType))
            | _ -> false

    /// Something of the plan's type where a file has nothing.
    let rec blank plan : obj =
        match plan with
        | BindPlan.Constant kind -> BindValues.blank kind
        | BindPlan.Scalar scalar when scalar.Kind = ScalarType.Unit -> null
        | BindPlan.Scalar scalar when scalar.Kind = ScalarType.Text -> scalar.OfScalar(Scalar.Text "")
        | BindPlan.Scalar scalar when scalar.Kind = ScalarType.Bool -> box false
        | BindPlan.Scalar scalar -> scalar.OfScalar(Scalar.U64 0UL)
        | BindPlan.Param
        | BindPlan.Tensor
        | BindPlan.Option _ -> null
        | BindPlan.Struct(fields, _, build) ->
            build
                [|
                    for field in fields ->
                        match field.Plan with
                        | Some plan -> blank plan
                        | None -> BindValues.blank field.Type
                |]
        | BindPlan.Tuple(items, _, build) -> build (Array.map blank items)
        | BindPlan.List(_, build, _) -> build [||]
        | BindPlan.Map(_, _, build) -> build [||]
        | BindPlan.Optimizer(_, _, build) -> build [||]
        | BindPlan.Union(cases, _, _, build, _) -> build 0 (blank (snd cases[0]))
        | BindPlan.Versioned(_, current) -> blank current

    let private cache = ConcurrentDictionary<struct (Type * bool), BindPlan>()

    let private versionOf (kind: Type) =
        match said<RecordVersionAttribute> kind with
        | Some said when said.Version < 1 -> invalidOp $"The version of {kind.Name} must be 1 or more."
        | Some said -> said.Version
        | None -> 1

    let private burn (kind: Type) text =
        match BurnVersion.tryParse text with
        | Some version -> version
        | None -> invalidOp $"{kind.Name}: '{text}' is no version of Burn."

    let rec private make owned (kind: Type) : BindPlan =
        match kind with
        | _ when kind = typeof<Parameter> -> BindPlan.Param
        | BindValues.Scalar scalar when owned -> BindPlan.Scalar scalar
        | _ when owned && kind = typeof<TensorData> -> BindPlan.Tensor
        | BindValues.Keyed map when owned -> BindPlan.Map(ofType owned map.Item, map.Read, map.Build)
        | _ when
            kind.IsGenericType
            && kind.GetGenericTypeDefinition() = typedefof<OptimizerRecord<_>>
            ->
            optimizer kind
        | BindValues.Optional item when owned || holds [] kind ->
            let some = FSharpType.GetUnionCases kind |> Array.find (fun case -> case.Name = "Some")
            let build = FSharpValue.PreComputeUnionConstructor some
            let read = FSharpValue.PreComputeUnionReader some
            BindPlan.Option(ofType owned item, (fun value -> build [| value |]), (fun value -> (read value)[0]), owned)
        | BindValues.Sequence item when owned || holds [] kind ->
            BindPlan.List(ofType owned item, BindValues.sequence kind item, owned)
        | _ when FSharpType.IsTuple kind && (owned || holds [] kind) ->
            BindPlan.Tuple(
                FSharpType.GetTupleElements kind |> Array.map (ofType owned),
                FSharpValue.PreComputeTupleReader kind,
                FSharpValue.PreComputeTupleConstructor kind
            )
        | _ when not (holds [] kind) ->
            if owned then
                invalidOp
                    $"{kind.Name} is not something that a recorded type stores: mark it [<Recorded>], or the field [<NotRecorded>]."
            else
                BindPlan.Constant kind
        | _ when isModuleShaped kind ->
            // inside a type the mark is its own: a module keeps constants wherever it is
            let owned = isRecorded kind
            let version = versionOf kind

            let plan =
                if FSharpType.IsRecord(kind, all) then
                    structure owned kind
                else
                    union owned kind

            let migrations = migrations owned kind version
            complete kind version migrations
            BindPlan.Versioned({ Name = kind.Name; Version = version; Migrations = migrations }, plan)
        | _ ->
            invalidOp
                $"{kind.Name} holds a parameter where Bind does not look: only F# records, unions, options, lists, arrays and tuples."

    and private structure owned kind =
        let fields =
            [|
                for property in FSharpType.GetRecordFields(kind, all) ->
                    let recorded = (said<NotRecordedAttribute> property).IsNone

                    {
                        Name =
                            match said<RecordNameAttribute> property with
                            | Some said -> said.Name
                            | None -> FieldName.ofMember property.Name
                        Former =
                            match said<RecordAliasAttribute> property with
                            | Some said -> List.ofArray said.Names
                            | None -> []
                        Type = property.PropertyType
                        Plan =
                            if recorded then
                                Some(ofType owned property.PropertyType)
                            else
                                None
                        HasDefault = (said<RecordDefaultAttribute> property).IsSome
                        Since =
                            said<BurnSinceAttribute> property
                            |> Option.map (fun said -> burn kind said.Version)
                        Until =
                            said<BurnUntilAttribute> property
                            |> Option.map (fun said -> burn kind said.Version)
                    }
            |]

        let names =
            [
                for field in fields do
                    if field.Plan.IsSome then
                        field.Name
                        yield! field.Former
            ]

        if names <> List.distinct names then
            invalidOp $"{kind.Name} has two fields of one name in files; [<RecordName>] tells them apart."

        BindPlan.Struct(
            fields,
            FSharpValue.PreComputeRecordReader(kind, all),
            FSharpValue.PreComputeRecordConstructor(kind, all)
        )

    and private union owned kind =
        let cases = FSharpType.GetUnionCases(kind, all)

        let plans =
            [|
                for case in cases ->
                    match case.GetFields() with
                    | [||] -> case.Name, BindPlan.Constant typeof<unit>
                    | [| field |] -> case.Name, ofType owned field.PropertyType
                    | _ ->
                        invalidOp $"{kind.Name}.{case.Name} has several fields; a variant of a module has one or none."
            |]

        let readers = cases |> Array.map (fun case -> FSharpValue.PreComputeUnionReader(case, all))

        let builders =
            cases
            |> Array.map (fun case -> FSharpValue.PreComputeUnionConstructor(case, all))

        let fieldless = cases |> Array.map (fun case -> case.GetFields().Length = 0)

        BindPlan.Union(
            plans,
            FSharpValue.PreComputeUnionTagReader(kind, all),
            (fun tag value -> if fieldless[tag] then box () else (readers[tag] value)[0]),
            (fun tag value -> builders[tag](if fieldless[tag] then [||] else [| value |])),
            owned
        )

    and private optimizer (kind: Type) =
        let state = kind.GenericTypeArguments[0]
        let entry = typedefof<OptimizerState<_>>.MakeGenericType state
        let entries = FSharpValue.PreComputeRecordReader(kind, all)
        let build = FSharpValue.PreComputeRecordConstructor(kind, all)
        let readEntry = FSharpValue.PreComputeRecordReader(entry, all)
        let buildEntry = FSharpValue.PreComputeRecordConstructor(entry, all)
        let listKind = typedefof<list<_>>.MakeGenericType entry

        let read value =
            match (entries value)[0] with
            | :? IEnumerable as states ->
                [|
                    for entry in states ->
                        let parts = readEntry entry
                        struct (unbox<ParamId> parts[0], unbox<int> parts[1], parts[2])
                |]
            | _ -> [||]

        let make (states: struct (ParamId * int * obj)[]) =
            let entries = [| for struct (id, rank, state) in states -> buildEntry [| box id; box rank; state |] |]
            build [| BindValues.sequence listKind entry entries |]

        BindPlan.Optimizer(ofType true state, read, make)

    /// The static members that lead to this type from older versions.
    and private migrations owned (kind: Type) version =
        let members = BindingFlags.Static ||| all

        let typed (method: MethodInfo) =
            let result = method.ReturnType

            let isResult =
                result.IsGenericType
                && result.GetGenericTypeDefinition() = typedefof<Result<_, _>>

            let gives =
                if isResult && result.GenericTypeArguments[1] = typeof<RecordError> then
                    result.GenericTypeArguments[0]
                else
                    result

            match method.GetParameters() with
            | [| parameter |] when gives = kind ->
                let old = parameter.ParameterType

                if versionOf old >= version then
                    invalidOp $"{kind.Name}.{method.Name} migrates from {old.Name}, which is no older version."

                let migrate (value: obj) : Result<obj, RecordError> =
                    let migrated = method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [| value |], null)

                    if isResult then
                        let case, fields = FSharpValue.GetUnionFields(migrated, result)

                        if case.Name = "Ok" then
                            Ok fields[0]
                        else
                            Error(unbox<RecordError> fields[0])
                    else
                        Ok migrated

                BindMigration.Typed(versionOf old, ofType owned old, migrate)
            | _ ->
                invalidOp
                    $"{kind.Name}.{method.Name} is no migration: one takes a value of an older type and gives one of {kind.Name}."

        [
            for method in kind.GetMethods members do
                if (said<RecordMigrationAttribute> method).IsSome then
                    typed method
            for property in kind.GetProperties members do
                if (said<RecordMigrationAttribute> property).IsSome then
                    match property.GetValue null with
                    | :? TreeMigration as tree when tree.FromVersion >= 1 && tree.FromVersion < version ->
                        BindMigration.Tree tree
                    | :? TreeMigration as tree ->
                        invalidOp
                            $"{kind.Name}.{property.Name} starts from version {tree.FromVersion}, which is not older."
                    | _ -> invalidOp $"{kind.Name}.{property.Name} is no TreeMigration."
        ]

    /// A version that nothing leads from would be found out by whoever has such a file.
    and private complete (kind: Type) version migrations =
        let versions = { Name = kind.Name; Version = version; Migrations = migrations }

        for older in 1 .. version - 1 do
            if (BindVersions.from older versions).IsNone then
                invalidOp
                    $"{kind.Name} is of version {version}, and no [<RecordMigration>] leads to it from version {older}."

    /// The plan of a type, made once; owned where it stands in a type marked Recorded. A type that contains itself is refused
    /// by the depth of its plan.
    and ofType owned kind =
        match cache.TryGetValue(struct (kind, owned)) with
        | true, plan -> plan
        | _ ->
            let plan = make owned kind
            cache.TryAdd(struct (kind, owned), plan) |> ignore
            plan
