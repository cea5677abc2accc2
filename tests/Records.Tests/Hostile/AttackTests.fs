/// Files made to hurt: each trick, and the error that it gets.
module Records.Tests.Hostile.AttackTests

open System
open System.Text
open System.Threading
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support

let private recorderOf codec : Recorder =
    { Recorder.namedMsgPack with Codec = codec }

let private told (result: Result<'T, RecordError>) = RecordError.message (error result)

let private expectTold (part: string) (result: Result<'T, RecordError>) =
    Expect.stringContains (told result) part ""

/// A MessagePack file with these bytes as its item.
let private mpk (item: byte[]) =
    Array.concat [ [| 0x82uy; 0xA8uy |]; "metadata"B; [| 0x80uy; 0xA4uy |]; "item"B; item ]

let private json (item: string) =
    Encoding.UTF8.GetBytes("{\"metadata\":{},\"item\":" + item + "}")

let private repeat count (text: string) = String.replicate count text

/// A burnpack of this metadata and data.
let private burnpack (metadata: byte[]) (data: byte[]) =
    Array.concat [ BurnpackLayout.header metadata.Length; metadata; data ]

let private million = 1_000_000

let private entries =
    let big (marker: byte) (count: int) =
        [| marker; byte (count >>> 24); byte (count >>> 16); byte (count >>> 8); byte count |]

    [
        "a list of a million nils in MessagePack",
        Recorder.namedMsgPack,
        mpk (Array.append (big 0xDDuy million) (Array.create million 0xC0uy))
        "a map of a million names in MessagePack",
        Recorder.namedMsgPack,
        mpk (Array.append (big 0xDFuy million) (Array.replicate million [| 0xA1uy; 65uy; 0xC0uy |] |> Array.concat))
        "half a million lists in MessagePack",
        Recorder.namedMsgPack,
        mpk (Array.append (big 0xDDuy million) (Array.replicate (million / 2) [| 0x91uy; 0xC0uy |] |> Array.concat))
        "a list of a million nulls in JSON", Recorder.prettyJson, json ("[" + repeat (million - 1) "null," + "null]")
        "an object of a million names in JSON",
        Recorder.prettyJson,
        json ("{" + repeat (million - 1) "\"\":0," + "\"\":0}")
        "a list of a million nothings in bincode",
        Recorder.bincode |> Recorder.schema (Schema.List(Schema.Option Schema.Param)),
        Array.concat [ Array.zeroCreate 5; [| 252uy |]; BitConverter.GetBytes million; Array.zeroCreate million ]
        "a list of endlessly many units in bincode",
        Recorder.bincode |> Recorder.schema (Schema.List(Schema.Scalar ScalarType.Unit)),
        Array.concat [ Array.zeroCreate 5; [| 253uy |]; BitConverter.GetBytes Int64.MaxValue ]
        "lists of arrays of units in bincode",
        Recorder.bincode
        |> Recorder.schema (Schema.List(Schema.Array(Schema.Scalar ScalarType.Unit, 10_000))),
        Array.concat [ Array.zeroCreate 5; [| 251uy |]; BitConverter.GetBytes 60_000us ]
    ]

/// Nested so often, closed where the format can close.
let private nested =
    [
        "lists in MessagePack", Recorder.namedMsgPack, mpk (Array.create million 0x91uy)
        "maps in MessagePack", Recorder.namedMsgPack, mpk (Array.replicate million [| 0x81uy; 0xA0uy |] |> Array.concat)
        "lists in JSON", Recorder.prettyJson, json (repeat million "[")
        "lists in JSON that end", Recorder.prettyJson, json (repeat 100_000 "[" + repeat 100_000 "]")
        "objects in JSON", Recorder.prettyJson, json (repeat million "{\"\":")
        "lists in a key that burnpack does not know",
        Recorder.burnpack,
        burnpack (Array.concat [ [| 0xA1uy; 0x61uy; 65uy |]; Array.create million 0x81uy ]) [||]
        "tags in a key that burnpack does not know",
        Recorder.burnpack,
        burnpack (Array.concat [ [| 0xA1uy; 0x61uy; 65uy |]; Array.create million 0xC1uy ]) [||]
        "endless lists in a key that burnpack does not know",
        Recorder.burnpack,
        burnpack (Array.concat [ [| 0xA1uy; 0x61uy; 65uy |]; Array.create million 0x9Fuy ]) [||]
    ]

let private tensorBytes = [| 0x83uy; 0xA5uy |]

let private twice =
    [
        "a field in MessagePack", Recorder.namedMsgPack, mpk [| 0x82uy; 0xA1uy; 65uy; 0xC0uy; 0xA1uy; 65uy; 0xC0uy |]
        "an item in MessagePack",
        Recorder.namedMsgPack,
        Array.concat
            [
                [| 0x83uy; 0xA8uy |]
                "metadata"B
                [| 0x80uy; 0xA4uy |]
                "item"B
                [| 0x80uy; 0xA4uy |]
                "item"B
                [| 0x80uy |]
            ]
        "a field in JSON", Recorder.prettyJson, json """{"a":null,"a":null}"""
        "an item in JSON", Recorder.prettyJson, "{\"metadata\":{},\"item\":{},\"item\":{}}"B
        "a key in burnpack",
        Recorder.burnpack,
        burnpack
            (Array.concat [ [| 0xA2uy; 0x67uy |]; "tensors"B; [| 0xA0uy; 0x67uy |]; "tensors"B; [| 0xA0uy |] ])
            [||]
    ]

/// A bincode tensor file: the metadata empty, a tensor of so many dimensions of 1.
let private ranked rank =
    let dims = String.Join(",", Array.replicate rank "1")
    json ("{\"w\":{\"bytes\":[0,0,128,63],\"shape\":[" + dims + "],\"dtype\":\"F32\"}}")

let private strict = Recorder.defaultLimits

let private limited =
    let one = ranked 1

    [
        "depth", { strict with Depth = 2 }, one, "nesting"
        "entries", { strict with Entries = 3L }, one, "number of entries"
        "the length of names", { strict with NameBytes = 3L }, one, "bytes of a text"
        "rank", strict, ranked 65, "rank is 65"
        "tensor bytes", { strict with TensorBytes = 3L }, one, "tensor bytes"
    ]

/// Runs on a thread with a small stack: what overflows there is near the edge elsewhere.
let private onSmallStack (work: unit -> unit) =
    let mutable caught = None

    let thread =
        Thread(
            (fun () ->
                try
                    work ()
                with error ->
                    caught <- Some error),
            512 <<< 10
        )

    thread.Start()
    thread.Join()
    caught |> Option.iter (fun error -> failtest $"{error}")

let tests =
    testList
        "Attacks"
        [
            for name, recorder, bytes in entries do
                testCase $"{name}: refused, and little memory" (fun () ->
                    Peak.surviveWithin (Peak.allocated bytes) name recorder bytes
                    |> expectTold "above the limit of")

            for name, recorder, bytes in nested do
                testCase $"deep {name}: refused, and no overflow" (fun () ->
                    onSmallStack (fun () ->
                        match Peak.survive name recorder bytes with
                        | Error(RecordError.TooLarge(_, "nesting", _, 128L)) -> ()
                        | Error(RecordError.Malformed _) -> ()
                        | other -> failtest $"{other}"))

            for name, rest in [ "commas", ","; "numbers that no byte can be", "256,"; "numbers", "1," ] do
                testCase $"a row of JSON that goes on with {name}: refused, and memory for what is there" (fun () ->
                    let row = String.replicate 70_000 "1," + String.replicate 200_000 rest

                    let bytes = Encoding.UTF8.GetBytes("{\"metadata\":{},\"item\":{\"bytes\":[" + row)

                    Peak.surviveWithin (Peak.allocated bytes) name Recorder.prettyJson bytes
                    |> error
                    |> ignore)

            testCase "a record as deep as may be is read, written and read again on a small stack" (fun () ->
                onSmallStack (fun () ->
                    let bytes = mpk (Array.concat [ Array.create 120 0x91uy; [| 0xC0uy |] ])

                    for codec in [ MsgPack.codec; Json.pretty ] do
                        let document = ok (MsgPack.codec.Decode (contextOf None) (inputOf bytes))
                        let written = bytesOf (ok (codec.Encode { Burn = BurnVersion.latest } document))

                        expectSame
                            (ok (codec.Decode (contextOf None) (inputOf written))).Root
                            document.Root
                            codec.Name))

            for name, recorder, bytes in twice do
                testCase $"{name} twice: refused" (fun () -> Peak.survive name recorder bytes |> error |> ignore)

            for name, limits, bytes, expected in limited do
                testCase $"the limit of {name} is told by its name" (fun () ->
                    Recorder.decode (Recorder.limits limits Recorder.prettyJson) (inputOf bytes)
                    |> expectTold expected)

            for name, limits, expected in
                [
                    "depth", { strict with Depth = 1 }, "above the limit of 1"
                    "entries", { strict with Entries = 2L }, "above the limit of"
                    "the length of names", { strict with NameBytes = 3L }, "above the limit of 3"
                    "rank", { strict with Rank = 0 }, "is 1, above the limit of 0"
                    "tensor bytes", { strict with TensorBytes = 11L }, "above the limit of 11"
                ] do
                testCase $"the limit of {name} holds for every format" (fun () ->
                    let burnpack = IO.Path.Combine(root, "tests", "golden", "burnpack", "0.22.bpk")

                    let files =
                        ("burnpack", (Recorder.burnpack, burnpack))
                        :: [
                            for extension, recorder in Models.recorders ->
                                extension, (Recorder.schema Models.tiny recorder, golden $"tiny.full.{extension}")
                        ]

                    for format, (recorder, path) in files do
                        match
                            Recorder.decode (Recorder.limits limits recorder) (inputOf (IO.File.ReadAllBytes path))
                        with
                        | Error error when (RecordError.message error).Contains expected -> ()
                        // names in a burnpack have no depth, and fields in a bincode file have none
                        | Ok _ when name = "depth" && format = "burnpack" -> ()
                        | Ok _ when name = "entries" && format.StartsWith "bin" -> ()
                        | Error error -> failtest $"{format}: {RecordError.message error}"
                        | Ok _ -> failtest $"{format} was read")

            testCase "the limit of a header's bytes is told before the header is read" (fun () ->
                let bytes = burnpack (Array.zeroCreate 2000) [||]

                Recorder.decode (Recorder.limits { strict with HeaderBytes = 1000L } Recorder.burnpack) (inputOf bytes)
                |> expectTold "bytes of metadata is 2000")

            testCase "a compressed file that would become a gigabyte is refused before it does" (fun () ->
                // a tensor of 1 GiB, all of it there
                let head = mpk (Array.concat [ tensorBytes; "bytes"B; [| 0xC6uy; 0x40uy; 0uy; 0uy; 0uy |] ])

                let parts =
                    seq {
                        ReadOnlyMemory head
                        let zeros = Array.zeroCreate<byte>(1 <<< 20)

                        for _ in 1..1024 do
                            ReadOnlyMemory zeros
                    }

                let bytes = bytesOf (Gzip.transform.Forward 2 { Length = None; Parts = parts })

                match Peak.survive "a bomb" (Recorder.gzip Recorder.namedMsgPack) bytes with
                | Error(RecordError.TooLarge(_, "compression ratio", _, 250L)) -> ()
                | other -> failtest $"{other}")

            testCase "names that number items nobody has do not make them" (fun () ->
                let metadata: BurnpackMetadata =
                    {
                        Tensors =
                            [|
                                for model in 0..999 ->
                                    {
                                        Name = $"{model}.layers.65535.weight"
                                        Dtype = Dtype.U8
                                        Dims = [ 0UL ]
                                        Start = 0UL
                                        End = 0UL
                                        Id = ValueNone
                                    }
                            |]
                        Texts = Map.empty
                        Scalars = []
                        Seal = ValueNone
                    }

                let bytes = burnpack (BurnpackMetadataWriter.toArray Burnpack.latest metadata) [||]
                let schema = Schema.Map(Schema.Struct [ "layers", Schema.List Models.linear ])

                Peak.survive "gaps" (Recorder.burnpack |> Recorder.forBurn (burn 19) |> Recorder.schema schema) bytes
                |> expectTold "number of items without tensors")

            testCase "a schema of arrays of arrays is refused, however short" (fun () ->
                let rec nest levels =
                    if levels = 0 then
                        "\"unit\""
                    else
                        "{\"array\":[" + nest (levels - 1) + ",1000000]}"

                for levels in [ 2; 20; 100 ] do
                    let text = nest levels

                    Peak.within (16L <<< 20) "a schema" (fun () -> SchemaJson.toSchema strict text)
                    |> expectTold "parts of the schema")

            testCase "millions of entries in a config, a log or a schema are refused" (fun () ->
                let list = repeat million "[0]," + "0]"
                let bytes = Encoding.UTF8.GetBytes("[" + list)

                Peak.within (Peak.allocated bytes) "config" (fun () -> Config.decode strict (inputOf bytes))
                |> expectTold "number of entries"

                let text = "{\"struct\":[" + repeat million "[\"\",\"param\"]," + "[]]}"

                // the text is given as UTF-16 and read as UTF-8
                Peak.within (Peak.allocated (Array.zeroCreate (2 * text.Length))) "schema" (fun () ->
                    SchemaJson.toSchema strict text)
                |> expectTold "number of entries")
        ]
