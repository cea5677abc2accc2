/// Which layout a bin is read in: the one that its version promises, or else those that read it whole.
module Records.Tests.LayoutTests

open System
open Expecto
open Records.Core
open Records.Tests.Support

let private metadata version =
    Map [ "float", "f32"; "int", "i32"; "format", "x"; "version", version; "settings", "x" ]

/// A file in the layout of one Burn that says it is of another.
let private fileOf layout version root =
    bytesOf (
        ok (Bincode.codec.Encode { Burn = burn layout } { Metadata = metadata version; Annex = Map.empty; Root = root })
    )

let private decode (schema: BurnVersion -> Schema) version bytes =
    let context = { contextOf None with Schema = Some(Schemas.Fixed schema); Burn = version }
    Bincode.codec.Decode context (inputOf bytes)

let private read schema bytes = decode schema None bytes

let private always schema (_: BurnVersion) = schema

let private weight = parameter "0400000000000" (f32 [ 1L ] [ 1f ])
let private pair = Constant.Fixed [ Constant.Single; Constant.Single ]
let private convolution = structOf [ "stride", Record.Constant pair; "weight", weight ]
let private convolutionSchema = Schema.Struct [ "stride", Schema.Constant pair; "weight", Schema.Param ]

/// BF16 up to 0.16, F16 since 0.17: the same number in bin.
let private ambiguous = Record.Tensor(tensorOf Dtype.BF16 [ 1L ] [| 1uy; 2uy |])

/// A layer that became optional in 0.20 and got a field in 0.21.
let private layer (version: BurnVersion) =
    Schema.Struct
        [
            "gamma", Schema.Param
            "beta",
            (if version.Minor >= 20 then
                 Schema.Option Schema.Param
             else
                 Schema.Param)
            if version.Minor >= 21 then
                "clip", Schema.Constant Constant.Single
            "stride", Schema.Constant pair
        ]

let private layerOf (version: BurnVersion) =
    structOf
        [
            "gamma", weight
            "beta",
            (if version.Minor >= 20 then
                 Record.Option(Some weight)
             else
                 weight)
            if version.Minor >= 21 then
                "clip", Record.Constant Constant.Single
            "stride", Record.Constant pair
        ]

/// Adam's state: Rank0 came with 0.13, and moved the numbers of the others.
let private optimizer (version: BurnVersion) =
    let first = if version.Minor >= 13 then 0 else 1
    Schema.Map(Schema.Enum [ "V1", Schema.Enum [ for rank in first..8 -> $"Rank{rank}", Schema.Tensor ] ])

let private state (version: BurnVersion) =
    let rank name index =
        Record.Enum(
            0,
            "V1",
            Record.Enum((if version.Minor >= 13 then index else index - 1), name, Record.Tensor(f32 [ 1L ] [ 2f ]))
        )

    Record.Map
        [
            { Name = "0400000000000"; Value = rank "Rank1" 1 }
            { Name = "tv6qn2b78khg2"; Value = rank "Rank2" 2 }
        ]

let private released = [ 7..21 ]

