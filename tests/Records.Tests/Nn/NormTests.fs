module Records.Tests.Nn.NormTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

let tests =
    testList
        "Norm"
        [
            testProperty "batch: each channel by its own four numbers" (fun (seed: uint64) (rest: byte list) ->
                let rest = rest |> List.truncate 2 |> List.map (fun dim -> int dim % 4)
                let batch, channels = pick (Seed seed) 0 0 3, pick (Seed seed) 1 1 4
                let input = dense (batch :: channels :: rest) (Seed seed)

                let draw index =
                    dense [ channels ] (Seed(seed + uint64 index))

                let mean, gamma, beta = draw 1, draw 2, draw 3
                let variance = draw 4 |> Dense.map (fun x -> x * x)
                let size = List.fold (*) 1 rest

                let expected =
                    [|
                        for index in 0 .. input.Values.Length - 1 do
                            let at = index / size % channels

                            (float input.Values[index] - float mean.Values[at])
                            / sqrt (float variance.Values[at] + 1e-2)
                            * float gamma.Values[at]
                            + float beta.Values[at]
                    |]

                let result = Norm.batch 1e-2 mean variance gamma beta input
                Expect.equal result.Shape input.Shape "the shape stays"
                near 1e-5 expected result "as plain loops have it")

            testProperty
                "layer: each row by its own mean and variance"
                (fun (seed: uint64) (leading: byte list) (bias: bool) ->
                    let leading = leading |> List.truncate 2 |> List.map (fun dim -> int dim % 4)
                    let width = pick (Seed seed) 0 1 12
                    let input = dense (leading @ [ width ]) (Seed seed)
                    let gamma = dense [ width ] (Seed(seed + 1UL))

                    let beta =
                        if bias then
                            Some(dense [ width ] (Seed(seed + 2UL)))
                        else
                            None

                    let expected =
                        input.Values
                        |> Array.map float
                        |> Array.chunkBySize width
                        |> Array.collect (fun row ->
                            let mean = Array.average row
                            let variance = row |> Array.averageBy (fun x -> (x - mean) * (x - mean))

                            row
                            |> Array.mapi (fun at x ->
                                let shift = beta |> Option.map (fun beta -> float beta.Values[at])

                                (x - mean) / sqrt (variance + 1e-5) * float gamma.Values[at]
                                + Option.defaultValue 0.0 shift))

                    let result = Norm.layer 1e-5 gamma beta input
                    Expect.equal result.Shape input.Shape "the shape stays"
                    near 1e-4 expected result "as plain loops have it")

            testCase "a large mean does not hide a small variance" (fun () ->
                let ones = Dense.create [| 3 |] [| 1.0f; 1.0f; 1.0f |]
                let result = Norm.layer 0.0 ones None (Dense.create [| 3 |] [| 4096.0f; 4097.0f; 4098.0f |])
                near 1e-6 [| -sqrt 1.5; 0.0; sqrt 1.5 |] result "by hand")

            testCase "shapes that do not meet throw" (fun () ->
                let values shape = dense shape (Seed 1UL)
                let two = values [ 2 ]
                refused (fun () -> Norm.batch 0.1 two two two two (values [ 2 ])) "one dimension"
                refused (fun () -> Norm.batch 0.1 two two two two (values [ 2; 3 ])) "3 channels for 2"

                refused
                    (fun () -> Norm.batch 0.1 two two two (values [ 2; 1 ]) (values [ 2; 2 ]))
                    "a beta of two dimensions"

                refused (fun () -> Norm.layer 0.1 two None (values [ 2; 3 ])) "rows of 3 for 2"
                refused (fun () -> Norm.layer 0.1 two (Some(values [ 3 ])) (values [ 2; 2 ])) "a beta of 3 for 2"
                refused (fun () -> Norm.layer 0.1 (values [ 1 ]) None (values [])) "a scalar")
        ]
