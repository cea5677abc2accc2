namespace Records.Core

open System
open System.Runtime.InteropServices

/// What a file says once of all its tensors: the numbers of Burn up to 0.13 are those of the metadata, and dtypes that go by
/// number have those of the version.
type internal Settings = { Float: ScalarType; Int: ScalarType; Dtypes: string list }

[<RequireQualifiedAccess>]
module internal Settings =

    /// By the names that Rust has for the types. Ints that are called f32 are floats indeed, up to 0.11.
    let ofMetadata (burn: BurnVersion option) (metadata: Map<string, string>) =
        let promised =
            match burn with
            | Some version -> Generation.tryAt version
            | None ->
                Map.tryFind "version" metadata
                |> Option.bind Generation.promised
                |> Option.map fst

        {
            Float =
                match Map.tryFind "float" metadata with
                | Some "f64" -> ScalarType.F64
                | Some float when float.EndsWith "f16" -> ScalarType.F16
                | _ -> ScalarType.F32
            Int =
                match Map.tryFind "int" metadata with
                | Some "i64" -> ScalarType.I64
                | Some "i16" -> ScalarType.I16
                | Some "f32" -> ScalarType.F32
                | _ -> ScalarType.I32
            Dtypes =
                match promised with
                | Some generation when generation.Tensors = TensorLayout.Bytes -> generation.Dtypes
                | _ -> Generation.g6.Dtypes
        }

