/// What serde's readers accept of a record, and every layout's spelling of it: made by hand, read from structure alone.
module Records.Tests.ReadingTests

open System
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support

let private text = Value.text
let private number value = Value.Scalar(Scalar.U64 value)

let private numbers values =
    Value.Seq [| for value in values -> number value |]

let private map (fields: (string * Value) list) = Value.Map(Value.entries fields)

let private metadata float int version format =
    map
        [
            "float", text float
            "int", text int
            "format", text format
            "version", text version
            "settings", text "x"
        ]

let private full version = metadata "f32" "i32" version "x"

let private half version =
    metadata "half::binary16::f16" "i16" version "x"

let private marker = Value.Marker

let private mpk fields = Wire.mpk (map fields)

let private json fields =
    let parts = Parts()
    JsonWriter.write false parts 0 (map fields)
    bytesOf (parts.ToPayload())

let private decode (codec: Codec) schema bytes =
    codec.Decode (contextOf schema) (inputOf bytes)

let private item schema value =
    (ok (decode MsgPack.codec (Some schema) (mpk [ "metadata", full "0.21.0"; "item", value; "_b", marker ]))).Root

let private tensor dims (values: single list) = f32 dims values

let private data (bytes: byte list) dims dtype =
    map [ "bytes", Value.Bytes(memory (Array.ofList bytes)); "shape", numbers dims; "dtype", dtype ]

let private one = [ 0uy; 0uy; 128uy; 63uy ]
let private expected = Record.Tensor(tensor [ 1L ] [ 1f ])

let private bool store bytes =
    Record.Tensor(tensorOf (Dtype.Bool store) [ 3L ] bytes)

let private envelope =
    [
        for name, fields in
            [
                "without the marker", [ "metadata", full "0.11.1"; "item", data one [ 1UL ] (text "F32") ]
                "with a nil for the marker",
                [ "metadata", full "0.21.0"; "item", data one [ 1UL ] (text "F32"); "_b", Value.Absent ]
                "in another order, with keys that nobody knows",
                [
                    "later", map [ "a", Value.Seq [| Value.Absent; number 7UL |] ]
                    "_b", marker
                    "item", data one [ 1UL ] (text "F32")
                    "metadata", full "0.21.0"
                    "", text ""
                ]
            ] do
            testCase $"a file {name} is read from MessagePack and JSON" (fun () ->
                expectSame (ok (decode MsgPack.codec (Some Schema.Tensor) (mpk fields))).Root expected "MessagePack"
                expectSame (ok (decode MsgPack.codec None (mpk fields))).Root expected "without a schema"
                expectSame (ok (decode Json.compact (Some Schema.Tensor) (json fields))).Root expected "JSON")

        testCase "the envelope and everything in it may be lists" (fun () ->
            let texts = Value.Seq [| for value in [ "f32"; "i32"; "x"; "0.21.0"; "y" ] -> text value |]
            let tensor = Value.Seq [| Value.Bytes(memory (Array.ofList one)); numbers [ 1UL ]; text "F32" |]
            let param = Value.Seq [| text "30b82c23-788d-4d63-a743-ada258d5f101"; tensor |]

            for parts in [ [| texts; param; marker |]; [| texts; param |] ] do
                let bytes = Wire.mpk (Value.Seq parts)
                let document = ok (decode MsgPack.codec (Some Schema.Param) bytes)

                expectSame
                    document.Root
                    (parameter "30b82c23-788d-4d63-a743-ada258d5f101" (f32 [ 1L ] [ 1f ]))
                    "the item"

                Expect.equal document.Metadata["version"] "0.21.0" "the metadata"
                let alone = ok (MsgPack.codec.Metadata Recorder.defaultLimits (inputOf bytes))
                Expect.equal alone document.Metadata "the metadata alone"
                let identified = ok (Formats.identify Recorder.defaultLimits (inputOf bytes))
                Expect.equal identified.Codec.Name MsgPack.codec.Name "found from the bytes"

            let parts = Parts()
            JsonWriter.write true parts 0 (Value.Seq [| texts; param; marker |])
            let bytes = bytesOf (parts.ToPayload())
            let document = ok (decode Json.pretty (Some Schema.Param) bytes)
            Expect.equal (Seq.length (Record.tensors document.Root)) 1 "JSON"
            Expect.equal (ok (Json.pretty.Metadata Recorder.defaultLimits (inputOf bytes))) document.Metadata "alone")

        testCase "what the metadata says of the format does not matter" (fun () ->
            let wrong =
                metadata
                    "f32"
                    "i32"
                    "0.10.0"
                    "burn_core::record::file::BinGzFileRecorder<burn_core::record::settings::X>"

            let bytes = mpk [ "metadata", wrong; "item", data one [ 1UL ] (text "F32") ]
            expectSame (ok (Recorder.decode Recorder.namedMsgPack (inputOf bytes))).Root expected "as it is"
            let identified = ok (Formats.identify Recorder.defaultLimits (inputOf bytes))

            Expect.equal
                (identified.Codec.Name, identified.Compression.IsSome)
                ("named-msgpack", false)
                "found from the bytes"

            let bytes = bytesOf (Gzip.transform.Forward 1 { Length = None; Parts = [ ReadOnlyMemory bytes ] })
            let recorder = Recorder.gzip Recorder.namedMsgPack
            expectSame (ok (Recorder.decode recorder (inputOf bytes))).Root expected "compressed")
    ]

