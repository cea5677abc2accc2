/// What fuzzing begins with: the golden files, and small files of the formats that have none.
module Records.Fuzz.Seeds

open System.IO
open System.Text
open Records.Core
open Records.Tests

/// Files that once went wrong, by decoder.
let findsOf decoder =
    let folder = Path.Combine(Repository.root, "tests", "Records.Fuzz", "finds", decoder)

    if Directory.Exists folder then
        [
            for path in Directory.GetFiles folder |> Array.sort -> FileInfo(path).Name, File.ReadAllBytes path
        ]
    else
        []

let private golden folder extension =
    [
        for path in
            Directory.GetFiles(Path.Combine(Repository.root, "tests", "golden", folder), $"*.{extension}")
            |> Array.sort do
            let bytes = File.ReadAllBytes path

            // large seeds cost more than they find
            if bytes.Length < 8192 then
                FileInfo(path).Name, bytes
    ]

let private texts (values: string list) =
    [ for index, value in List.indexed values -> $"{index}", Encoding.UTF8.GetBytes value ]

/// Files of Burn's recorders.
let burn extension = golden "burn" extension

/// Models as this library saves them by default, sealed, by name.
let sealed' (codec: Codec) compression =
    [
        for name, bytes in burn "mpk" do
            let input = Forward.input (Memory.source (System.ReadOnlyMemory bytes))

            let context =
                { Schema = None; Burn = None; Limits = Recorder.defaultLimits; Whole = true; Store = None }

            let bytes =
                MsgPack.codec.Decode context input
                |> Result.bind (codec.Encode { Burn = BurnVersion.latest })
                |> Result.bind (Sealing.payload true compression 1)
                |> Result.bind Memory.toArray

            match bytes with
            | Ok bytes -> $"sealed-{name}", bytes
            // not every model fits every format
            | Error _ -> ()
    ]

let burnpack () =
    golden "burnpack" "bpk" @ sealed' Burnpack.codec None

/// Compressed files, one with every field that a header can have.
let gzip () =
    let files =
        List.collect burn [ "mpk.gz"; "bin.gz"; "json.gz" ]
        @ sealed' MsgPack.codec (Some Gzip.transform)

    let plain = snd files.Head

    let fields = Encoding.Latin1.GetBytes("\002\000ab" + "name\000" + "comment\000")
    let header = Array.concat [ [| 0x1Fuy; 0x8Buy; 8uy; 0x1Euy |]; plain[4..9]; fields ]

    let sum =
        System.BitConverter.GetBytes(uint16 (System.IO.Hashing.Crc32.HashToUInt32(System.ReadOnlySpan header)))

    let full = Array.concat [ header; sum; plain[10..] ]

    // large enough for an index, and small when compressed
    let blocks: Payload =
        { Length = None; Parts = Seq.replicate 3 (System.ReadOnlyMemory(Array.zeroCreate<byte>(1 <<< 20))) }

    let indexed =
        match Memory.toArray (Gzip.transform.Forward 2 blocks) with
        | Ok bytes -> bytes
        | Error error -> failwith (RecordError.message error)

    [ "every-field", full; "indexed", indexed ] @ files

/// The metadata alone of each burnpack.
let cbor () =
    [
        for name, bytes in burnpack () ->
            let size = System.BitConverter.ToInt32(bytes, 6)
            name, bytes[10 .. 10 + size - 1]
    ]

let config () =
    texts
        [
            """{"hidden":128,"dropout":0.1,"name":"a\u00e9\n","none":null,"on":true}"""
            "{\n  \"layers\": [\n    {\n      \"Norm\": 1.0\n    },\n    \"Same\"\n  ],\n  \"sizes\": [-1, 2e5, 18446744073709551615]\n}"
            "\xEF\xBB\xBF[]"
            "\"text\""
        ]

let log () =
    texts
        [
            """{"version":1,"epochs":{"1":{"Loss":0.31},"2":{"Loss":null,"Accuracy":1}},"moves":{},"leaves":[]}"""
            """{"version":1,"epochs":{},"moves":{"model-3.mpk":".model-3.mpk.0123456789abcdef.tmp"},"leaves":["optim-3.mpk"]}"""
        ]

let schema () =
    let ofModels =
        [ for name, schema in Models.models -> name, Encoding.UTF8.GetBytes(SchemaJson.ofSchema schema) ]

    let small =
        texts
            [
                """{"struct":[["weight","param"],["bias",{"option":"param"}]]}"""
                """{"enum":[["Gelu","const"],["V1",{"list":"tensor"}]]}"""
                """{"array":[{"map":"u64"},3]}"""
                """{"tuple":[{"maybe":"f32"},"text",{"const":{"tuple":["const",{"option":null},{"list":["const"]}]}}]}"""
            ]

    [
        for name, bytes in ofModels do
            if bytes.Length < 2048 then
                name, bytes
    ]
    @ small
