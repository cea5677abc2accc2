namespace Records.Core

#nowarn "3261" // F#'s None is null, and reflection hands it out as any other value

open System
open System.Collections
open System.Collections.Concurrent
open System.Reflection
open FSharp.Reflection

/// The name of a field or variant in files, where it is not the rule's: [<RecordName "norm_1">].
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type RecordNameAttribute(name: string) =
    inherit Attribute()
    /// The name in files.
    member _.Name = name

/// A field that files do not hold at all.
[<AttributeUsage(AttributeTargets.Property ||| AttributeTargets.Field)>]
type NotRecordedAttribute() =
    inherit Attribute()

/// How a type is recorded, found once by reflection.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type internal BindPlan =
    | Param
    /// Something that cannot hold a parameter: a none in files, whatever its value.
    | Constant of Type
    | Struct of Fields: BindField[] * Read: (obj -> obj[]) * Build: (obj[] -> obj)
    | Tuple of Items: BindPlan[] * Read: (obj -> obj[]) * Build: (obj[] -> obj)
    | Option of Item: BindPlan * Some: (obj -> obj) * Value: (obj -> obj)
    | List of Item: BindPlan * Build: (obj[] -> obj)
    | Union of Cases: (string * BindPlan)[] * Tag: (obj -> int) * Read: (int -> obj -> obj) * Build: (int -> obj -> obj)

and [<NoEquality; NoComparison>] internal BindField =
    {
        Name: string
        /// None for a field that files do not hold.
        Plan: BindPlan option
    }