let private tensors =
    [
        testCase
            "a struct of an id and a tensor is one where the schema says so, and a parameter where it does not"
            (fun () ->
                let root = structOf [ "id", Record.Scalar(Scalar.Text "x"); "param", expected ]
                let schema = Schema.ofRecord root

                for recorder in [ Recorder.namedMsgPack; Recorder.bincode; Recorder.prettyJson ] do
                    let bytes = bytesOf (ok (Recorder.encode (Recorder.schema schema recorder) (documentOf root)))

                    let read schema =
                        Recorder.decode (Recorder.schema schema recorder) (inputOf bytes)

                    expectSame (ok (read schema)).Root root recorder.Name
                    expectSame (ok (read Schema.Param)).Root (parameter "x" (f32 [ 1L ] [ 1f ])) recorder.Name)

        testCase "a parameter's id may stand behind its tensor" (fun () ->
            let value = map [ "param", data one [ 1UL ] (text "F32"); "id", text "x" ]
            let bytes = mpk [ "metadata", full "0.21.0"; "item", value; "_b", marker ]
            let expected = parameter "x" (f32 [ 1L ] [ 1f ])
            expectSame (ok (decode MsgPack.codec None bytes)).Root expected "without a schema"
            expectSame (ok (decode MsgPack.codec (Some Schema.Param) bytes)).Root expected "with one")

        testCase "what looks like a tensor is no tensor where texts are" (fun () ->
            let tensor = data one [ 1UL ] (text "F32")
            let param = map [ "id", text "x"; "param", tensor ]

            for metadata, expected in [ tensor, [ "dtype", "F32" ]; param, [ "id", "x" ] ] do
                let bytes = mpk [ "metadata", metadata; "item", data one [ 1UL ] (text "F32"); "_b", marker ]
                let document = ok (decode MsgPack.codec (Some Schema.Tensor) bytes)
                Expect.equal (Map.toList document.Metadata) expected "the texts in it")

        testCase "entries of a map may be named as the fields of a tensor" (fun () ->
            let root = Record.Map [ for name in [ "bytes"; "shape"; "dtype" ] -> { Name = name; Value = expected } ]

            for recorder in [ Recorder.namedMsgPack; Recorder.bincode; Recorder.prettyJson ] do
                let recorder = Recorder.schema (Schema.Map Schema.Tensor) recorder
                let bytes = bytesOf (ok (Recorder.encode recorder (documentOf root)))
                expectSame (ok (Recorder.decode recorder (inputOf bytes))).Root root recorder.Name)

        testCase "both layouts of a tensor are read from one file, whatever its version" (fun () ->
            let old = map [ "value", Value.Seq [| Value.Scalar(Scalar.F32 1f) |]; "shape", numbers [ 1UL ] ]
            let listed = Value.Seq [| Value.Seq [| Value.Scalar(Scalar.F32 1f) |]; numbers [ 1UL ] |]
            let items = Value.Seq [| old; listed; data one [ 1UL ] (text "F32") |]
            expectSame (item (Schema.List Schema.Tensor) items) (Record.List [ expected; expected; expected ]) "each")

        for name, dtype, store in
            [
                "the name alone", text "Bool", BoolStore.Native
                "a map to nil", map [ "Bool", Value.Absent ], BoolStore.Native
                "Native", map [ "Bool", text "Native" ], BoolStore.Native
                "U8", map [ "Bool", text "U8" ], BoolStore.U8
                "a store by number", map [ "Bool", number 1UL ], BoolStore.U8
            ] do
            testCase $"Bool is spelled by {name}" (fun () ->
                expectSame
                    (item Schema.Tensor (data [ 1uy; 0uy; 1uy ] [ 3UL ] dtype))
                    (bool store [| 1uy; 0uy; 1uy |])
                    name)

        testCase "Bool's store may be words" (fun () ->
            let words =
                [ for value in [ 1; 0; 1 ] -> byte value, 0uy, 0uy, 0uy ]
                |> List.collect (fun (a, b, c, d) -> [ a; b; c; d ])

            let read = item Schema.Tensor (data words [ 3UL ] (map [ "Bool", text "U32" ]))
            expectSame read (bool BoolStore.U32 (Array.ofList words)) "U32")

        testCase "dtypes that go by number are numbered as in the file's version" (fun () ->
            for version, index, dtype in
                [
                    "0.14.0", 2UL, Dtype.F16
                    "0.15.0", 10UL, Dtype.U8
                    "0.16.1", 10UL, Dtype.U16
                    "0.16.1", 3UL, Dtype.BF16
                    "0.20.0", 2UL, Dtype.Flex32
                    "0.20.0", 3UL, Dtype.F16
                    "0.21.0", 12UL, Dtype.U8
                    "main", 4UL, Dtype.BF16
                ] do
                let size = Option.get (Dtype.size dtype)
                let bytes = List.replicate size 1uy
                let fields = [ "metadata", full version; "item", data bytes [ 1UL ] (number index) ]
                let wanted = Record.Tensor(tensorOf dtype [ 1L ] (Array.ofList bytes))
                expectSame (ok (decode MsgPack.codec None (mpk fields))).Root wanted $"{index} in {version}"
                expectSame (ok (decode Json.compact None (json fields))).Root wanted $"{index} in {version}, JSON")

        testCase "bytes may be a bin, a text or a list of numbers" (fun () ->
            let letters = "the bytes of a text, all told 32"
            let wanted = Record.Tensor(tensorOf Dtype.U8 [ 32L ] (Encoding.UTF8.GetBytes letters))

            for bytes in
                [
                    Value.Bytes(memory (Encoding.UTF8.GetBytes letters))
                    text letters
                    numbers [ for letter in letters -> uint64 letter ]
                ] do
                let value = map [ "dtype", text "U8"; "bytes", bytes; "shape", numbers [ 32UL ] ]
                expectSame (item Schema.Tensor value) wanted "in any order")

        testCase "ids of 10, 13 and 36 characters are carried as they are" (fun () ->
            for id in [ "04000000vv"; "0400000000000"; "30b82c23-788d-4d63-a743-ada258d5f101" ] do
                let value = map [ "id", text id; "param", data one [ 1UL ] (text "F32") ]
                expectSame (item Schema.Param value) (parameter id (f32 [ 1L ] [ 1f ])) id)
    ]

