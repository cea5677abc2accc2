module Records.Tests.Nn.LinearTests

open System
open Expecto
open Records.Core

let private dense (shape: int list) seed =
    let shape = Array.ofList shape
    Dense.create shape (Seed.normal 0.0 1.0 (Array.fold (*) 1 shape) seed)

let tests =
    testList
        "Linear"
        [
            testProperty
                "each row is the row times the weight plus the bias"
                (fun (leading: byte list) (inputs: byte) (outputs: byte) (seed: uint64) ->
                    let leading = leading |> List.truncate 3 |> List.map (fun dim -> int dim % 4)
                    let inputs, outputs = int inputs % 17, int outputs % 17
                    let input = dense (leading @ [ inputs ]) (Seed.child 0L (Seed seed))
                    let weight = dense [ inputs; outputs ] (Seed.child 1L (Seed seed))
                    let bias = dense [ outputs ] (Seed.child 2L (Seed seed))
                    let rows = List.fold (*) 1 leading

                    for bias in [ None; Some bias ] do
                        let result = Linear.forward weight bias input

                        let expected =
                            BlasTests.plainProduct
                                rows
                                inputs
                                outputs
                                input.Values
                                weight.Values
                                (bias |> Option.map _.Values)

                        Expect.equal (List.ofArray result.Shape) (leading @ [ outputs ]) "[.., out]"
                        BlasTests.expectClose expected result.Values "as plain loops have it")

            testCase "the inputs are left as they are" (fun () ->
                let input, weight, bias = dense [ 2; 3 ] (Seed 1UL), dense [ 3; 2 ] (Seed 2UL), dense [ 2 ] (Seed 3UL)
                Linear.forward weight (Some bias) input |> ignore
                Expect.equal input.Values (dense [ 2; 3 ] (Seed 1UL)).Values "input"
                Expect.equal weight.Values (dense [ 3; 2 ] (Seed 2UL)).Values "weight"
                Expect.equal bias.Values (dense [ 2 ] (Seed 3UL)).Values "bias")

            testCase "shapes that do not meet throw" (fun () ->
                let refused weight bias input why =
                    let values shape = dense shape (Seed 1UL)

                    Expect.throwsT<ArgumentException>
                        (fun () ->
                            Linear.forward (values weight) (bias |> Option.map values) (values input)
                            |> ignore)
                        why

                refused [ 3; 2 ] None [ 5; 2 ] "input of 2 for 3"
                refused [ 3; 2 ] None [] "a scalar"
                refused [ 3 ] None [ 3 ] "a weight of one dimension"
                refused [ 3; 2 ] (Some [ 3 ]) [ 3 ] "a bias of 3 for 2"
                refused [ 3; 2 ] (Some [ 1; 2 ]) [ 3 ] "a bias of two dimensions"
                refused [ 0; 2 ] None [ 1 <<< 20; 1 <<< 20; 0 ] "an output that no array holds")
        ]
