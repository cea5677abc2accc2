module Records.Tests.Cli.InspectTests

open System
open System.IO
open System.Text.Json
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support

/// The object that --json prints, each value as JSON says it; a key that is not there is an empty text.
let object' (words: string list) =
    use document = JsonDocument.Parse(Tool.good ("inspect" :: words @ [ "--json" ]))
    document.RootElement.Clone()

let keys (element: JsonElement) =
    [ for property in element.EnumerateObject() -> property.Name ]

let raw (element: JsonElement) (name: string) = element.GetProperty(name).GetRawText()

/// Path, dtype, shape, bytes, id and hash of each tensor.
let tensors (summary: JsonElement) =
    [
        for tensor in summary.GetProperty("tensors").EnumerateArray() ->
            string (tensor.GetProperty "path"),
            string (tensor.GetProperty "dtype"),
            [ for dim in tensor.GetProperty("shape").EnumerateArray() -> dim.GetInt64() ],
            tensor.GetProperty("bytes").GetInt64(),
            string (tensor.GetProperty "paramId"),
            string (tensor.GetProperty "sha256")
    ]

/// What the library reads of the same file, in the same words.
let private expected model recorder schema =
    let document = ok (Files.decode schema recorder (File.ReadAllBytes(golden model)))

    [
        for tensor in Inspect.tensors document.Root ->
            String.Join(".", tensor.Path),
            Dtype.name tensor.Data.Dtype,
            Shape.dims tensor.Data.Shape,
            tensor.Data.Bytes.Length,
            (match tensor.ParamId with
             | Some(ParamId id) -> id
             | None -> ""),
            sha256 (wholeOf tensor.Data.Bytes)
    ]

let private format (extension: string) =
    match extension.Split('.')[0] with
    | "mpk" -> "named-msgpack"
    | "bin" -> "bincode"
    | name -> name

let private json =
    [
        for extension, _ in Models.recorders do
            testCase $"--json says what tiny.full.{extension} is" (fun () ->
                let summary = object' [ golden $"tiny.full.{extension}" ]

                Expect.equal
                    (keys summary)
                    [ "format"; "compression"; "burn"; "sealed"; "metadata"; "tensors" ]
                    "its keys"

                Expect.equal (raw summary "format") $"\"{format extension}\"" "the format"
                let compression = if extension.EndsWith ".gz" then "\"gzip\"" else "null"
                Expect.equal (raw summary "compression") compression "the compression"
                Expect.equal (raw summary "burn") "\"0.21.0\"" "the Burn that wrote it"
                let metadata = summary.GetProperty "metadata"

                Expect.equal
                    (List.sort (keys metadata))
                    (List.sort [ "float"; "int"; "format"; "version"; "settings" ])
                    "metadata"

                Expect.equal (raw metadata "float") "\"f32\"" "as it was written"

                if format extension = "bincode" then
                    Expect.equal (raw summary "tensors") "null" "nothing is known without a schema"
                else
                    let first = summary.GetProperty("tensors")[0]
                    Expect.equal (keys first) [ "path"; "dtype"; "shape"; "bytes"; "paramId" ] "a tensor's keys"
                    Expect.equal (raw first "path") "\"weight\"" "path"
                    Expect.equal (raw first "dtype") "\"F32\"" "dtype"
                    Expect.equal (raw first "shape") "[2,1]" "shape"
                    Expect.equal (raw first "bytes") "8" "bytes"
                    Expect.equal (raw first "paramId") "\"0400000000000\"" "id")

        for stem, schema in [ "tiny.half", Models.tiny; "mlp.double", Models.mlp; "kitchen.full", Models.kitchen ] do
            for extension, recorder in Models.recorders do
                if format extension <> "bincode" then
                    testCase $"--hash gives the bytes of {stem}.{extension}" (fun () ->
                        let name = $"{stem}.{extension}"
                        let actual = tensors (object' [ golden name; "--hash" ])
                        Expect.equal actual (expected name recorder schema) "as the library reads it")

        testCase "a tensor without an id has a null" (fun () ->
            let summary = object' [ golden "kitchen.full.mpk" ]
            let last = summary.GetProperty("tensors").EnumerateArray() |> Seq.last
            Expect.equal (raw last "path", raw last "paramId") ("\"raw_tensor\"", "null") "raw_tensor")

        testCase "the format is found from the bytes, whatever the name" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.json")
                File.Copy(golden "mlp.half.mpk.gz", path)
                let summary = object' [ path ]

                Expect.equal
                    (raw summary "format", raw summary "compression")
                    ("\"named-msgpack\"", "\"gzip\"")
                    "not JSON"))
    ]

