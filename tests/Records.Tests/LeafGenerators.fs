/// Random names, tensors and numbers: what records have at their ends.
module Records.Tests.LeafGenerators

open System
open FsCheck
open FsCheck.FSharp
open Records.Core

// ---- names

/// Names that trip up those who escape, split or match them. Not "param", "bytes" and "dtype": a struct that looks like
/// a parameter or a tensor is read as one where there is no schema.
let private unusual =
    [
        ""
        " "
        "id"
        "shape"
        "item"
        "_b"
        "metadata"
        "type"
        "0"
        "layers.0.weight"
        "."
        "a\"b\\c"
        "line\nfeed\ttab\r"
        "\u0000\u0001\u001f\u007f"
        "größe"
        "重み"
        "🔥"
        "e\u0301"
        "\u2028"
        "/"
        "'"
        "{}[]:,"
        "null"
        String('n', 40)
        String('l', 300)
    ]

let private plain = [ "weight"; "bias"; "norm_1"; "fc1"; "layers"; "running_mean"; "a"; "b"; "c"; "d" ]

// Lone surrogates are no text: UTF-8 cannot hold them.
let private letter =
    Gen.choose (0, 0xFFFF)
    |> Gen.map char
    |> Gen.filter (fun letter -> not (Char.IsSurrogate letter))

let text =
    Gen.frequency
        [
            5, Gen.elements plain
            3, Gen.elements unusual
            1, Gen.arrayOf letter |> Gen.map (fun letters -> String letters)
        ]

let distinctNames count =
    Gen.listOfLength count text
    |> Gen.map (List.indexed >> List.map (fun (index, name) -> name, index))
    |> Gen.map (fun names ->
        names
        |> List.fold
            (fun seen (name, index) -> (if List.contains name seen then $"{name}{index}#" else name) :: seen)
            []
        |> List.rev)

// ---- tensors

let private bytes count =
    Gen.choose (0, 255)
    |> Gen.map byte
    |> Gen.listOfLength count
    |> Gen.map Array.ofList

/// What a quantised tensor says of itself since Burn 0.20.
let scheme: Gen<QuantScheme> =
    let number = Gen.elements [ 0UL; 1UL; 250UL; 251UL; 65536UL; UInt64.MaxValue ]

    gen {
        let! value =
            Gen.elements
                [
                    QuantValue.Q8F
                    QuantValue.E5M2
                    QuantValue.E4M3
                    QuantValue.Q4F
                    QuantValue.E2M1
                    QuantValue.Q2F
                    QuantValue.Q8S
                    QuantValue.Q4S
                    QuantValue.Q2S
                ]

        let! param =
            Gen.elements [ QuantParam.F32; QuantParam.F16; QuantParam.BF16; QuantParam.UE8M0; QuantParam.UE4M3 ]

        let! store =
            Gen.oneof
                [
                    Gen.constant QuantStore.Native
                    Gen.map QuantStore.PackedNative number
                    Gen.map QuantStore.PackedU32 number
                ]

        let! level =
            Gen.oneof
                [
                    Gen.constant QuantLevel.Tensor
                    Gen.map2
                        (fun storage length -> QuantLevel.Block(List.ofArray storage, length))
                        (bytes 5)
                        (Gen.choose (0, 255) |> Gen.map byte)
                ]

        return { Value = value; Param = param; Store = store; Level = level; Mode = QuantMode.Symmetric }
    }

/// Every dtype whose elements have a size.
let sized =
    [
        Dtype.F64
        Dtype.F32
        Dtype.Flex32
        Dtype.F16
        Dtype.BF16
        Dtype.I64
        Dtype.I32
        Dtype.I16
        Dtype.I8
        Dtype.U64
        Dtype.U32
        Dtype.U16
        Dtype.U8
        Dtype.Bool BoolStore.Native
        Dtype.Bool BoolStore.U8
        Dtype.Bool BoolStore.U32
    ]

let dtype = Gen.frequency [ 8, Gen.elements sized; 1, Gen.map Dtype.QFloat scheme ]

/// Ranks from 0 to 5, zeros among the dimensions, few elements.
let shape =
    gen {
        let! rank = Gen.frequency [ 1, Gen.constant 0; 6, Gen.choose (1, 3); 1, Gen.choose (4, 5) ]

        return!
            Gen.frequency [ 1, Gen.constant 0L; 9, Gen.choose (1, 4) |> Gen.map int64 ]
            |> Gen.listOfLength rank
            |> Gen.filter (fun dims -> List.fold (*) 1L dims <= 64L)
    }