let private halves =
    [
        testCase "halves of Burn up to 0.13 are the numbers that their bits are" (fun () ->
            let value = map [ "value", numbers [ 15872UL; 0UL; 49408UL ]; "shape", numbers [ 3UL ] ]

            let wanted =
                Record.Tensor(
                    ok (
                        View.tensor
                            Dtype.F16
                            [ 3L ]
                            [| for bits in [ 15872us; 0us; 49408us ] -> BitConverter.UInt16BitsToHalf bits |]
                    )
                )

            for fields in
                [
                    [ "metadata", half "0.13.2"; "item", value; "_b", marker ]
                    [ "metadata", half "0.10.0"; "item", value ]
                ] do
                expectSame (ok (decode MsgPack.codec None (mpk fields))).Root wanted "MessagePack"
                expectSame (ok (decode Json.compact None (json fields))).Root wanted "JSON")

        testCase "integers in a file of halves are told by one that is negative" (fun () ->
            let value =
                map [ "value", Value.Seq [| number 3UL; Value.Scalar(Scalar.I64 -1L) |]; "shape", numbers [ 2UL ] ]

            let read = ok (decode MsgPack.codec None (mpk [ "metadata", half "0.13.0"; "item", value ]))
            expectSame read.Root (Record.Tensor(ok (View.tensor Dtype.I16 [ 2L ] [| 3s; -1s |]))) "I16")

        testCase "integers that their type has no room for are refused, and its own ends are not" (fun () ->
            let negative value = Value.Scalar(Scalar.I64 value)

            for settings, kind, good, bad in
                [
                    full "0.13.0", "32", [ negative -2147483648L; number 2147483647UL ], negative -2147483649L
                    full "0.13.0", "32", [ negative -2147483648L; number 2147483647UL ], number 2147483648UL
                    half "0.13.0", "16", [ negative -32768L; number 32767UL ], negative -32769L
                    half "0.13.0", "16", [ negative -32768L; number 32767UL ], number 32768UL
                ] do
                let read values =
                    let value =
                        map [ "value", Value.Seq(Array.ofList values); "shape", numbers [ uint64 values.Length ] ]

                    decode MsgPack.codec None (mpk [ "metadata", settings; "item", value ])

                ok (read good) |> ignore

                match error (read (bad :: good)) with
                | RecordError.OutOfRange(_, 1L, _, expected) -> Expect.stringContains expected kind "the type"
                | other -> failtest (RecordError.message other))
    ]

