/// Files of the reference program that are kept with the tests: tests/golden/burn/make.sh made them.
module Records.Tests.GoldenTests

open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private folder = golden ""

let private worked =
    [
        testCase "tiny is what its Burn module says" (fun () ->
            let expected =
                structOf
                    [
                        "weight", parameter "0400000000000" (f32 [ 2L; 1L ] [ 1f; -2.5f ])
                        "bias", Record.Option(Some(parameter "tv6qn2b78khg2" (f32 [ 1L ] [ 0.5f ])))
                        "activation", Record.Constant Constant.Single
                    ]

            expectSame (Files.record folder "tiny.full" Models.tiny) expected "the worked example")

        testCase "a file cut off at any byte is an error" (fun () ->
            for extension, recorder in Models.recorders do
                let bytes = File.ReadAllBytes(golden $"tiny.full.{extension}")

                for length in 0 .. bytes.Length - 1 do
                    match Files.decode Models.tiny recorder (Array.truncate length bytes) with
                    | Ok _ -> failtest $"{length} bytes of tiny.full.{extension} were read as a whole file."
                    | Error error -> Expect.isNotEmpty (RecordError.message error) "a sentence")

        testCase "quantised tensors carry their scheme and bytes" (fun () ->
            let find name =
                Files.record folder "kitchen.full" Models.kitchen
                |> Record.tensors
                |> Seq.find (fun (path, _) -> path = [ name ])
                |> snd

            let whole = find "quant"
            let blocks = find "quant_block"

            let scheme =
                {
                    Value = QuantValue.Q8S
                    Param = QuantParam.F32
                    Store = QuantStore.Native
                    Level = QuantLevel.Tensor
                    Mode = QuantMode.Symmetric
                }

            Expect.equal whole.Dtype (Dtype.QFloat scheme) "one scale"

            Expect.equal
                (wholeOf whole.Bytes)
                [| 0x81uy; 0uy; 0x7Fuy; 0x10uy; 0xCDuy; 0xCCuy; 0xCCuy; 0x3Duy |]
                "its bytes"

            let scheme =
                {
                    Value = QuantValue.Q8F
                    Param = QuantParam.F32
                    Store = QuantStore.PackedU32 0UL
                    Level = QuantLevel.Block([ 2uy; 1uy; 1uy; 1uy; 1uy ], 1uy)
                    Mode = QuantMode.Symmetric
                }

            Expect.equal blocks.Dtype (Dtype.QFloat scheme) "scales for blocks")
    ]

let private files =
    [
        for model, schema in [ "tiny", Models.tiny; "mlp", Models.mlp ] do
            for short, precision in Models.settings do
                testCase $"{model}.{short} is read alike from all formats and written as the same bytes" (fun () ->
                    Files.check folder $"{model}.{short}" None schema precision |> ignore)

        testCase "kitchen.full is read alike from all formats and written as the same bytes" (fun () ->
            Files.check folder "kitchen.full" None Models.kitchen Precision.Full |> ignore)

        for short, precision in Models.settings do
            testCase $"Burn 0.20's {short} files are read alike and written as the same bytes" (fun () ->
                let version = { Major = 0; Minor = 20; Patch = 1 }

                Files.check folder $"g5-v0.20.{short}" (Some version) Models.legacy precision
                |> Option.iter Files.expectLegacyConstants)
    ]

let tests = testList "golden files of Burn" (worked @ files)