[<RequireQualifiedAccess>]
module internal BindPlan =

    let private all = BindingFlags.Public ||| BindingFlags.NonPublic

    /// RunningMean as running_mean: an underscore goes before a capital that follows a small letter or comes before one.
    let fieldName (name: string) =
        let isSmall index =
            index >= 0 && index < name.Length && Char.IsLower name[index]

        let isCapital index = Char.IsUpper name[index]

        String.Join(
            "",
            name
            |> Seq.mapi (fun index letter ->
                let begins =
                    index > 0
                    && Char.IsUpper letter
                    // a digit or an underscore before a capital is no border
                    && (isSmall (index - 1) || isSmall (index + 1) && isCapital (index - 1))

                (if begins then "_" else "") + string (Char.ToLowerInvariant letter))
        )

    let private named (property: PropertyInfo) =
        match property.GetCustomAttribute<RecordNameAttribute>() with
        | null -> fieldName property.Name
        | attribute -> attribute.Name

    let private generic (kind: Type) definition =
        kind.IsGenericType && kind.GetGenericTypeDefinition() = definition

    let private (|Optional|_|) (kind: Type) =
        if generic kind typedefof<option<_>> then
            Some kind.GenericTypeArguments[0]
        else
            None

    let private (|Sequence|_|) (kind: Type) =
        if kind.IsArray then
            match kind.GetElementType() with
            | null -> None
            | item -> Some item
        elif generic kind typedefof<list<_>> then
            Some kind.GenericTypeArguments[0]
        else
            None

    /// Whether a value of this type can hold a parameter.
    let rec private holds (seen: Type list) (kind: Type) =
        let inner = holds (kind :: seen)

        if kind = typeof<Parameter> then
            true
        elif List.contains kind seen then
            // a type within itself adds nothing that is not found outside
            false
        else
            match kind with
            | Optional item
            | Sequence item -> inner item
            | _ when FSharpType.IsTuple kind -> FSharpType.GetTupleElements kind |> Array.exists inner
            | _ when FSharpType.IsRecord(kind, all) ->
                FSharpType.GetRecordFields(kind, all)
                |> Array.exists (fun field -> inner field.PropertyType)
            | _ when FSharpType.IsUnion(kind, all) ->
                FSharpType.GetUnionCases(kind, all)
                |> Array.exists (fun case -> case.GetFields() |> Array.exists (fun field -> inner field.PropertyType))
            | _ -> false

    /// The layout of a constant by its type: the item of a list stands for all.
    let rec layout (kind: Type) =
        match kind with
        | Optional item -> Constant.Optional(Some(layout item))
        | Sequence item -> Constant.Listed [ layout item ]
        | _ when FSharpType.IsTuple kind ->
            Constant.Fixed [ for item in FSharpType.GetTupleElements kind -> layout item ]
        | _ -> Constant.Single

    /// The layout of a constant by its value.
    let rec layoutOf (kind: Type) (value: obj | null) =
        match kind, value with
        | Optional _, null -> Constant.Optional None
        | Optional item, value ->
            let _, fields = FSharpValue.GetUnionFields(value, kind)
            Constant.Optional(Some(layoutOf item fields[0]))
        | Sequence item, (:? IEnumerable as items) -> Constant.Listed [ for value in items -> layoutOf item value ]
        | _, value when FSharpType.IsTuple kind && not (isNull value) ->
            let kinds = FSharpType.GetTupleElements kind

            Constant.Fixed
                [ for kind, value in Array.zip kinds (FSharpValue.GetTupleFields value) -> layoutOf kind value ]
        | _ -> Constant.Single

    let private cache = ConcurrentDictionary<Type, BindPlan>()

    let rec private make (kind: Type) : BindPlan =
        if kind = typeof<Parameter> then
            BindPlan.Param
        elif not (holds [] kind) then
            BindPlan.Constant kind
        else
            match kind with
            | Optional item ->
                let some = FSharpType.GetUnionCases kind |> Array.find (fun case -> case.Name = "Some")

                let build = FSharpValue.PreComputeUnionConstructor some
                let read = FSharpValue.PreComputeUnionReader some
                BindPlan.Option(ofType item, (fun value -> build [| value |]), (fun value -> (read value)[0]))
            | Sequence item ->
                let build (items: obj[]) =
                    let array = Array.CreateInstance(item, items.Length)
                    items |> Array.iteri (fun index value -> array.SetValue(value, index))

                    if kind.IsArray then
                        box array
                    else
                        let ofArray = typeof<list<int>>.Assembly.GetType "Microsoft.FSharp.Collections.ListModule"

                        match ofArray with
                        | null -> invalidOp "FSharp.Core has lists."
                        | listModule ->
                            match listModule.GetMethod "OfArray" with
                            | null -> invalidOp "FSharp.Core has List.ofArray."
                            | ofArray ->
                                match ofArray.MakeGenericMethod(item).Invoke(null, [| box array |]) with
                                | null -> invalidOp "A list is not null."
                                | list -> list

                BindPlan.List(ofType item, build)
            | _ when FSharpType.IsTuple kind ->
                BindPlan.Tuple(
                    FSharpType.GetTupleElements kind |> Array.map ofType,
                    FSharpValue.PreComputeTupleReader kind,
                    FSharpValue.PreComputeTupleConstructor kind
                )
            | _ when FSharpType.IsRecord(kind, all) ->
                let fields =
                    [|
                        for property in FSharpType.GetRecordFields(kind, all) ->
                            let recorded = isNull (property.GetCustomAttribute<NotRecordedAttribute>())

                            {
                                Name = named property
                                Plan =
                                    if recorded then
                                        Some(ofType property.PropertyType)
                                    else
                                        None
                            }
                    |]

                let names =
                    [
                        for field in fields do
                            if field.Plan.IsSome then
                                field.Name
                    ]

                if names <> List.distinct names then
                    invalidOp $"{kind.Name} has two fields of one name in files; [<RecordName>] tells them apart."

                BindPlan.Struct(
                    fields,
                    FSharpValue.PreComputeRecordReader(kind, all),
                    FSharpValue.PreComputeRecordConstructor(kind, all)
                )
            | _ when FSharpType.IsUnion(kind, all) ->
                let cases = FSharpType.GetUnionCases(kind, all)

                let plans =
                    [|
                        for case in cases ->
                            match case.GetFields() with
                            | [||] -> case.Name, BindPlan.Constant typeof<unit>
                            | [| field |] -> case.Name, ofType field.PropertyType
                            | _ ->
                                invalidOp
                                    $"{kind.Name}.{case.Name} has several fields; a variant of a module has one or none."
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
                    (fun tag value -> builders[tag](if fieldless[tag] then [||] else [| value |]))
                )
            | _ ->
                invalidOp
                    $"{kind.Name} holds a parameter where Bind does not look: only F# records, unions, options, lists, arrays and tuples."

    /// The plan of a type, made once. A type that contains itself is refused by the depth of its plan.
    and ofType kind =
        match cache.TryGetValue kind with
        | true, plan -> plan
        | _ ->
            let plan = make kind
            cache.TryAdd(kind, plan) |> ignore
            plan
