namespace Records.Core

#nowarn "3261" // F#'s None is null, and reflection hands it out as any other value

open System
open System.Collections
open System.Collections.Generic
open System.Reflection
open FSharp.Reflection

/// A .NET number, text or truth value as a scalar and back.
[<NoEquality; NoComparison>]
type internal BindScalar = { Kind: ScalarType; ToScalar: obj -> Scalar; OfScalar: Scalar -> obj }

/// The values that F# types are made of, taken apart and put together by reflection.
[<RequireQualifiedAccess>]
module internal BindValues =

    /// Records and unions may be private.
    let all = BindingFlags.Public ||| BindingFlags.NonPublic

    let private generic (kind: Type) definition =
        kind.IsGenericType && kind.GetGenericTypeDefinition() = definition

    let (|Optional|_|) (kind: Type) =
        if generic kind typedefof<option<_>> then
            Some kind.GenericTypeArguments[0]
        else
            None

    let (|Sequence|_|) (kind: Type) =
        if kind.IsArray then
            match kind.GetElementType() with
            | null -> None
            | item -> Some item
        elif generic kind typedefof<list<_>> then
            Some kind.GenericTypeArguments[0]
        else
            None

    // ---- scalars

    let private scalar<'T> kind (write: 'T -> Scalar) (read: Scalar -> 'T voption) =
        let ofScalar value =
            match read (Raise.scalar kind value) with
            | ValueSome value -> box value
            | ValueNone -> invalidOp "A scalar is of the type that was asked for."

        typeof<'T>, { Kind = kind; ToScalar = unbox<'T> >> write; OfScalar = ofScalar }

    let private scalars =
        dict
            [
                scalar ScalarType.Bool Scalar.Bool (function
                    | Scalar.Bool value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.Text Scalar.Text (function
                    | Scalar.Text value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.Text (ParamId.text >> Scalar.Text) (function
                    | Scalar.Text value -> ValueSome(ParamId value)
                    | _ -> ValueNone)
                scalar ScalarType.F64 Scalar.F64 (function
                    | Scalar.F64 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.F32 Scalar.F32 (function
                    | Scalar.F32 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.F16 (BitConverter.HalfToUInt16Bits >> Scalar.F16) (function
                    | Scalar.F16 bits -> ValueSome(BitConverter.UInt16BitsToHalf bits)
                    | _ -> ValueNone)
                scalar ScalarType.BF16 (fun (value: BFloat16) -> Scalar.BF16 value.Bits) (function
                    | Scalar.BF16 bits -> ValueSome { BFloat16.Bits = bits }
                    | _ -> ValueNone)
                scalar ScalarType.I64 Scalar.I64 (function
                    | Scalar.I64 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.I32 Scalar.I32 (function
                    | Scalar.I32 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.I16 Scalar.I16 (function
                    | Scalar.I16 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.I8 Scalar.I8 (function
                    | Scalar.I8 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.U64 Scalar.U64 (function
                    | Scalar.U64 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.U32 Scalar.U32 (function
                    | Scalar.U32 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.U16 Scalar.U16 (function
                    | Scalar.U16 value -> ValueSome value
                    | _ -> ValueNone)
                scalar ScalarType.U8 Scalar.U8 (function
                    | Scalar.U8 value -> ValueSome value
                    | _ -> ValueNone)
            ]

    let private nothing =
        { Kind = ScalarType.Unit; ToScalar = (fun _ -> Scalar.Unit); OfScalar = fun _ -> box () }

    /// How values of this type are scalars; None for types that are none.
    let (|Scalar|_|) (kind: Type) =
        if kind = typeof<unit> then
            Some nothing
        else
            match scalars.TryGetValue kind with
            | true, scalar -> Some scalar
            | _ -> None

    // ---- lists and maps

    let private listOf (item: Type) (array: Array) =
        let ofArray =
            typeof<list<int>>.Assembly.GetType "Microsoft.FSharp.Collections.ListModule"
            |> Option.ofObj
            |> Option.bind (fun listModule -> Option.ofObj (listModule.GetMethod "OfArray"))

        match ofArray with
        | Some ofArray -> ofArray.MakeGenericMethod(item).Invoke(null, [| box array |])
        | None -> invalidOp "FSharp.Core has List.ofArray."

    let private arrayOf (item: Type) (items: obj[]) =
        let array = Array.CreateInstance(item, items.Length)
        items |> Array.iteri (fun index value -> array.SetValue(value, index))
        array

    /// A list or array of this type with these items.
    let sequence (kind: Type) (item: Type) (items: obj[]) : obj =
        let array = arrayOf item items
        if kind.IsArray then box array else listOf item array

    /// A map of texts or parameter ids: its items by key, in order, and back.
    [<NoEquality; NoComparison>]
    type Keyed = { Item: Type; Read: obj -> (string * obj)[]; Build: (string * obj)[] -> obj }

    let private keyText (key: obj) =
        match key with
        | :? ParamId as id -> ParamId.text id
        | key -> string key

    let private keyOf (kind: Type) (text: string) =
        if kind = typeof<ParamId> then
            box (ParamId text)
        else
            box text

    let private pairs (pair: Type) key (entries: (string * obj)[]) =
        arrayOf pair [| for name, value in entries -> FSharpValue.MakeTuple([| keyOf key name; value |], pair) |]

    let private mapOf (kind: Type) (key: Type) (item: Type) =
        let entry = typedefof<KeyValuePair<_, _>>.MakeGenericType(key, item)
        let pair = FSharpType.MakeTupleType [| key; item |]

        let get (name: string) (value: obj) =
            match entry.GetProperty name with
            | null -> invalidOp "An entry has a key and a value."
            | property -> property.GetValue value

        {
            Item = item
            Read =
                fun value -> [| for entry in (value :?> IEnumerable) -> keyText (get "Key" entry), get "Value" entry |]
            Build =
                fun entries ->
                    match Activator.CreateInstance(kind, [| box (pairs pair key entries) |]) with
                    | null -> invalidOp "A map is not null."
                    | map -> map
        }

    /// Pairs with a parameter id first are a map whose order is kept.
    let private orderedOf (kind: Type) (pair: Type) =
        let read = FSharpValue.PreComputeTupleReader pair

        {
            Item = pair.GenericTypeArguments[1]
            Read =
                fun value ->
                    [|
                        for pair in (value :?> IEnumerable) ->
                            let parts = read pair
                            keyText parts[0], parts[1]
                    |]
            Build =
                fun entries ->
                    let array = pairs pair typeof<ParamId> entries
                    if kind.IsArray then box array else listOf pair array
        }

    /// Map<string, _>, Map<ParamId, _>, and lists of pairs that begin with a ParamId.
    let (|Keyed|_|) (kind: Type) =
        let isPair (item: Type) =
            FSharpType.IsTuple item
            && item.GenericTypeArguments.Length = 2
            && item.GenericTypeArguments[0] = typeof<ParamId>

        match kind with
        | Sequence item when isPair item -> Some(orderedOf kind item)
        | _ when generic kind typedefof<Map<_, _>> ->
            let key, item = kind.GenericTypeArguments[0], kind.GenericTypeArguments[1]

            if key = typeof<string> || key = typeof<ParamId> then
                Some(mapOf kind key item)
            else
                None
        | _ -> None

    // ---- values of no file

    /// Something of this type where nothing says what: zero, the empty text, the first case.
    let rec blank (kind: Type) : obj =
        match kind with
        | _ when kind = typeof<string> -> box ""
        | _ when kind = typeof<Parameter> || kind = typeof<TensorData> -> null
        | Optional _ -> null
        | Keyed map -> map.Build [||]
        | Sequence item -> sequence kind item [||]
        | _ when kind.IsValueType && not (FSharpType.IsTuple kind) -> Activator.CreateInstance kind
        | _ when FSharpType.IsTuple kind ->
            FSharpValue.MakeTuple(Array.map blank (FSharpType.GetTupleElements kind), kind)
        | _ when FSharpType.IsRecord(kind, all) ->
            let fields = FSharpType.GetRecordFields(kind, all)
            FSharpValue.MakeRecord(kind, [| for field in fields -> blank field.PropertyType |], all)
        | _ when FSharpType.IsUnion(kind, all) ->
            let first = (FSharpType.GetUnionCases(kind, all))[0]
            FSharpValue.MakeUnion(first, [| for field in first.GetFields() -> blank field.PropertyType |], all)
        | _ -> null
