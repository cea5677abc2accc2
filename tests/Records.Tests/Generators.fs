/// Random records and documents, as anything that has a type can be: lists hold items of one schema.
module Records.Tests.Generators

open System
open FsCheck
open FsCheck.FSharp
open Records.Core

/// A record and its schema, which knows what the record does not show: other variants, items that are not there.
type Sample = { Schema: Schema; Record: Record }

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

let private distinctNames count =
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

let private scalar finite kind =
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

let private scalarTypes =
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

// ---- schemas, and records of them

/// Constants of every layout. A list's items are alike, and a schema that came from a record has as many as it.
let rec private constant depth =
    if depth = 0 then
        Gen.constant Constant.Single
    else
        let inner = constant (depth - 1)

        Gen.frequency
            [
                4, Gen.constant Constant.Single
                2,
                Gen.choose (0, 3)
                |> Gen.bind (fun count -> Gen.listOfLength count inner)
                |> Gen.map Constant.Fixed
                1, Gen.map2 (fun count item -> Constant.Listed(List.replicate count item)) (Gen.choose (0, 3)) inner
                2, Gen.map (Some >> Constant.Optional) inner
                1, Gen.constant (Constant.Optional None)
            ]

let rec private schema depth =
    let leaves =
        [
            6, Gen.constant Schema.Param
            2, Gen.constant Schema.Tensor
            4, Gen.elements scalarTypes |> Gen.map Schema.Scalar
            2, constant 2 |> Gen.map Schema.Constant
        ]

    if depth = 0 then
        Gen.frequency leaves
    else
        let inner = schema (depth - 1)

        let several = Gen.choose (0, 4) |> Gen.bind (fun count -> Gen.listOfLength count inner)

        let optional =
            // An option around something that may be nil itself is nil either way in MessagePack and JSON:
            // Some None, Some constant and Some () are what None is, in Burn too.
            inner
            |> Gen.filter (function
                | Schema.Option _
                | Schema.Constant _
                | Schema.Scalar ScalarType.Unit -> false
                | _ -> true)

        let named items =
            distinctNames (List.length items) |> Gen.map (fun names -> List.zip names items)

        Gen.frequency (
            leaves
            @ [
                8, Gen.bind named several |> Gen.map Schema.Struct
                2, Gen.map Schema.List inner
                1, Gen.map2 (fun item count -> Schema.Array(item, count)) inner (Gen.choose (0, 3))
                2, Gen.map Schema.Tuple several
                3, Gen.map Schema.Option optional
                2,
                several
                |> Gen.filter (List.isEmpty >> not)
                // a variant has a name
                |> Gen.bind named
                |> Gen.map (
                    List.map (fun (name, item) -> (if name = "" then "Empty" else name), item)
                    >> Schema.Enum
                )
                1, Gen.map Schema.Map inner
            ]
        )

/// A record of this schema. Finite: no NaN or infinity among its scalars, which JSON cannot hold.
let rec recordOf finite dtypes schema =
    let several count item =
        Gen.listOfLength count (recordOf finite dtypes item)

    let rec all schemas =
        match schemas with
        | [] -> Gen.constant []
        | first :: rest -> Gen.map2 (fun item items -> item :: items) (recordOf finite dtypes first) (all rest)

    let fields names values =
        [ for name, value in List.zip names values -> { Name = name; Value = value } ]

    match schema with
    | Schema.Struct inner ->
        all (List.map snd inner)
        |> Gen.map (fields (List.map fst inner) >> Record.Struct)
    | Schema.List item ->
        Gen.choose (0, 3)
        |> Gen.bind (fun count -> several count item)
        |> Gen.map Record.List
    | Schema.Array(item, count) -> several count item |> Gen.map Record.Array
    | Schema.Tuple items -> all items |> Gen.map Record.Tuple
    | Schema.Option item ->
        Gen.frequency
            [
                1, Gen.constant (Record.Option None)
                2, Gen.map (Some >> Record.Option) (recordOf finite dtypes item)
            ]
    | Schema.Enum variants ->
        gen {
            let! index = Gen.choose (0, variants.Length - 1)
            let! payload = recordOf finite dtypes (snd variants[index])
            return Record.Enum(index, fst variants[index], payload)
        }
    | Schema.Map item ->
        gen {
            let! count = Gen.choose (0, 3)
            let! names = distinctNames count
            let! values = several count item
            return Record.Map(fields names values)
        }
    | Schema.Param -> Gen.map2 (fun id data -> Record.Param(id, data)) paramId (tensorIn dtypes)
    | Schema.Tensor -> Gen.map Record.Tensor (tensorIn dtypes)
    | Schema.Scalar kind -> Gen.map Record.Scalar (scalar finite kind)
    | Schema.Constant parts -> Gen.constant (Record.Constant parts)
    | Schema.Maybe item
    | Schema.Renamed(_, item) -> recordOf finite dtypes item