/// Tensors as serde's values: bytes, shape and dtype since Burn 0.14, a list of numbers and a shape before.
[<RequireQualifiedAccess>]
module internal Elements =

    let private mismatch expected value : 'T =
        RecordError.raise (RecordError.Mismatch([], expected, Value.describe value))

    let private orRaise result =
        match result with
        | Ok value -> value
        | Error error -> RecordError.raise error

    let private scalarType dtype =
        match dtype with
        | Dtype.F64 -> ScalarType.F64
        | Dtype.F32
        | Dtype.Flex32 -> ScalarType.F32
        | Dtype.F16 -> ScalarType.F16
        | Dtype.BF16 -> ScalarType.BF16
        | Dtype.I64 -> ScalarType.I64
        | Dtype.I32 -> ScalarType.I32
        | Dtype.I16 -> ScalarType.I16
        | Dtype.I8 -> ScalarType.I8
        | Dtype.U64 -> ScalarType.U64
        | Dtype.U32 -> ScalarType.U32
        | Dtype.U16 -> ScalarType.U16
        | Dtype.U8 -> ScalarType.U8
        | Dtype.Bool _ -> ScalarType.Bool
        | Dtype.QFloat _
        | Dtype.OldQFloat _ ->
            RecordError.raise (RecordError.Unsupported([], "Burn up to 0.13 has no quantised tensors"))

    let private dtype scalar =
        match scalar with
        | ScalarType.F64 -> Dtype.F64
        | ScalarType.F32 -> Dtype.F32
        | ScalarType.F16 -> Dtype.F16
        | ScalarType.BF16 -> Dtype.BF16
        | ScalarType.I64 -> Dtype.I64
        | ScalarType.I32 -> Dtype.I32
        | ScalarType.I16 -> Dtype.I16
        | ScalarType.I8 -> Dtype.I8
        | ScalarType.U64 -> Dtype.U64
        | ScalarType.U32 -> Dtype.U32
        | ScalarType.U16 -> Dtype.U16
        | ScalarType.U8 -> Dtype.U8
        | ScalarType.Bool
        | ScalarType.Unit
        | ScalarType.Text -> Dtype.Bool BoolStore.Native

    // ---- a tensor as a value

    /// Full precision had floats for ints up to 0.11: every one of them that a float can hold.
    let private intsAsFloats (data: TensorData) =
        let ints = orRaise (View.toArray<int> data.Bytes)
        View.ofArray (Array.map single ints)

    /// A tensor as this generation writes it, of a parameter where there is an id. Dtypes are lowered by the function.
    let lower generation (dtypes: Dtype -> Value) id (data: TensorData) =
        match generation.Tensors with
        | TensorLayout.Bytes -> Value.Stored(id, dtypes data.Dtype, data)
        | TensorLayout.Values ->
            let value =
                match data.Dtype with
                | Dtype.I32 when generation.FloatInts -> Value.Packed(ScalarType.F32, intsAsFloats data)
                | Dtype.Bool BoolStore.U32 ->
                    Value.Packed(ScalarType.Bool, View.ofArray (orRaise (Truth.ofTensor data)))
                | dtype -> Value.Packed(scalarType dtype, data.Bytes)

            let tensor = Value.Struct [| struct ("value", value); struct ("shape", Value.shape data) |]

            match id with
            | ValueSome id -> Value.Struct [| struct ("id", Value.text id); struct ("param", tensor) |]
            | ValueNone -> tensor

    /// What a tensor is in this generation. Lists of numbers are floats or ints of the settings, or truth values: nothing in
    /// the file says which, so each is an alternative; ints that are all 0 or -1 pass for truth values, and ints of half
    /// precision for halves. What they are loaded into decides: see Undecided.
    let kinds generation (settings: Settings) =
        let dims = Kind.Seq(Kind.Scalar ScalarType.U64)

        match generation.Tensors with
        | TensorLayout.Bytes -> [ Kind.Struct [ "bytes", Kind.Bytes; "shape", dims; "dtype", Dtypes.kind generation ] ]
        | TensorLayout.Values ->
            [
                for scalar in List.distinct [ settings.Float; ScalarType.Bool; settings.Int ] ->
                    Kind.Struct [ "value", Kind.Packed scalar; "shape", dims ]
            ]

    // ---- a value as a tensor

    let private integers what value =
        let whole scalar =
            match scalar with
            | Scalar.U64 number when number <= uint64 Int64.MaxValue -> int64 number
            | Scalar.U8 number -> int64 number
            | Scalar.U16 number -> int64 number
            | other -> mismatch what (Value.Scalar other)

        match value with
        | Value.Packed(kind, slice) -> [ for scalar in Packed.scalars kind slice -> whole scalar ]
        | Value.Seq items
        | Value.Tuple items ->
            [
                for item in items ->
                    match item with
                    | Value.Scalar scalar -> whole scalar
                    | other -> mismatch what other
            ]
        | _ -> mismatch what value

    let private shape (limits: Limits) value =
        let dims = integers "dimensions" value

        if dims.Length > limits.Rank then
            RecordError.raise (RecordError.TooLarge([], "rank", int64 dims.Length, int64 limits.Rank))

        orRaise (Shape.create dims)

    /// serde takes bytes from a bin, a text, or a list of numbers.
    let private bytes value =
        match value with
        | Value.Bytes slice
        | Value.Packed(ScalarType.U8, slice) -> slice
        | Value.Scalar(Scalar.Text text) -> Slice.ofMemory (ReadOnlyMemory(Text.Encoding.UTF8.GetBytes text))
        | Value.Packed _
        | Value.Seq _ ->
            let small number =
                if number > 255L then
                    RecordError.raise (RecordError.Mismatch([], "bytes", $"the number {number}"))
                else
                    byte number

            Slice.ofMemory (ReadOnlyMemory [| for number in integers "bytes" value -> small number |])
        | _ -> mismatch "bytes" value

    let private scalars value =
        match value with
        | Value.Packed(kind, slice) -> Packed.scalars kind slice
        | Value.Seq items
        | Value.Tuple items ->
            items
            |> Array.map (function
                | Value.Scalar scalar -> scalar
                | other -> mismatch "numbers" other)
        | other -> mismatch "numbers" other

    /// Integers of one type from whatever width they were read in.
    let private ints scalar (values: Scalar[]) =
        let convert (low: decimal) (high: decimal) (make: decimal -> 'T) =
            let one value =
                let number =
                    match value with
                    | Scalar.U64 number -> decimal number
                    | Scalar.I64 number -> decimal number
                    | Scalar.U16 number -> decimal number
                    | Scalar.U8 number -> decimal number
                    | other -> mismatch "integers" (Value.Scalar other)

                if number < low || number > high then
                    RecordError.raise (RecordError.OutOfRange([], 1L, string number, CaseName.of' scalar))
                else
                    make number

            let array = Array.map one values
            Slice.ofMemory (ReadOnlyMemory(MemoryMarshal.AsBytes(array.AsSpan()).ToArray()))

        match scalar with
        | ScalarType.I64 -> convert (decimal Int64.MinValue) (decimal Int64.MaxValue) int64
        | ScalarType.I16 -> convert -32768m 32767m int16
        | ScalarType.F16 -> convert 0m 65535m uint16
        | _ -> convert (decimal Int32.MinValue) (decimal Int32.MaxValue) int32

    let private floats scalar (values: Scalar[]) =
        let number value =
            match value with
            | Scalar.F64 number -> number
            | Scalar.F32 number -> double number
            | Scalar.U64 number -> double number
            | Scalar.I64 number -> double number
            | Scalar.U16 number -> double number
            | Scalar.U8 number -> double number
            | other -> mismatch "numbers" (Value.Scalar other)

        match scalar with
        | ScalarType.F64 -> View.ofArray (Array.map number values)
        | _ ->
            // not by way of a double, which would quieten a NaN
            let single value =
                match value with
                | Scalar.F32 number -> number
                | other -> single (number other)

            View.ofArray (Array.map single values)

    /// The numbers of a list as a dtype and its bytes. Formats that describe themselves tell floats, integers and truth values
    /// apart; integers in a half file are the bits of halves, unless one is negative.
    let private elements (settings: Settings) value =
        let isFloat =
            function
            | Scalar.F64 _
            | Scalar.F32 _ -> true
            | _ -> false

        let isNegative =
            function
            | Scalar.I64 _ -> true
            | _ -> false

        match value with
        // bincode, where the kind is what fitted
        | Value.Packed(ScalarType.Bool, slice) when settings.Int <> ScalarType.F32 ->
            dtype ScalarType.Bool, Undecided.mark Integers.Truths slice
        | Value.Packed(ScalarType.Bool, slice) -> dtype ScalarType.Bool, slice
        | Value.Packed(ScalarType.F16, slice) -> Dtype.F16, Undecided.mark Integers.Zigzag slice
        | Value.Packed((ScalarType.F32 | ScalarType.F64) as kind, slice) when kind = settings.Float ->
            if settings.Int = ScalarType.F32 || slice.Length = 0L then
                dtype kind, Undecided.mark Integers.Whole slice
            else
                dtype kind, slice
        | Value.Packed(kind, slice) when kind = settings.Int && kind <> ScalarType.U16 -> dtype kind, slice
        // MessagePack, which keeps numbers of 16 bits together
        | Value.Packed(ScalarType.U16, slice) when settings.Float = ScalarType.F16 ->
            Dtype.F16, Undecided.mark Integers.Bits slice
        | _ ->
            let values = scalars value

            match Array.tryHead values with
            | Some(Scalar.Bool _) ->
                let truth value =
                    match value with
                    | Scalar.Bool truth -> truth
                    | other -> mismatch "truth values" (Value.Scalar other)

                Dtype.Bool BoolStore.Native, View.ofArray (Array.map truth values)
            | None ->
                let nothing = Slice.ofMemory ReadOnlyMemory.Empty
                dtype settings.Float, Undecided.mark Integers.Whole nothing
            | Some _ when settings.Int = ScalarType.F32 ->
                dtype settings.Float, Undecided.mark Integers.Whole (floats settings.Float values)
            | Some _ when Array.exists isFloat values -> dtype settings.Float, floats settings.Float values
            | Some _ when settings.Float = ScalarType.F16 && not (Array.exists isNegative values) ->
                Dtype.F16, Undecided.mark Integers.Bits (ints ScalarType.F16 values)
            | Some _ -> dtype settings.Int, ints settings.Int values

    let private named (entries: Entry[]) name =
        let mutable found = ValueNone

        for struct (key, value) in entries do
            if found.IsNone && String.Equals(key, name) then
                found <- ValueSome value

        found

    let private ofBytes limits settings content dims dtype =
        orRaise (TensorData.create (Dtypes.raise settings.Dtypes dtype) (shape limits dims) (bytes content))

    let private ofValues limits settings values dims =
        let dtype, bytes = elements settings values
        orRaise (TensorData.create dtype (shape limits dims) bytes)

    /// The tensor that a value is, in either layout, its fields by name from a map or in order from a list; an error with the
    /// reason when it is none.
    let rec raise (limits: Limits) settings value =
        match value with
        | Value.Tensor data -> data
        | Value.Chosen(_, value) -> raise limits settings value
        | Value.Struct entries
        | Value.Map entries ->
            match named entries "bytes", named entries "shape", named entries "dtype" with
            | ValueSome content, ValueSome dims, ValueSome dtype -> ofBytes limits settings content dims dtype
            | _, ValueSome dims, _ ->
                match named entries "value" with
                | ValueSome values -> ofValues limits settings values dims
                | ValueNone -> noTensor value
            | _ -> noTensor value
        | Value.Seq [| content; dims; dtype |]
        | Value.Tuple [| content; dims; dtype |] -> ofBytes limits settings content dims dtype
        | Value.Seq [| values; dims |]
        | Value.Tuple [| values; dims |] -> ofValues limits settings values dims
        | _ -> noTensor value

    and private noTensor value =
        mismatch "a tensor of bytes, shape and dtype" value

    /// Whether a map has the fields of a tensor and no others, and a list for a shape.
    let looksLike (entries: Entry[]) =
        (match entries.Length with
         | 3 -> (named entries "bytes").IsSome && (named entries "dtype").IsSome
         | 2 -> (named entries "value").IsSome
         | _ -> false)
        && (match named entries "shape" with
            | ValueSome(Value.Seq _ | Value.Packed _) -> true
            | _ -> false)

    /// Whether a map is a parameter: an id, and a tensor.
    let looksLikeParam (entries: Entry[]) =
        entries.Length = 2
        && (match named entries "id", named entries "param" with
            | ValueSome(Value.Scalar(Scalar.Text _)), ValueSome(Value.Map inner) -> looksLike inner
            // behind its tensor an id is not looked for where it is read
            | ValueSome(Value.Scalar(Scalar.Text _)), ValueSome(Value.Tensor _) -> true
            | _ -> false)
