namespace Records.Core

/// What a quantised tensor says of itself: each Burn from 0.14 on had words of its own.
[<RequireQualifiedAccess>]
module internal Quantised =

    // Variants in the order of their numbers (burn-tensor's quantization scheme, 0.14 to 0.21).
    let private quantValues = [ "Q8F"; "E5M2"; "E4M3"; "Q4F"; "E2M1"; "Q2F"; "Q8S"; "Q4S"; "Q2S" ]
    let private quantParams = [ "F32"; "F16"; "BF16"; "UE8M0"; "UE4M3" ]
    let private accumulators = [ "Full"; "Half" ]
    let private propagations = [ "Propagate"; "Inhibit" ]

    let private f32 = Kind.Scalar ScalarType.F32

    /// What a quantised tensor's scheme is, as the version put it.
    let kind layout =
        match layout with
        | QuantLayout.Strategy ->
            Kind.Variant
                [
                    "PerTensorAffineInt8",
                    Some(Kind.Struct [ "scale", f32; "offset", Kind.Scalar ScalarType.I8; "_a", Kind.Marker ])
                    "PerTensorSymmetricInt8", Some(Kind.Struct [ "scale", f32; "_q", Kind.Marker ])
                ]
        | QuantLayout.Kind ->
            Kind.Variant
                [
                    "PerTensorAffine", Some(Variants.units [ "QInt8" ])
                    "PerTensorSymmetric", Some(Variants.units [ "QInt8" ])
                ]
        | QuantLayout.Mode ->
            Kind.Variant
                [ "PerTensor", Some(Kind.Tuple [ Variants.units [ "Symmetric" ]; Variants.units [ "QInt8" ] ]) ]
        | QuantLayout.Flags ->
            Kind.Struct
                [
                    "level", Variants.units [ "Tensor" ]
                    "mode", Variants.units [ "Symmetric" ]
                    "q_type", Variants.units [ "QInt8" ]
                    "acc_precision", Variants.units accumulators
                    "propagation", Variants.units propagations
                ]
        | QuantLayout.Scheme stores ->
            let block =
                Kind.Struct
                    [
                        "storage", Kind.Tuple(List.replicate 5 (Kind.Scalar ScalarType.U8))
                        "len", Kind.Scalar ScalarType.U8
                    ]

            Kind.Struct
                [
                    "value", Variants.units quantValues
                    "param", Variants.units quantParams
                    "store",
                    Kind.Variant
                        [
                            for store in stores ->
                                store,
                                if store.StartsWith "Packed" then
                                    Some(Kind.Scalar ScalarType.U64)
                                else
                                    None
                        ]
                    "level", Kind.Variant [ "Tensor", None; "Block", Some block ]
                    "mode", Variants.units [ "Symmetric" ]
                ]

    let private int8 = Variants.unit [ "QInt8" ] "QInt8"
    let private symmetric = Variants.unit [ "Symmetric" ] "Symmetric"
    let private u8 (value: byte) = Value.Scalar(Scalar.U8 value)

    let private named name payload =
        Value.Variant(0, name, ValueSome payload)

    let private lowerScheme stores (scheme: QuantScheme) =
        let name, dimension =
            match scheme.Store with
            | QuantStore.Native -> "Native", ValueNone
            // 0.19 packed along the last dimension and did not say so
            | QuantStore.PackedU32 0UL when List.contains "U32" stores -> "U32", ValueNone
            | QuantStore.PackedNative dim -> "PackedNative", ValueSome(Value.Scalar(Scalar.U64 dim))
            | QuantStore.PackedU32 dim -> "PackedU32", ValueSome(Value.Scalar(Scalar.U64 dim))

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
                    Value.Struct
                        [|
                            struct ("storage", Value.Tuple [| for size in storage -> u8 size |])
                            struct ("len", u8 length)
                        |]

                Value.Variant(1, "Block", ValueSome block)

        List.tryFindIndex ((=) name) stores
        |> Option.map (fun index ->
            Value.Struct
                [|
                    struct ("value", Variants.unit quantValues (CaseName.of' scheme.Value))
                    struct ("param", Variants.unit quantParams (CaseName.of' scheme.Param))
                    struct ("store", Value.Variant(index, name, dimension))
                    struct ("level", level)
                    struct ("mode", symmetric)
                |])

    /// The scheme in the words of this layout; None where that has no words for it.
    let lower layout dtype =
        let single value = Value.Scalar(Scalar.F32 value)

        match layout, dtype with
        | QuantLayout.Scheme stores, Dtype.QFloat scheme -> lowerScheme stores scheme
        | QuantLayout.Strategy, Dtype.OldQFloat(OldQuantScheme.Affine14(scale, offset)) ->
            let offset = Value.Scalar(Scalar.I8 offset)

            Value.Struct [| struct ("scale", single scale); struct ("offset", offset); struct ("_a", Value.Marker) |]
            |> named "PerTensorAffineInt8"
            |> Some
        | QuantLayout.Strategy, Dtype.OldQFloat(OldQuantScheme.Symmetric14 scale) ->
            let scale = Value.Struct [| struct ("scale", single scale); struct ("_q", Value.Marker) |]

            Some(Value.Variant(1, "PerTensorSymmetricInt8", ValueSome scale))
        | QuantLayout.Kind, Dtype.OldQFloat OldQuantScheme.Affine16 -> Some(named "PerTensorAffine" int8)
        | QuantLayout.Kind, Dtype.OldQFloat OldQuantScheme.Symmetric16 ->
            Some(Value.Variant(1, "PerTensorSymmetric", ValueSome int8))
        | QuantLayout.Mode, Dtype.OldQFloat OldQuantScheme.Symmetric17 ->
            Some(named "PerTensor" (Value.Tuple [| symmetric; int8 |]))
        | QuantLayout.Flags, Dtype.OldQFloat(OldQuantScheme.Symmetric18(half, propagates)) ->
            [|
                struct ("level", Variants.unit [ "Tensor" ] "Tensor")
                struct ("mode", symmetric)
                struct ("q_type", int8)
                struct ("acc_precision", Variants.unit accumulators (if half then "Half" else "Full"))
                struct ("propagation", Variants.unit propagations (if propagates then "Propagate" else "Inhibit"))
            |]
            |> Value.Struct
            |> Some
        | _ -> None

    let private schemeFields = [ "value"; "param"; "store"; "level"; "mode" ]
    let private flagFields = [ "level"; "mode"; "q_type"; "acc_precision"; "propagation" ]
    let private blockFields = [ "storage"; "len" ]

    let private number value =
        match value with
        | Value.Scalar(Scalar.U64 number) -> number
        | Value.Scalar(Scalar.U8 number) -> uint64 number
        | _ -> Variants.fail "a number" value

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
            | _ -> Variants.fail "the five bytes of a block size" value

        if items.Length <> 5 then
            Variants.fail "the five bytes of a block size" value

        items |> Array.map smallNumber |> List.ofArray

    let private raiseScheme value : QuantScheme =
        let unit names what name =
            Variants.raiseUnit names what (Variants.field schemeFields name value)

        let parameter payload =
            match payload with
            | ValueSome payload -> number payload
            | ValueNone -> Variants.fail "a packed dimension" value

        let stores = [ "Native"; "PackedNative"; "PackedU32"; "U32" ]

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
                match Variants.raise stores "a quantised store" (Variants.field schemeFields "store" value) with
                | "PackedNative", payload -> QuantStore.PackedNative(parameter payload)
                | "PackedU32", payload -> QuantStore.PackedU32(parameter payload)
                | "U32", _ -> QuantStore.PackedU32 0UL
                | _ -> QuantStore.Native
            Level =
                match
                    Variants.raise
                        [ "Tensor"; "Block" ]
                        "a quantisation level"
                        (Variants.field schemeFields "level" value)
                with
                | "Block", ValueSome block ->
                    QuantLevel.Block(
                        blockSize (Variants.field blockFields "storage" block),
                        smallNumber (Variants.field blockFields "len" block)
                    )
                | "Block", ValueNone -> Variants.fail "a block size" value
                | _ -> QuantLevel.Tensor
            Mode = QuantMode.Symmetric
        }

    let private raiseFlags value =
        let unit names what name =
            Variants.raiseUnit names what (Variants.field flagFields name value)

        unit [ "Tensor" ] "a quantisation level" "level" |> ignore
        unit [ "Symmetric" ] "a quantisation mode" "mode" |> ignore
        unit [ "QInt8" ] "a quantised type" "q_type" |> ignore

        OldQuantScheme.Symmetric18(
            unit accumulators "a precision" "acc_precision" = "Half",
            unit propagations "what to propagate" "propagation" = "Propagate"
        )

    let private raiseVariant name payload =
        let scale fields =
            match Variants.field fields "scale" payload with
            | Value.Scalar(Scalar.F32 scale) -> scale
            | Value.Scalar(Scalar.F64 scale) -> single scale
            | other -> single (number other)

        let offset value =
            match value with
            | Value.Scalar(Scalar.I8 offset) -> offset
            | Value.Scalar(Scalar.I64 offset) when offset >= -128L -> sbyte offset
            | other ->
                match number other with
                | small when small <= 127UL -> sbyte small
                | large -> RecordError.raise (RecordError.OutOfRange([], 1L, string large, "I8"))

        let int8 value =
            Variants.raiseUnit [ "QInt8" ] "a quantised type" value |> ignore

        match name with
        | "PerTensorAffineInt8" ->
            let fields = [ "scale"; "offset"; "_a" ]
            OldQuantScheme.Affine14(scale fields, offset (Variants.field fields "offset" payload))
        | "PerTensorSymmetricInt8" -> OldQuantScheme.Symmetric14(scale [ "scale"; "_q" ])
        | "PerTensorAffine" ->
            int8 payload
            OldQuantScheme.Affine16
        | "PerTensorSymmetric" ->
            int8 payload
            OldQuantScheme.Symmetric16
        | _ ->
            match payload with
            | Value.Tuple [| mode; kind |]
            | Value.Seq [| mode; kind |] ->
                Variants.raiseUnit [ "Symmetric" ] "a quantisation mode" mode |> ignore
                int8 kind
                OldQuantScheme.Symmetric17
            | other -> Variants.fail "a quantisation mode and type" other

    let private isText text value =
        match value with
        | Value.Scalar(Scalar.Text found) -> found = text
        | _ -> false

    // Names that no other version has.
    let private oldVariants =
        [
            "PerTensorAffineInt8"
            "PerTensorSymmetricInt8"
            "PerTensorAffine"
            "PerTensorSymmetric"
            "PerTensor"
        ]

    /// What a quantised tensor says of itself, in the words of any version.
    let raise value =
        match value with
        | Value.Variant(_, name, ValueSome payload) -> Dtype.OldQFloat(raiseVariant name payload)
        | Value.Map [| struct (name, payload) |] when List.contains name oldVariants ->
            Dtype.OldQFloat(raiseVariant name payload)
        | Value.Map entries
        | Value.Struct entries when Array.exists (Value.nameOf >> (=) "q_type") entries ->
            Dtype.OldQFloat(raiseFlags value)
        | Value.Seq items when items.Length = 5 && isText "Tensor" items[0] -> Dtype.OldQFloat(raiseFlags value)
        | _ -> Dtype.QFloat(raiseScheme value)
