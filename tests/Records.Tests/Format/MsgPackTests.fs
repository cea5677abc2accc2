module Records.Tests.MsgPackTests

open System
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support

let private hex (text: string) =
    Convert.FromHexString(text.Replace(" ", ""))

let private str (text: string) =
    let bytes = Encoding.UTF8.GetBytes text

    if bytes.Length < 32 then
        Array.append [| 0xA0uy ||| byte bytes.Length |] bytes
    else
        Array.concat [ [| 0xD9uy; byte bytes.Length |]; bytes ]

/// A file around the bytes of an item.
let private fileOf (item: byte[]) =
    Array.concat [ hex "82"; str "metadata"; hex "80"; str "item"; item ]

let private read schema item =
    MsgPack.codec.Decode (contextOf schema) (inputOf (fileOf item))

let private readAs schema item = (ok (read (Some schema) item)).Root
let private scalar kind = Schema.Scalar kind

let private allocated work =
    let before = GC.GetAllocatedBytesForCurrentThread()
    let result = work ()
    result, GC.GetAllocatedBytesForCurrentThread() - before

let private tensorWith (bytes: byte[]) (shape: byte[]) (dtype: byte[]) =
    Array.concat [ hex "83"; str "bytes"; bytes; str "shape"; shape; str "dtype"; dtype ]

let private expected = Record.Tensor(tensorOf Dtype.U8 [ 2L ] [| 7uy; 200uy |])