let tensorIn dtypes =
    gen {
        let! dtype = dtypes
        let! dims = shape
        let shape = Support.shapeOf dims

        let! bytes =
            match Dtype.size dtype with
            | Some size -> bytes (size * int (Shape.count shape))
            | None -> Gen.choose (0, 40) |> Gen.bind bytes

        return Support.ok (TensorData.create dtype shape (Support.memory bytes))
    }

/// Ids as Burn wrote them: 13 characters, 10 in 0.14, a UUID before; any text was accepted up to 0.14.
let paramId =
    let of' count =
        Gen.elements (List.ofSeq "0123456789abcdefghijklmnopqrstuv")
        |> Gen.arrayOfLength count
        |> Gen.map (fun letters -> ParamId(String letters))

    let uuid =
        bytes 16
        |> Gen.map (fun bytes -> ParamId((Guid(bytes: byte[])).ToString().ToLowerInvariant()))

    Gen.frequency [ 5, of' 13; 1, of' 10; 1, uuid; 1, Gen.map ParamId text ]

// ---- scalars

let private bits64 = bytes 8 |> Gen.map (fun bytes -> BitConverter.ToInt64(bytes, 0))

let private boundary =
    Gen.elements
        [
            0L
            1L
            -1L
            127L
            128L
            -128L
            -129L
            250L
            251L
            255L
            256L
            32767L
            -32768L
            65535L
            65536L
            1L <<< 32
            Int64.MaxValue
            Int64.MinValue
        ]

let private whole = Gen.frequency [ 2, boundary; 1, bits64; 1, Gen.choose (-300, 300) |> Gen.map int64 ]

let private doubles =
    Gen.frequency
        [
            3, Gen.map BitConverter.Int64BitsToDouble bits64
            2,
            Gen.elements
                [
                    0.0
                    -0.0
                    1.5
                    -2.5
                    0.1
                    1e300
                    Double.Epsilon
                    Double.MaxValue
                    Double.PositiveInfinity
                    Double.NegativeInfinity
                    Double.NaN
                    BitConverter.Int64BitsToDouble 0x7FF0000000000001L
                    BitConverter.Int64BitsToDouble 0xFFF8000000000123L
                ]
        ]

let private singles =
    Gen.frequency
        [
            3, Gen.map (fun (bits: int64) -> BitConverter.Int32BitsToSingle(int32 bits)) bits64
            2,
            Gen.elements
                [
                    0f
                    -0f
                    1.5f
                    0.1f
                    1e10f
                    Single.Epsilon
                    Single.MaxValue
                    Single.PositiveInfinity
                    Single.NegativeInfinity
                    BitConverter.Int32BitsToSingle 0x7F800001
                    BitConverter.Int32BitsToSingle 0xFFC00123
                ]
        ]

let scalar finite kind =
    match kind with
    | ScalarType.Unit -> Gen.constant Scalar.Unit
    | ScalarType.Bool -> Gen.elements [ Scalar.Bool true; Scalar.Bool false ]
    | ScalarType.Text -> Gen.map Scalar.Text text
    | ScalarType.F64 ->
        doubles
        |> Gen.filter (fun value -> not finite || Double.IsFinite value)
        |> Gen.map Scalar.F64
    | ScalarType.F32 ->
        singles
        |> Gen.filter (fun value -> not finite || Single.IsFinite value)
        |> Gen.map Scalar.F32
    | ScalarType.F16 -> Gen.map (uint16 >> Scalar.F16) whole
    | ScalarType.BF16 -> Gen.map (uint16 >> Scalar.BF16) whole
    | ScalarType.I64 -> Gen.map Scalar.I64 whole
    | ScalarType.I32 -> Gen.map (int32 >> Scalar.I32) whole
    | ScalarType.I16 -> Gen.map (int16 >> Scalar.I16) whole
    | ScalarType.I8 -> Gen.map (sbyte >> Scalar.I8) whole
    | ScalarType.U64 -> Gen.map (uint64 >> Scalar.U64) whole
    | ScalarType.U32 -> Gen.map (uint32 >> Scalar.U32) whole
    | ScalarType.U16 -> Gen.map (uint16 >> Scalar.U16) whole
    | ScalarType.U8 -> Gen.map (byte >> Scalar.U8) whole

let scalarTypes =
    [
        ScalarType.Unit
        ScalarType.Bool
        ScalarType.Text
        ScalarType.F64
        ScalarType.F32
        ScalarType.F16
        ScalarType.BF16
        ScalarType.I64
        ScalarType.I32
        ScalarType.I16
        ScalarType.I8
        ScalarType.U64
        ScalarType.U32
        ScalarType.U16
        ScalarType.U8
    ]