let tests =
    testList
        "layouts of bin"
        [
            testCase "the layout that the version promises is taken where it reads the whole file" (fun () ->
                for version in [ "0.14.0"; "0.15.0"; "0.16.1" ] do
                    expectSame (ok (read (always Schema.Tensor) (fileOf 16 version ambiguous))).Root ambiguous version

                // bytes that 0.17 would have written for halves
                let halves = Record.Tensor(tensorOf Dtype.F16 [ 1L ] [| 1uy; 2uy |])
                expectSame (ok (read (always Schema.Tensor) (fileOf 16 "0.17.0" ambiguous))).Root halves "0.17.0")

            testCase "where that fails the others are tried" (fun () ->
                for layout in released do
                    for version in [ "0.7.0"; "0.14.0"; "0.21.0"; "0.99.1"; "main"; "" ] do
                        let bytes = fileOf layout version convolution

                        expectSame
                            (ok (read (always convolutionSchema) bytes)).Root
                            convolution
                            $"{layout} as {version}")

            testCase "two layouts that give different records are an error that says how to choose" (fun () ->
                for version in [ ""; "main"; "0.6.0" ] do
                    let bytes = fileOf 15 version ambiguous

                    match read (always Schema.Tensor) bytes with
                    | Error(RecordError.Unsupported([], reason)) ->
                        Expect.stringContains reason ".ForBurn(\"0.14\")" "the way in code"
                        Expect.stringContains reason "--from-burn 0.14" "the way in the tool"
                    | other -> failtest $"{other}"

                    let chosen = ok (decode (always Schema.Tensor) (Some(burn 15)) bytes)
                    expectSame chosen.Root ambiguous "chosen"
                    let chosen = ok (decode (always Schema.Tensor) (Some(burn 19)) bytes)
                    Expect.equal (snd (Seq.head (Record.tensors chosen.Root))).Dtype Dtype.F16 "chosen otherwise")

            testCase "layouts that give the same record are no matter" (fun () ->
                let tensor = Record.Tensor(f32 [ 1L ] [ 1f ])

                for layout in [ 14; 16; 20; 21 ] do
                    expectSame
                        (ok (read (always Schema.Tensor) (fileOf layout "main" tensor))).Root
                        tensor
                        $"0.{layout}")

            testCase "a whole file ends where the record does, or with an annex" (fun () ->
                let document = { Metadata = metadata "0.20.0"; Annex = Map [ "k", "v" ]; Root = convolution }

                let bytes = bytesOf (ok (Bincode.codec.Encode { Burn = burn 20 } document))
                let found = ok (read (always convolutionSchema) bytes)
                expectSame found.Root convolution "with an annex"
                Expect.equal found.Annex document.Annex "the annex"

                for damaged in
                    [
                        Array.append bytes [| 0uy |]
                        Array.truncate (bytes.Length - 1) bytes
                        Array.append (fileOf 20 "0.20.0" convolution) [| 0uy |]
                    ] do
                    read (always convolutionSchema) damaged |> error |> ignore)

            testCase "each version's layers are read in their own shape" (fun () ->
                for minor in released do
                    let bytes = fileOf minor (BurnVersion.text (burn minor)) (layerOf (burn minor))
                    expectSame (ok (read layer bytes)).Root (layerOf (burn minor)) $"0.{minor}")

            testCase "layers of another version than the file says are found" (fun () ->
                for version, layout, layers in
                    [
                        // 0.19-dev wrote what became 0.20
                        "0.19.0", 20, 20
                        "0.20.0", 19, 19
                        // the layers of 0.21 in the layout before it, from a version that had no number of its own
                        "0.21.0", 20, 21
                        "0.20.0", 20, 21
                        "0.15.0", 13, 13
                    ] do
                    let root = layerOf (burn layers)
                    let found = (ok (read layer (fileOf layout version root))).Root
                    // two nones may be a pair up to 0.20, or a pair and what came with 0.21
                    let state record = Option.get (Record.state record)
                    expectSame (state found) (state root) $"{version}: 0.{layout}, 0.{layers}")

            testCase "0.21.0-pre.1 and -pre.2 have the layout of 0.20 and the layers of 0.21" (fun () ->
                let root = layerOf (burn 21)

                for version in [ "0.21.0-pre.1"; "0.21.0-pre.2" ] do
                    expectSame (ok (read layer (fileOf 20 version root))).Root root version

                    Expect.equal
                        (Option.map (fun (g: Generation, _) -> g.Name) (Generation.promised version))
                        (Some "G5")
                        version

                for version in [ "0.21.0"; "0.21.0-pre.3"; "0.21.1" ] do
                    expectSame (ok (read layer (fileOf 21 version root))).Root root version

                    Expect.equal
                        (Option.map (fun (g: Generation, _) -> g.Name) (Generation.promised version))
                        (Some "G6")
                        version)

            testCase "the ranks of optimizer states are numbered from 1 up to 0.12, from 0 since" (fun () ->
                for minor in [ 8; 12; 13; 21 ] do
                    let version = burn minor
                    let bytes = fileOf minor (BurnVersion.text version) (state version)
                    expectSame (ok (read optimizer bytes)).Root (state version) $"0.{minor}"

                    // the record of one version, written for another
                    let recorder = Recorder.bincode |> Recorder.schemaFor optimizer

                    for other in [ 8; 12; 13; 21 ] do
                        let written =
                            bytesOf (
                                ok (
                                    Recorder.encode
                                        (Recorder.forBurn (burn other) recorder)
                                        (documentOf (state version))
                                )
                            )

                        let again = ok (Recorder.decode recorder (inputOf written))
                        expectSame again.Root (state (burn other)) $"0.{minor} for 0.{other}")

            testCase "a record typed by hand is written for an older Burn, and read by what the file says" (fun () ->
                for recorder in [ Recorder.bincode; Recorder.namedMsgPack; Recorder.gzip Recorder.prettyJson ] do
                    let recorder = Recorder.schemaFor layer recorder

                    for minor in [ 8; 14; 19; 20; 21 ] do
                        let older = Recorder.forBurn (burn minor) recorder
                        let bytes = bytesOf (ok (Recorder.encode older (documentOf (layerOf (burn 21)))))
                        let wanted = layerOf (burn minor)

                        expectSame
                            (ok (Recorder.decode recorder (inputOf bytes))).Root
                            wanted
                            $"{recorder.Name} 0.{minor}"

                        expectSame
                            (ok (Recorder.decode older (inputOf bytes))).Root
                            wanted
                            $"{recorder.Name} 0.{minor}, said")

            testCase "a file that describes itself keeps tensors that its version did not have" (fun () ->
                let schema (version: BurnVersion) =
                    Schema.Struct
                        [
                            "a", Schema.Tensor
                            if version.Minor >= 21 then
                                "b", Schema.Option Schema.Tensor
                        ]

                let tensor = Record.Tensor(f32 [ 1L ] [ 1f ])
                let root = structOf [ "a", tensor; "b", Record.Option(Some tensor) ]

                for codec in [ MsgPack.codec; Json.pretty ] do
                    let document = { Metadata = metadata "0.20.0"; Annex = Map.empty; Root = root }
                    let bytes = bytesOf (ok (codec.Encode { Burn = burn 21 } document))
                    let context = { contextOf None with Schema = Some(Schemas.Fixed schema) }
                    expectSame (ok (codec.Decode context (inputOf bytes))).Root root codec.Name
                    let fixed' = { context with Burn = Some(burn 20) }

                    expectSame
                        (ok (codec.Decode fixed' (inputOf bytes))).Root
                        (structOf [ "a", tensor; "b", tensor ])
                        "as asked for, and what has no place there comes last")
        ]