let tests =
    testList
        "MsgPack"
        [
            for kind, bytes, value in
                [
                    ScalarType.U64, "05", Scalar.U64 5UL
                    ScalarType.U64, "cc05", Scalar.U64 5UL
                    ScalarType.U64, "cd0005", Scalar.U64 5UL
                    ScalarType.U64, "ce00000005", Scalar.U64 5UL
                    ScalarType.U64, "cf0000000000000005", Scalar.U64 5UL
                    ScalarType.U64, "d005", Scalar.U64 5UL
                    ScalarType.U64, "d10005", Scalar.U64 5UL
                    ScalarType.U64, "d20000 0005", Scalar.U64 5UL
                    ScalarType.U64, "d3000000000000 0005", Scalar.U64 5UL
                    ScalarType.U64, "cfffffffffffffffff", Scalar.U64 UInt64.MaxValue
                    ScalarType.I64, "d38000000000000000", Scalar.I64 Int64.MinValue
                    ScalarType.I8, "d1ffff", Scalar.I8 -1y
                    ScalarType.I32, "ff", Scalar.I32 -1
                    ScalarType.I64, "e0", Scalar.I64 -32L
                    ScalarType.I64, "d080", Scalar.I64 -128L
                    ScalarType.I64, "d18000", Scalar.I64 -32768L
                    ScalarType.I64, "d280000000", Scalar.I64 -2147483648L
                    ScalarType.U64, "7f", Scalar.U64 127UL
                    ScalarType.U64, "ccff", Scalar.U64 255UL
                    ScalarType.U64, "cdffff", Scalar.U64 65535UL
                    ScalarType.U64, "ceffffffff", Scalar.U64 4294967295UL
                    ScalarType.U64, "cf8000000000000000", Scalar.U64 9223372036854775808UL
                    ScalarType.F64, "ca3f800000", Scalar.F64 1.0
                    ScalarType.F32, "cb3ff0000000000000", Scalar.F32 1f
                    ScalarType.F32, "07", Scalar.F32 7f
                    ScalarType.F16, "cd3e00", Scalar.F16 15872us
                    ScalarType.Text, "da0002 6869", Scalar.Text "hi"
                    ScalarType.Text, "db00000002 6869", Scalar.Text "hi"
                    ScalarType.Unit, "90", Scalar.Unit
                    ScalarType.Unit, "c0", Scalar.Unit
                ] do
                testCase $"{bytes} is read as {kind}" (fun () ->
                    expectSame (readAs (scalar kind) (hex bytes)) (Record.Scalar value) bytes)

            for kind, bytes in
                [
                    ScalarType.U8, "cd0100"
                    ScalarType.I8, "cc80"
                    ScalarType.U64, "ff"
                    ScalarType.I64, "cfffffffffffffffff"
                    ScalarType.U32, "ca3f800000"
                    ScalarType.F16, "ca3f800000"
                    ScalarType.Bool, "01"
                    ScalarType.Text, "01"
                    ScalarType.U8, "c0"
                ] do
                testCase $"{bytes} is no {kind}" (fun () -> read (Some(scalar kind)) (hex bytes) |> error |> ignore)

            testCase "a struct may be the list of its fields" (fun () ->
                let schema = Schema.Struct [ "a", scalar ScalarType.U8; "b", scalar ScalarType.Text ]
                let value = structOf [ "a", Record.Scalar(Scalar.U8 1uy); "b", Record.Scalar(Scalar.Text "x") ]
                expectSame (readAs schema (hex "92 01 a178")) value "in order"
                read (Some schema) (hex "91 01") |> error |> ignore)

            testCase "a tensor and a parameter may be lists of their fields" (fun () ->
                let tensor = Array.concat [ hex "93 c402 07c8 9102"; str "U8" ]
                expectSame (readAs Schema.Tensor tensor) expected "a tensor"
                let param = Array.concat [ hex "92"; str "id"; tensor ]

                expectSame
                    (readAs Schema.Param param)
                    (parameter "id" (tensorOf Dtype.U8 [ 2L ] [| 7uy; 200uy |]))
                    "a parameter")

            testCase "an enum's variant goes by name or by number" (fun () ->
                let schema = Schema.Enum [ "A", Models.constant; "B", Models.constant ]
                let second = Record.Enum(1, "B", Record.Constant Constant.Single)
                expectSame (readAs schema (str "B")) second "a name alone"
                expectSame (readAs schema (hex "81 a142 c0")) second "a map of one"
                expectSame (readAs schema (hex "01")) second "a number"
                read (Some schema) (hex "02") |> error |> ignore
                read (Some schema) (str "C") |> error |> ignore
                read (Some schema) (hex "82 a141 c0 a142 c0") |> error |> ignore)

            testCase "a dtype goes by name or by number" (fun () ->
                let read dtype =
                    readAs Schema.Tensor (tensorWith (hex "c402 07c8") (hex "9102") dtype)

                expectSame (read (str "U8")) expected "by name"
                expectSame (read (hex "0c")) expected "by its number in Burn 0.21"
                expectSame (read (Array.concat [ hex "81"; str "U8"; hex "c0" ])) expected "as a map of one")

            testCase "truth values are spelt as Burn 0.20 or 0.21 did" (fun () ->
                let read dtype =
                    readAs Schema.Tensor (tensorWith (hex "c402 0100") (hex "9102") dtype)

                let native = Record.Tensor(tensorOf (Dtype.Bool BoolStore.Native) [ 2L ] [| 1uy; 0uy |])
                expectSame (read (str "Bool")) native "0.20"
                expectSame (read (Array.concat [ hex "81"; str "Bool"; str "Native" ])) native "0.21"
                let u8 = Record.Tensor(tensorOf (Dtype.Bool BoolStore.U8) [ 2L ] [| 1uy; 0uy |])
                expectSame (read (Array.concat [ hex "81"; str "Bool"; str "U8" ])) u8 "0.21, stored in bytes")

            testCase "bytes may be a bin of any size, a text or a list of numbers" (fun () ->
                for bytes in [ "c402 07c8"; "c50002 07c8"; "c600000002 07c8"; "92 07 ccc8"; "dc0002 07 cd00c8" ] do
                    expectSame (readAs Schema.Tensor (tensorWith (hex bytes) (hex "9102") (str "U8"))) expected bytes

                let text = readAs Schema.Tensor (tensorWith (str "hi") (hex "9102") (str "U8"))
                expectSame text (Record.Tensor(tensorOf Dtype.U8 [ 2L ] "hi"B)) "a text's UTF-8"

                for wrong in [ "92 07 cd0100"; "92 07 ff"; "c0"; "92 07 c0"; "07" ] do
                    read (Some Schema.Tensor) (tensorWith (hex wrong) (hex "9102") (str "U8"))
                    |> error
                    |> ignore)

            testCase "bytes are a bin of the smallest size, as rmp-serde writes them" (fun () ->
                for length, header in [ 0, "c400"; 255, "c4ff"; 256, "c50100"; 65535, "c5ffff"; 65536, "c600010000" ] do
                    let bytes = Array.create length 7uy
                    let record = Record.Tensor(tensorOf Dtype.U8 [ int64 length ] bytes)
                    let file = bytesOf (ok (MsgPack.codec.Encode { Burn = BurnVersion.latest } (documentOf record)))
                    let written = Array.concat [ str "bytes"; hex header; bytes; str "shape" ]
                    Expect.isGreaterThanOrEqual (file.AsSpan().IndexOf(written.AsSpan())) 0 $"{length} bytes")

            testCase "a tensor whose bytes do not fit its shape is refused" (fun () ->
                for shape, dtype in
                    [
                        "9103", "U8"
                        "9102", "F32"
                        "9200 cf7fffffffffffffff", "U8"
                        "92cf7fffffffffffffff cf7fffffffffffffff", "U8"
                        "91ff", "U8"
                        "91cfffffffffffffffff", "U8"
                        "91c0", "U8"
                        "91ca3f800000", "U8"
                        "c0", "U8"
                    ] do
                    read (Some Schema.Tensor) (tensorWith (hex "c402 07c8") (hex shape) (str dtype))
                    |> error
                    |> ignore)

            testCase "a struct that only looks like a parameter is one without a schema, and itself with one" (fun () ->
                let item = Array.concat [ hex "82"; str "id"; hex "01"; str "param"; hex "02" ]
                let value = structOf [ "id", Record.Scalar(Scalar.U64 1UL); "param", Record.Scalar(Scalar.U64 2UL) ]
                expectSame (ok (read None item)).Root value "no text, no tensor")

            testCase "unknown keys are skipped inside parameters and tensors" (fun () ->
                let tensor =
                    Array.concat
                        [
                            hex "84"
                            str "new"
                            hex "91 81 a161 c0"
                            str "dtype"
                            str "U8"
                            str "shape"
                            hex "9102"
                            str "bytes"
                            hex "c402 07c8"
                        ]

                expectSame (readAs Schema.Tensor tensor) expected "a tensor in another order"
                let param = Array.concat [ hex "83"; str "param"; tensor; str "x"; hex "c3"; str "id"; str "i" ]

                expectSame
                    (readAs Schema.Param param)
                    (parameter "i" (tensorOf Dtype.U8 [ 2L ] [| 7uy; 200uy |]))
                    "a parameter")

            testCase "a constant's place may hold anything" (fun () ->
                for value in [ "c0"; "01"; "93010203"; "80"; "81 a161 c402 0000"; "cb3ff0000000000000" ] do
                    let read =
                        readAs (Schema.Struct [ "c", Models.constant ]) (Array.concat [ hex "81"; str "c"; hex value ])

                    expectSame read (structOf [ "c", Record.Constant Constant.Single ]) value)

            for bytes in [ "d40100"; "d5010000"; "d601 00000000"; "c70101 00"; "c8000101 00"; "c900000001 01 00"; "c1" ] do
                testCase $"{bytes}, an extension or nothing at all, is refused" (fun () ->
                    read None (hex bytes) |> error |> ignore)

            for bytes in [ "81 01 02"; "81 c0 02"; "81 c40161 02"; "81 90 02"; "81 a1ff 02"; "a2c328" ] do
                testCase $"{bytes}: a key that is no text, or text that is no UTF-8, is refused" (fun () ->
                    read None (hex bytes) |> error |> ignore)

            for name, open' in [ "lists", [| 0x91uy |]; "maps", [| 0x81uy; 0xA1uy; 0x61uy |] ] do
                testCase $"100,000 nested {name} are too large, not a stack overflow" (fun () ->
                    match read None (Array.concat (List.replicate 100_000 open')) with
                    | Error(RecordError.TooLarge(_, "nesting", _, _)) -> ()
                    | other -> failtest $"{other}")

            for bytes in [ "c6ffffffff"; "c5ffff"; "dbffffffff"; "ddffffffff"; "dfffffffff"; "dd3b9aca00"; "dcffff" ] do
                testCase $"{bytes}: a length far beyond the file is refused, and nothing allocated for it" (fun () ->
                    let result, used = allocated (fun () -> read None (Array.append (hex bytes) (Array.zeroCreate 50)))
                    error result |> ignore
                    Expect.isLessThan used (1L <<< 20) "memory")

            testCase "of a tensor that is one byte short it is told how many there are" (fun () ->
                match read None (hex "c403 07c8") with
                | Error(RecordError.Malformed(_, _, _, expected, actual)) ->
                    Expect.equal (expected, actual) ("3 bytes of a tensor", "the end after 2") "what is there"
                | other -> failtest $"{other}")

            testCase "what is wrong is named with its path and offset" (fun () ->
                let item = Array.concat [ hex "81"; str "fc1"; hex "81"; str "weight"; hex "c1" ]

                match read None item with
                | Error(RecordError.Malformed("MessagePack", path, offset, _, _)) ->
                    Expect.equal path [ "fc1"; "weight" ] "the record's own path"
                    Expect.equal offset (int64 (fileOf item).Length - 1L) "the last byte"
                | other -> failtest $"{other}"

                match
                    read
                        (Some(Schema.Struct [ "fc1", Schema.Struct [ "n", scalar ScalarType.U8 ] ]))
                        (Array.concat [ hex "81"; str "fc1"; hex "81"; str "n"; hex "cd0100" ])
                with
                | Error(RecordError.OutOfRange([ "fc1"; "n" ], 1L, "256", _)) -> ()
                | other -> failtest $"{other}")

            testCase "a path is as deep as what is wrong" (fun () ->
                let names = [ for level in 0..39 -> $"n{level}" ]
                let inner = [| for name in names -> Array.append (hex "81") (str name) |]

                // what has been left is no part of the path
                match
                    read
                        None
                        (Array.concat
                            [
                                hex "82"
                                str "left"
                                Array.concat inner
                                hex "01"
                                str "here"
                                Array.concat inner
                                hex "c1"
                            ])
                with
                | Error(RecordError.Malformed(_, path, _, _, _)) -> Expect.equal path ("here" :: names) "all of it"
                | other -> failtest $"{other}")

            testCase "nesting above the limit is named with the record's own path" (fun () ->
                let item = Array.concat [ hex "81"; str "a"; Array.create 200 0x91uy; hex "00" ]

                match read None item with
                | Error(RecordError.TooLarge("a" :: "0" :: _, _, _, _)) -> ()
                | other -> failtest $"{other}")

            testCase "numbers of which some are not here yet are told from those that are all" (fun () ->
                // read in windows, of which the first ends among the twelve numbers
                let numbers count =
                    Array.append [| 0x90uy ||| byte count |] [| 1uy .. byte count |]

                let lists = [ for count in 12..-1..8 -> $"n{count}", count ]
                let schema = Schema.Struct [ for name, _ in lists -> name, Schema.List(scalar ScalarType.U8) ]

                let expected =
                    structOf
                        [
                            for name, count in lists ->
                                name, Record.List [ for number in 1..count -> Record.Scalar(Scalar.U8(byte number)) ]
                        ]

                for padding in 4000..4100 do
                    let fields = [ for name, count in lists -> Array.append (str name) (numbers count) ]

                    let text =
                        Array.concat [ hex "da"; [| byte (padding >>> 8); byte padding |]; Array.create padding 'a'B ]

                    let item = Array.concat [ hex "86"; str "pad"; text; Array.concat fields ]
                    let input = Forward.input (remote (fileOf item))
                    let read = ok (MsgPack.codec.Decode (contextOf (Some schema)) input)
                    expectSame read.Root expected $"behind {padding} bytes")

            testCase "a known key twice is refused" (fun () ->
                let schema = Schema.Struct [ "a", scalar ScalarType.U8 ]
                read (Some schema) (hex "82 a161 01 a161 02") |> error |> ignore
                read None (hex "82 a161 01 a161 02") |> error |> ignore)

            testCase "metadata is found behind other fields" (fun () ->
                let bytes =
                    Array.concat
                        [ hex "82"; str "item"; hex "93010203"; str "metadata"; hex "81"; str "version"; str "0.21.0" ]

                let metadata = ok (MsgPack.codec.Metadata Recorder.defaultLimits (inputOf bytes))
                Expect.equal metadata (Map [ "version", "0.21.0" ]) "the last entry"

                MsgPack.codec.Metadata Recorder.defaultLimits (inputOf (hex "80"))
                |> error
                |> ignore

                MsgPack.codec.Metadata Recorder.defaultLimits (inputOf [||]) |> error |> ignore)
        ]