/// True when the record is one of this schema.
let rec conforms schema record =
    let fields = List.forall (fun ((schema, value): Schema * Record) -> conforms schema value)

    match schema, record with
    | Schema.Struct schemas, Record.Struct inner ->
        List.map fst schemas = [ for field in inner -> field.Name ]
        && fields (List.zip (List.map snd schemas) [ for field in inner -> field.Value ])
    | Schema.List item, Record.List inner -> List.forall (conforms item) inner
    | Schema.Array(item, count), Record.Array inner -> count = inner.Length && List.forall (conforms item) inner
    | Schema.Tuple schemas, Record.Tuple inner -> schemas.Length = inner.Length && fields (List.zip schemas inner)
    | Schema.Option _, Record.Option None -> true
    | Schema.Option item, Record.Option(Some inner) -> conforms item inner
    | Schema.Enum variants, Record.Enum(index, case, payload) ->
        index < variants.Length
        && fst variants[index] = case
        && conforms (snd variants[index]) payload
    | Schema.Map item, Record.Map entries -> entries |> List.forall (fun entry -> conforms item entry.Value)
    | Schema.Param, Record.Param _
    | Schema.Tensor, Record.Tensor _ -> true
    | Schema.Scalar _, Record.Scalar _ -> Schema.ofRecord record = schema
    | Schema.Constant parts, Record.Constant other -> parts = other
    | _ -> false

// ---- shrinking: smaller records that still are of one schema

let private emptied (data: TensorData) =
    Support.ok (TensorData.create data.Dtype (Support.shapeOf [ 0L ]) (Support.memory [||]))

let rec private smaller record : seq<Record> =
    let without items =
        seq { for index in 0 .. List.length items - 1 -> List.removeAt index items }

    let within items =
        seq {
            for index, item in List.indexed items do
                for item in smaller item do
                    yield List.updateAt index item items
        }

    let fields (inner: Field list) =
        seq {
            yield! without inner

            for index, field in List.indexed inner do
                if field.Name.Length > 1 then
                    let name = string (char (int 'a' + index))

                    if inner |> List.forall (fun other -> other.Name <> name) then
                        yield List.updateAt index { field with Name = name } inner

                for value in smaller field.Value do
                    yield List.updateAt index { field with Value = value } inner
        }

    let tensors make data =
        seq {
            if (Shape.dims data.Shape <> [ 0L ]) then
                yield make (emptied data)

            if data.Dtype <> Dtype.U8 then
                yield make (emptied { data with Dtype = Dtype.U8 })
        }

    seq {
        // any part alone is a record too
        for _, child in Record.children record do
            yield child

        match record with
        | Record.Struct inner -> yield! Seq.map Record.Struct (fields inner)
        | Record.Map inner -> yield! Seq.map Record.Map (fields inner)
        | Record.List inner ->
            yield! Seq.map Record.List (without inner)
            yield! Seq.map Record.List (within inner)
        | Record.Array inner ->
            yield! Seq.map Record.Array (without inner)
            yield! Seq.map Record.Array (within inner)
        | Record.Tuple inner ->
            yield! Seq.map Record.Tuple (without inner)
            yield! Seq.map Record.Tuple (within inner)
        | Record.Option(Some inner) ->
            yield Record.Option None

            for item in smaller inner do
                match item with
                | Record.Option _
                | Record.Constant _
                | Record.Scalar Scalar.Unit -> ()
                | item -> yield Record.Option(Some item)
        | Record.Enum(index, case, payload) ->
            if index > 0 then
                yield Record.Enum(0, case, payload)

            for payload in smaller payload do
                yield Record.Enum(index, case, payload)
        | Record.Param(id, data) -> yield! tensors (fun data -> Record.Param(id, data)) data
        | Record.Tensor data -> yield! tensors Record.Tensor data
        | Record.Scalar(Scalar.Text text) when text.Length > 1 ->
            yield Record.Scalar(Scalar.Text(text.Substring(0, text.Length / 2)))
            yield Record.Scalar(Scalar.Text(text.Substring(text.Length / 2)))
        | Record.Constant Constant.Single
        | Record.Option None
        | Record.Scalar _ -> ()
        | Record.Constant _ -> yield Record.Constant Constant.Single
    }

let private wellFormed (text: string) =
    text |> Seq.forall (fun letter -> not (Char.IsSurrogate letter)) || text = "🔥"

let rec private texts record =
    match record with
    | Record.Scalar(Scalar.Text text) -> wellFormed text
    | _ -> Record.children record |> List.forall (snd >> texts)

let shrink (sample: Sample) =
    seq {
        for record in smaller sample.Record do
            let schema = Schema.ofRecord record

            if conforms schema record && texts record then
                { Schema = schema; Record = record }
    }

// ---- what tests ask for

/// Records of every kind, with tensors of these dtypes; finite without NaN and infinity among their scalars.
let sampleWith finite dtypes =
    Gen.choose (0, 4)
    |> Gen.bind schema
    |> Gen.bind (fun schema ->
        recordOf finite dtypes schema
        |> Gen.map (fun record -> { Schema = schema; Record = record }))

/// Records of every kind.
let sample = sampleWith false dtype

/// Records that JSON can hold.
let finiteSample = sampleWith true dtype

/// Metadata with the fields that formats have a place for, and what is written beside a record.
let metadata =
    gen {
        let! values = Gen.listOfLength 5 text
        let! version = Gen.elements [ "0.21.0"; "0.20.1"; "0.19.0"; "0.17.0-pre.1"; ""; "x" ]
        return Map(List.zip Burn.metadataFields values) |> Map.add "version" version
    }

let annex =
    gen {
        let! count = Gen.choose (0, 3)
        let! names = distinctNames count
        let! values = Gen.listOfLength count text
        return Map(List.zip names values)
    }

let samples = Arb.fromGenShrink (sample, shrink)
let finiteSamples = Arb.fromGenShrink (finiteSample, shrink)

/// So many cases for each law; more where time is cheap.
let config =
    let cases =
        if Environment.GetEnvironmentVariable "CI" = "true" then
            1000
        else
            200

    { Expecto.FsCheckConfig.defaultConfig with maxTest = cases; endSize = 30 }
