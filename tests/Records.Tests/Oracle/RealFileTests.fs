/// Files that Burn itself wrote. They are not the project's to ship: where the folder is absent, these tests are skipped.
module Records.Tests.RealFileTests

open System
open System.IO
open System.Text.Json
open Expecto
open Records.Core
open Records.Tests.Support

let private folder = Path.GetFullPath(Path.Combine(root, "..", "shared", "fixtures", "burn-records"))

let private file (name: string) =
    let path = Path.Combine(folder, name)

    if not (File.Exists path) then
        skiptest $"../shared/fixtures/burn-records/{name} is not here"

    path

/// The leaves of one file that hold a tensor: path, id, dtype, shape, SHA-256. Lists of numbers have an element type instead.
let private manifest (name: string) =
    use document = JsonDocument.Parse(File.ReadAllText(file "manifest.json"))

    let text (leaf: JsonElement) (properties: string list) =
        let found = properties |> List.find (fun property -> fst (leaf.TryGetProperty property))

        match leaf.GetProperty(found).GetString() with
        | null -> ""
        | text -> text

    [
        for leaf in document.RootElement.GetProperty(name).GetProperty("leaves").EnumerateArray() do
            if text leaf [ "kind" ] = "tensor" then
                text leaf [ "path" ],
                text leaf [ "id" ],
                (text leaf [ "dtype"; "elem" ]).ToUpperInvariant(),
                [ for dim in leaf.GetProperty("shape").EnumerateArray() -> dim.GetInt64() ],
                text leaf [ "sha256"; "sha256_le" ]
    ]

let private leaves record =
    let rec walk path record =
        [
            match record with
            | Record.Param(ParamId id, data) ->
                String.Join(".", List.rev path),
                id,
                Dtype.name data.Dtype,
                Shape.dims data.Shape,
                sha256 (wholeOf data.Bytes)
            | Record.Option(Some item) -> yield! walk path item
            | _ ->
                for name, child in Record.children record do
                    yield! walk (name :: path) child
        ]

    walk [] record

let private mnist =
    let pair = Constant.Fixed [ Constant.Single; Constant.Single ]

    let block =
        Schema.Struct
            [
                "conv", Models.conv2d pair
                "norm", Models.batchNorm
                "pool", Schema.Constant(Constant.Optional(Some Constant.Single))
                "activation", Models.constant
            ]

    Schema.Struct
        [
            "conv1", block
            "conv2", block
            "dropout", Models.constant
            "fc1", Models.linear
            "fc2", Models.linear
            "fc3", Models.linear
            "activation", Models.constant
        ]

let private mnistFile = "mnist-web__2025-08-25__a09c76e67.bin"

let private load recorder name =
    Recorder.loadNow recorder { Report = None; Token = token } (File.at (file name))