let private plain =
    [
        testCase "in a pipe there is a line for each tensor, in columns" (fun () ->
            let lines = (Tool.good [ "inspect"; golden "mlp.full.mpk"; "--hash" ]).TrimEnd('\n').Split '\n'
            let facts, rows = lines |> List.ofArray |> List.partition _.StartsWith('#')
            Expect.contains facts "# format: named-msgpack" "the format"
            Expect.contains facts "# compression: none" "the compression"
            Expect.contains facts "# sealed: no" "the seal"
            Expect.contains facts "# metadata.version: 0.21.0" "the metadata"

            let expected =
                [
                    for path, dtype, shape, bytes, id, hash in expected "mlp.full.mpk" Recorder.namedMsgPack Models.mlp ->
                        let shape = String.Join(",", shape)
                        $"{path}\t{dtype}\t[{shape}]\t{bytes}\t{id}\t{hash}"
                ]

            Expect.equal rows expected "path, dtype, shape, bytes, id, hash")

        testCase "no colour and no frame get into a pipe" (fun () ->
            let output = Tool.good [ "inspect"; golden "kitchen.full.json.gz" ]
            Expect.isTrue (output |> Seq.forall (fun letter -> letter < '\127')) "letters, tabs and line ends")

        testCase "without a schema a bin shows its metadata and says what is needed" (fun () ->
            let output = Tool.good [ "inspect"; golden "tiny.full.bin.gz" ]
            Expect.stringContains output "# metadata.settings: FullPrecisionSettings" "metadata"
            Expect.stringContains output "--schema" "what to do")

        testCase "a stranger's names do not move the cursor" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "x.mpk")
                let root = structOf [ "a\u001b[2J\nb\tc", parameter "0400000000000" (f32 [ 1L ] [ 1f ]) ]
                File.WriteAllBytes(path, bytesOf (ok (Recorder.encode Recorder.namedMsgPack (documentOf root))))
                let output = Tool.good [ "inspect"; path ]
                Expect.stringContains output "a\\u001b[2J\\u000ab\\u0009c\tF32\t[1]" "spelt out"
                let name = raw ((object' [ path ]).GetProperty("tensors")[0]) "path"
                Expect.equal (JsonDocument.Parse(name).RootElement.GetString()) "a\u001b[2J\nb\tc" "JSON keeps it"))
    ]

let private fixtures = Path.GetFullPath(Path.Combine(root, "..", "shared", "fixtures", "burn-records"))

let private real =
    [
        testCase "a half-precision LSTM of Burn 0.17 is hashed as its manifest says" (fun () ->
            let name = "modern-lstm__7d6a853be.mpk"
            let path = Path.Combine(fixtures, name)

            if not (File.Exists path) then
                skiptest $"../shared/fixtures/burn-records/{name} is not here"

            use manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(fixtures, "manifest.json")))

            let leaves =
                [
                    for leaf in manifest.RootElement.GetProperty(name).GetProperty("leaves").EnumerateArray() do
                        if string (leaf.GetProperty "kind") = "tensor" then
                            string (leaf.GetProperty "path"),
                            string (leaf.GetProperty "dtype"),
                            [ for dim in leaf.GetProperty("shape").EnumerateArray() -> dim.GetInt64() ],
                            string (leaf.GetProperty "id"),
                            string (leaf.GetProperty "sha256")
                ]

            let actual =
                [
                    for path, dtype, shape, _, id, hash in tensors (object' [ path; "--hash" ]) ->
                        path, dtype, shape, id, hash
                ]

            Expect.equal actual leaves "path, dtype, shape, id, hash")

        testCase "MNIST of Burn 0.19 shows its metadata" (fun () ->
            let path = Path.Combine(fixtures, "mnist-web__2025-08-25__a09c76e67.bin")

            if not (File.Exists path) then
                skiptest "../shared/fixtures/burn-records is not here"

            let summary = object' [ path ]
            Expect.equal (raw summary "burn", raw summary "tensors") ("\"0.19.0\"", "null") "no schema")
    ]

let private burnpack =
    [
        for name in [ "0.19.bpk"; "0.20.bpk" ] do
            testCase $"--json says what burnpack/{name} is" (fun () ->
                let summary = object' [ Path.Combine(root, "tests", "golden", "burnpack", name); "--hash" ]
                Expect.equal (string (summary.GetProperty "format")) "burnpack" "the format"
                Expect.equal (string (summary.GetProperty("metadata").GetProperty "producer")) "burn" "user metadata"

                let weight =
                    [| 1f; -2.5f; 0f; 3f; 0.1f; 7f |]
                    |> Array.collect BitConverter.GetBytes
                    |> sha256

                Expect.equal
                    (List.truncate 3 (tensors summary))
                    [
                        "layers.0.weight", "F32", [ 2L; 3L ], 24L, idText 1UL, weight
                        "layers.0.bias",
                        "F16",
                        [ 3L ],
                        6L,
                        idText 0x0123456789ABCDEFUL,
                        sha256 (Convert.FromHexString "003c00c00080")
                        "layers.1.count", "I64", [], 8L, idText UInt64.MaxValue, sha256 (BitConverter.GetBytes -5L)
                    ]
                    "paths, ids and hashes, in the order of the file")
    ]

let tests =
    testList
        "records inspect"
        [
            testList "json" json
            testList "plain" plain
            testList "burnpack" burnpack
            testList "real files" real
        ]
