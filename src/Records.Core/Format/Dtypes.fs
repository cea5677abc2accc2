namespace Records.Core

open System

/// Dtypes as serde writes them: enum variants by name and number, with what Bool and QFloat carry.
[<RequireQualifiedAccess>]
module internal Dtypes =

    // Variants in the order of their numbers (burn-tensor's quantization scheme, 0.20 and 0.21).
    let private quantValues = [ "Q8F"; "E5M2"; "E4M3"; "Q4F"; "E2M1"; "Q2F"; "Q8S"; "Q4S"; "Q2S" ]
    let private quantParams = [ "F32"; "F16"; "BF16"; "UE8M0"; "UE4M3" ]
    let private boolStores = [ "Native"; "U8"; "U32" ]

    let private units names =
        Kind.Variant [ for name in names -> name, None ]

    let private schemeKind =
        Kind.Struct
            [
                "value", units quantValues
                "param", units quantParams
                "store",
                Kind.Variant
                    [
                        "Native", None
                        "PackedNative", Some(Kind.Scalar ScalarType.U64)
                        "PackedU32", Some(Kind.Scalar ScalarType.U64)
                    ]
                "level",
                Kind.Variant
                    [
                        "Tensor", None
                        "Block",
                        Some(
                            Kind.Struct
                                [
                                    "storage", Kind.Tuple(List.replicate 5 (Kind.Scalar ScalarType.U8))
                                    "len", Kind.Scalar ScalarType.U8
                                ]
                        )
                    ]
                "mode", units [ "Symmetric" ]
            ]

    /// What a dtype is in this generation.
    let kind generation =
        Kind.Variant
            [
                for name in generation.Dtypes ->
                    match name with
                    | "Bool" when generation.BoolStores -> name, Some(units boolStores)
                    | "QFloat" -> name, Some schemeKind
                    | _ -> name, None
            ]

    let private unit names name =
        Value.Variant(List.findIndex ((=) name) names, name, ValueNone)

    let private u8 (value: byte) = Value.Scalar(Scalar.U8 value)

    let private lowerScheme (scheme: QuantScheme) =
        let store =
            match scheme.Store with
            | QuantStore.Native -> Value.Variant(0, "Native", ValueNone)
            | QuantStore.PackedNative dim -> Value.Variant(1, "PackedNative", ValueSome(Value.Scalar(Scalar.U64 dim)))
            | QuantStore.PackedU32 dim -> Value.Variant(2, "PackedU32", ValueSome(Value.Scalar(Scalar.U64 dim)))

        let unknown what : 'T =
            RecordError.raise (RecordError.Unsupported([], $"no Burn that had recorders knew {what}"))

        if scheme.Mode = QuantMode.Lookup then
            unknown "quantisation by a lookup table"

        let level =
            match scheme.Level with
            // the same thing, which no recorder of Burn had another word for
            | QuantLevel.Unsaid
            | QuantLevel.Tensor -> Value.Variant(0, "Tensor", ValueNone)
            | QuantLevel.BlockTensor _ -> unknown "quantisation scales of two levels"
            | QuantLevel.Block(storage, length) ->
                let block =
                    Value.Struct [| "storage", Value.Tuple [| for size in storage -> u8 size |]; "len", u8 length |]

                Value.Variant(1, "Block", ValueSome block)

        Value.Struct
            [|
                "value", unit quantValues (string scheme.Value)
                "param", unit quantParams (string scheme.Param)
                "store", store
                "level", level
                "mode", unit [ "Symmetric" ] "Symmetric"
            |]

    /// A dtype as this generation writes it; an error for one it has no name for.
    let lower generation dtype =
        let name = Dtype.name dtype

        match List.tryFindIndex ((=) name) generation.Dtypes, dtype with
        | None, _ ->
            RecordError.raise (RecordError.Unsupported([], $"Burn {BurnVersion.text generation.Since} has no {name}"))
        | Some index, Dtype.Bool store when generation.BoolStores ->
            Value.Variant(index, name, ValueSome(unit boolStores (string store)))
        | Some _, Dtype.Bool BoolStore.U32 ->
            // Up to 0.20 such a tensor says that it is what it is stored as.
            Value.Variant(List.findIndex ((=) "U32") generation.Dtypes, "U32", ValueNone)
        | Some index, Dtype.QFloat scheme -> Value.Variant(index, name, ValueSome(lowerScheme scheme))
        | Some index, _ -> Value.Variant(index, name, ValueNone)

    let private fail expected value : 'T =
        RecordError.raise (RecordError.Mismatch([], expected, Value.describe value))

    /// A variant by name or number, with its payload; serde accepts both.
    let variant (names: string list) what value =
        let at (index: uint64) =
            if index < uint64 names.Length then
                names[int index]
            else
                fail $"{what} below {names.Length}" value

        let named (name: string) =
            if List.contains name names then
                name
            else
                match UInt64.TryParse(name, Globalization.NumberStyles.None, null) with
                | true, index -> at index
                | _ -> RecordError.raise (RecordError.Mismatch([], what, $"'{name}'"))

        match value with
        | Value.Variant(_, name, payload) -> name, payload
        | Value.Scalar(Scalar.Text name) -> named name, ValueNone
        | Value.Scalar(Scalar.U64 index) -> at index, ValueNone
        | Value.Map [| name, Value.Absent |] -> named name, ValueNone
        | Value.Map [| name, payload |] -> named name, ValueSome payload
        | _ -> fail what value

    let private schemeFields = [ "value"; "param"; "store"; "level"; "mode" ]
    let private blockFields = [ "storage"; "len" ]

    // by name, or by place: serde takes a struct as the list of its fields too
    let private field fields name value =
        match value with
        | Value.Seq items when items.Length = List.length fields -> items[List.findIndex ((=) name) fields]
        | Value.Map entries
        | Value.Struct entries ->
            match Array.tryFind (fst >> (=) name) entries with
            | Some(_, value) -> value
            | None -> RecordError.raise (RecordError.Missing([ name ], "a part of the quantisation scheme"))
        | _ -> fail "a quantisation scheme" value

    let private number value =
        match value with
        | Value.Scalar(Scalar.U64 number) -> number
        | Value.Scalar(Scalar.U8 number) -> uint64 number
        | _ -> fail "a number" value

    let private smallNumber value =
        match number value with
        | small when small <= 255UL -> byte small
        | large -> RecordError.raise (RecordError.OutOfRange([], 1L, string large, "U8"))

    let private blockSize value =
        let items =
            match value with
            | Value.Tuple items
            | Value.Seq items -> items
            | Value.Packed(kind, slice) -> Packed.scalars kind slice |> Array.map Value.Scalar
            | _ -> fail "the five bytes of a block size" value

        if items.Length <> 5 then
            fail "the five bytes of a block size" value

        items |> Array.map smallNumber |> List.ofArray

    let private raiseScheme value : QuantScheme =
        let unit names what name =
            variant names what (field schemeFields name value) |> fst

        let parameter payload =
            match payload with
            | ValueSome payload -> number payload
            | ValueNone -> fail "a packed dimension" value

        {
            Value =
                match unit quantValues "a quantised value" "value" with
                | "Q8F" -> QuantValue.Q8F
                | "E5M2" -> QuantValue.E5M2
                | "E4M3" -> QuantValue.E4M3
                | "Q4F" -> QuantValue.Q4F
                | "E2M1" -> QuantValue.E2M1
                | "Q2F" -> QuantValue.Q2F
                | "Q8S" -> QuantValue.Q8S
                | "Q4S" -> QuantValue.Q4S
                | _ -> QuantValue.Q2S
            Param =
                match unit quantParams "a scale type" "param" with
                | "F32" -> QuantParam.F32
                | "F16" -> QuantParam.F16
                | "BF16" -> QuantParam.BF16
                | "UE8M0" -> QuantParam.UE8M0
                | _ -> QuantParam.UE4M3
            Store =
                match
                    variant
                        [ "Native"; "PackedNative"; "PackedU32" ]
                        "a quantised store"
                        (field schemeFields "store" value)
                with
                | "PackedNative", payload -> QuantStore.PackedNative(parameter payload)
                | "PackedU32", payload -> QuantStore.PackedU32(parameter payload)
                | _ -> QuantStore.Native
            Level =
                match variant [ "Tensor"; "Block" ] "a quantisation level" (field schemeFields "level" value) with
                | "Block", ValueSome block ->
                    QuantLevel.Block(
                        blockSize (field blockFields "storage" block),
                        smallNumber (field blockFields "len" block)
                    )
                | "Block", ValueNone -> fail "a block size" value
                | _ -> QuantLevel.Tensor
            Mode = QuantMode.Symmetric
        }

    let private everyName = [ for name in Generation.g6.Dtypes -> name ]

    /// The dtype that a value names. By number where a self-describing file uses those: as in the newest generation.
    let raise value =
        match variant everyName "a dtype" value with
        | "F64", _ -> Dtype.F64
        | "F32", _ -> Dtype.F32
        | "Flex32", _ -> Dtype.Flex32
        | "F16", _ -> Dtype.F16
        | "BF16", _ -> Dtype.BF16
        | "I64", _ -> Dtype.I64
        | "I32", _ -> Dtype.I32
        | "I16", _ -> Dtype.I16
        | "I8", _ -> Dtype.I8
        | "U64", _ -> Dtype.U64
        | "U32", _ -> Dtype.U32
        | "U16", _ -> Dtype.U16
        | "U8", _ -> Dtype.U8
        | "QFloat", ValueSome scheme -> Dtype.QFloat(raiseScheme scheme)
        | "QFloat", ValueNone -> fail "a quantisation scheme" value
        | _, ValueSome store ->
            match variant boolStores "a store of truth values" store |> fst with
            | "U8" -> Dtype.Bool BoolStore.U8
            | "U32" -> Dtype.Bool BoolStore.U32
            | _ -> Dtype.Bool BoolStore.Native
        | _, ValueNone -> Dtype.Bool BoolStore.Native