let private schemes =
    let unit name = text name

    let newer store =
        map
            [
                "value", unit "Q4S"
                "param", unit "BF16"
                "store", store
                "level", unit "Tensor"
                "mode", unit "Symmetric"
            ]

    let scheme store =
        Dtype.QFloat
            {
                Value = QuantValue.Q4S
                Param = QuantParam.BF16
                Store = store
                Level = QuantLevel.Tensor
                Mode = QuantMode.Symmetric
            }

    let old = Dtype.OldQFloat

    // what each version wrote, and the version
    let words =
        [
            14,
            map
                [
                    "PerTensorAffineInt8",
                    map [ "scale", Value.Scalar(Scalar.F32 0.5f); "offset", Value.Scalar(Scalar.I64 -3L); "_a", marker ]
                ],
            old (OldQuantScheme.Affine14(0.5f, -3y))
            15,
            map [ "PerTensorSymmetricInt8", map [ "scale", Value.Scalar(Scalar.F32 0.1f); "_q", marker ] ],
            old (OldQuantScheme.Symmetric14 0.1f)
            16, map [ "PerTensorAffine", unit "QInt8" ], old OldQuantScheme.Affine16
            16, map [ "PerTensorSymmetric", unit "QInt8" ], old OldQuantScheme.Symmetric16
            17, map [ "PerTensor", Value.Seq [| unit "Symmetric"; unit "QInt8" |] ], old OldQuantScheme.Symmetric17
            18,
            map
                [
                    "level", unit "Tensor"
                    "mode", unit "Symmetric"
                    "q_type", unit "QInt8"
                    "acc_precision", unit "Half"
                    "propagation", unit "Inhibit"
                ],
            old (OldQuantScheme.Symmetric18(true, false))
            19, newer (unit "U32"), scheme (QuantStore.PackedU32 0UL)
            19, newer (unit "Native"), scheme QuantStore.Native
            20, newer (map [ "PackedU32", number 1UL ]), scheme (QuantStore.PackedU32 1UL)
            21, newer (map [ "PackedNative", number 0UL ]), scheme (QuantStore.PackedNative 0UL)
        ]

    [
        for minor, word, dtype in words do
            testCase $"a quantised tensor of Burn 0.{minor} is read and written in its words: {dtype}" (fun () ->
                let bytes = [ 1uy; 2uy; 3uy; 4uy; 5uy ]
                let wanted = structOf [ "w", Record.Tensor(tensorOf dtype [ 3L ] (Array.ofList bytes)) ]
                let version = BurnVersion.text (burn minor)
                let value = map [ "w", data bytes [ 3UL ] (map [ "QFloat", word ]) ]
                let fields = [ "metadata", full version; "item", value; "_b", marker ]
                expectSame (ok (decode MsgPack.codec None (mpk fields))).Root wanted "MessagePack"
                expectSame (ok (decode Json.compact None (json fields))).Root wanted "JSON"

                let names = map [ for name in Burn.metadataFields -> name, text "" ]
                let plain = [ "metadata", names; "item", value; "_b", marker ]

                let encode (codec: Codec) =
                    codec.Encode { Burn = burn minor } (documentOf wanted)

                expectBytes (bytesOf (ok (encode MsgPack.codec))) (mpk plain) "written as MessagePack"
                expectBytes (bytesOf (ok (encode Json.compact))) (json plain) "written as JSON"

                let schema = Schema.Struct [ "w", Schema.Tensor ]
                let context = { contextOf (Some schema) with Burn = Some(burn minor) }
                let bin = bytesOf (ok (encode Bincode.codec))
                expectSame (ok (Bincode.codec.Decode context (inputOf bin))).Root wanted "bin"

                // whatever precision a recorder has, it is not touched
                for precision in [ Precision.Full; Precision.Half; Precision.Double ] do
                    let recorder =
                        Recorder.namedMsgPack
                        |> Recorder.precision precision
                        |> Recorder.forBurn (burn minor)

                    let bytes = bytesOf (ok (Recorder.encode recorder (documentOf wanted)))
                    expectSame (ok (Recorder.decode recorder (inputOf bytes))).Root wanted $"{precision}")

        testCase "a Burn that has no words for a quantised tensor is an error with its path" (fun () ->
            for minor, _, dtype in words do
                for other in 7..21 do
                    let record = structOf [ "layer", structOf [ "w", Record.Tensor(tensorOf dtype [ 1L ] [| 1uy |]) ] ]

                    let said =
                        words
                        |> List.exists (fun (version, _, known) ->
                            known = dtype && Generation.at (burn version) = Generation.at (burn other))
                        || minor >= 20 && other >= 20
                        || (dtype = scheme QuantStore.Native || dtype = scheme (QuantStore.PackedU32 0UL))
                           && other >= 19

                    for codec in [ MsgPack.codec; Bincode.codec; Json.pretty ] do
                        match codec.Encode { Burn = burn other } (documentOf record) with
                        | Ok _ -> Expect.isTrue said $"{dtype} for 0.{other}"
                        | Error(RecordError.Unsupported(path, _)) ->
                            Expect.equal path [ "layer"; "w" ] "the path"
                            Expect.isFalse said $"{dtype} for 0.{other}"
                        | Error error -> failtest (RecordError.message error))
    ]

let tests =
    testList
        "reading"
        [
            testList "envelope" envelope
            testList "tensors" tensors
            testList "halves" halves
            testList "quantised" schemes
        ]