let tests =
    testList
        "real files"
        [
            testCase "MNIST of Burn 0.19 is read from bin, leaf by leaf" (fun () ->
                let document = ok (load (Recorder.schema mnist Recorder.bincode) mnistFile)
                Expect.equal (leaves document.Root) (manifest mnistFile) "path, id, dtype, shape, bytes"
                Expect.equal document.Metadata["version"] "0.19.0" "as the file says")

            testCase "MNIST of Burn 0.19 is written as the same bytes" (fun () ->
                let document = ok (load (Recorder.schema mnist Recorder.bincode) mnistFile)

                let recorder =
                    Recorder.forBurn { Major = 0; Minor = 19; Patch = 0 } (Recorder.unsealed Recorder.bincode)

                let bytes = bytesOf (ok (Recorder.encode recorder document))
                expectBytes bytes (File.ReadAllBytes(file mnistFile)) "the file"

                // Another version of the same layout: the bytes differ in its name alone.
                let recorder = Recorder.forBurn (burn 20) (Recorder.unsealed Recorder.bincode)
                let other = bytesOf (ok (Recorder.encode recorder document))
                Expect.equal other.Length bytes.Length "as long"
                let different = Seq.zip bytes other |> Seq.filter (fun (a, b) -> a <> b) |> Seq.length
                Expect.equal different 2 "0.20.0 for 0.19.0")

            testCase "MNIST of Burn 0.19 survives MessagePack and JSON" (fun () ->
                let document = ok (load (Recorder.schema mnist Recorder.bincode) mnistFile)

                for recorder in [ Recorder.namedMsgPack; Recorder.gzip Recorder.prettyJson ] do
                    let recorder = Recorder.forBurn (burn 20) recorder
                    let bytes = bytesOf (ok (Recorder.encode recorder document))
                    let read = ok (Recorder.decode (Recorder.schema mnist recorder) (inputOf bytes))
                    expectSame read.Root document.Root recorder.Name)

            testCase "a half-precision LSTM of Burn 0.17 is read without a schema" (fun () ->
                let name = "modern-lstm__7d6a853be.mpk"
                let recorder = Recorder.precision Precision.Half Recorder.namedMsgPack
                let document = ok (load recorder name)
                Expect.equal (leaves document.Root) (manifest name) "path, id, dtype, shape, bytes"
                let recorder = Recorder.forBurn (burn 17) (Recorder.unsealed recorder)

                expectBytes
                    (bytesOf (ok (Recorder.encode recorder document)))
                    (File.ReadAllBytes(file name))
                    "written again")

            testCase "converting that LSTM into its own format is the identity" (fun () ->
                let name = "modern-lstm__7d6a853be.mpk"

                inFolder (fun ours ->
                    let target = Path.Combine(ours, "b.mpk")
                    let conversion = Conversion.into "mpk" Recorder.defaultLimits

                    ConvertFile.run conversion (file name) target false { Report = None; Token = token }
                    |> ok
                    |> ignore

                    expectBytes (File.ReadAllBytes target) (File.ReadAllBytes(file name)) "the same bytes"))

            testCase "MNIST of Burn 0.19 there and back is the identity" (fun () ->
                inFolder (fun ours ->
                    let at (name: string) = Path.Combine(ours, name)
                    let watch = { Report = None; Token = token }

                    let run extension source target =
                        let conversion =
                            { Conversion.into extension Recorder.defaultLimits with Schema = Some(fun _ -> mnist) }

                        ConvertFile.run conversion source (at target) false watch |> ok |> ignore

                    run "mpk.gz" (file mnistFile) "a.mpk.gz"
                    run "json" (at "a.mpk.gz") "b.json"
                    run "bin" (at "b.json") "c.bin"
                    expectBytes (File.ReadAllBytes(at "c.bin")) (File.ReadAllBytes(file mnistFile)) "the same bytes"))

            for name, version in
                [ "mnist-web__2023-05-20__17c12a0fe.bin", burn 8; "mnist-web__2024-08-15__4e552ca67.bin", burn 14 ] do
                testCase
                    $"MNIST of Burn {BurnVersion.text version} is read from bin, leaf by leaf, and written as the same bytes"
                    (fun () ->
                        let block =
                            Schema.Struct
                                [
                                    "conv", Models.conv2d (Constant.Fixed [ Constant.Single; Constant.Single ])
                                    "norm", Models.batchNorm
                                    "activation", Models.constant
                                ]

                        let schema =
                            Schema.Struct
                                [
                                    "conv1", block
                                    "conv2", block
                                    "conv3", block
                                    "dropout", Models.constant
                                    "fc1", Models.linear
                                    "fc2", Models.linear
                                    "activation", Models.constant
                                ]

                        let recorder = Recorder.schema schema Recorder.bincode
                        let document = ok (load recorder name)
                        Expect.equal (leaves document.Root) (manifest name) "path, id, dtype, shape, bytes"

                        let bytes =
                            bytesOf (
                                ok (Recorder.encode (Recorder.forBurn version (Recorder.unsealed recorder)) document)
                            )

                        expectBytes bytes (File.ReadAllBytes(file name)) "the file")
        ]
