module Records.Tests.Nn.ConvTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

/// A sum over everything that each place sees, in double precision.
let private plain (vertical: Window) (horizontal: Window) groups (weight: Dense) (bias: Dense option) (input: Dense) =
    let batch, channels, height, width = input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3]
    let outputs, share = weight.Shape[0], weight.Shape[1]
    let struct (top, _) = Window.padding height vertical
    let struct (left, _) = Window.padding width horizontal
    let rows, cols = WindowTests.walk false height vertical, WindowTests.walk false width horizontal

    [|
        for image in 0 .. batch - 1 do
            for output in 0 .. outputs - 1 do
                for row in 0 .. rows - 1 do
                    for col in 0 .. cols - 1 do
                        let mutable sum =
                            match bias with
                            | Some bias -> float bias.Values[output]
                            | None -> 0.0

                        for channel in 0 .. share - 1 do
                            for y in 0 .. vertical.Kernel - 1 do
                                for x in 0 .. horizontal.Kernel - 1 do
                                    let line = row * vertical.Stride + y * vertical.Dilation - top
                                    let column = col * horizontal.Stride + x * horizontal.Dilation - left

                                    if line >= 0 && line < height && column >= 0 && column < width then
                                        let group = output / (outputs / groups)
                                        let plane = image * channels + group * share + channel

                                        let at =
                                            ((output * share + channel) * vertical.Kernel + y) * horizontal.Kernel + x

                                        sum <-
                                            sum
                                            + float weight.Values[at]
                                              * float input.Values[(plane * height + line) * width + column]

                        sum
    |]

let tests =
    testList
        "Conv"
        [
            testProperty "2d: each place is the sum of what it sees" (fun (seed: uint64) (withBias: bool) ->
                let pick = pick (Seed seed)
                let groups, share, each = pick 10 1 3, pick 11 1 3, pick 12 1 3
                let vertical, horizontal = WindowTests.random seed, WindowTests.random (seed + 1UL)
                let height, width = pick 13 1 10, pick 14 1 10
                let input = dense [ pick 15 0 2; groups * share; height; width ] (Seed seed)
                let weight = dense [ groups * each; share; vertical.Kernel; horizontal.Kernel ] (Seed(seed + 1UL))

                let bias =
                    if withBias then
                        Some(dense [ groups * each ] (Seed(seed + 2UL)))
                    else
                        None

                let run () =
                    Conv.forward2d vertical horizontal groups weight bias input

                let rows, cols = WindowTests.walk false height vertical, WindowTests.walk false width horizontal

                if rows = 0 || cols = 0 then
                    refused run "the kernel does not fit"
                else
                    let result = run ()

                    Expect.equal
                        result.Shape
                        [| input.Shape[0]; groups * each; rows; cols |]
                        "[batch, out, height, width]"

                    near 2e-5 (plain vertical horizontal groups weight bias input) result "as plain loops have it")

            testProperty "1d is 2d of one row" (fun (seed: uint64) ->
                let pick = pick (Seed seed)
                let window = WindowTests.random seed
                let length = pick 13 12 20
                let input = dense [ 2; 4; length ] (Seed seed)
                let weight = dense [ 6; 2; window.Kernel ] (Seed(seed + 1UL))
                let bias = Some(dense [ 6 ] (Seed(seed + 2UL)))

                let flat (dense: Dense) =
                    { dense with Shape = [| dense.Shape[0]; dense.Shape[1]; 1; dense.Shape[2] |] }

                let single = WindowTests.window 1 1 1 Padding.Valid
                let result = Conv.forward1d window 2 weight bias input
                Expect.equal result.Shape [| 2; 6; WindowTests.walk false length window |] "[batch, out, length]"
                near 2e-5 (plain single window 2 (flat weight) bias (flat input)) result "as plain loops have it")

            testCase "the inputs are left as they are" (fun () ->
                let input, weight = dense [ 1; 2; 3; 3 ] (Seed 1UL), dense [ 2; 2; 1; 1 ] (Seed 2UL)
                let window = WindowTests.window 1 1 1 Padding.Valid

                Conv.forward2d window window 1 weight (Some(dense [ 2 ] (Seed 3UL))) input
                |> ignore

                Expect.equal input.Values (dense [ 1; 2; 3; 3 ] (Seed 1UL)).Values "input"
                Expect.equal weight.Values (dense [ 2; 2; 1; 1 ] (Seed 2UL)).Values "weight")

            testCase "shapes that do not meet throw" (fun () ->
                let window = WindowTests.window 2 1 1 Padding.Valid
                let values shape = dense shape (Seed 1UL)

                let throws groups weight bias input why =
                    refused
                        (fun () ->
                            Conv.forward2d
                                window
                                window
                                groups
                                (values weight)
                                (Option.map values bias)
                                (values input))
                        why

                throws 1 [ 2; 3; 2; 2 ] None [ 1; 2; 4; 4 ] "2 channels for 3"
                throws 2 [ 2; 3; 2; 2 ] None [ 1; 3; 4; 4 ] "3 channels for 2 groups of 3"
                throws 2 [ 3; 1; 2; 2 ] None [ 1; 2; 4; 4 ] "3 outputs in 2 groups"
                throws 0 [ 3; 1; 2; 2 ] None [ 1; 2; 4; 4 ] "no groups"
                throws 1 [ 2; 3; 2; 3 ] None [ 1; 3; 4; 4 ] "another kernel"
                throws 1 [ 2; 3; 2 ] None [ 1; 3; 4; 4 ] "a weight of three dimensions"
                throws 1 [ 2; 3; 2; 2 ] (Some [ 3 ]) [ 1; 3; 4; 4 ] "a bias of 3 for 2"
                throws 1 [ 2; 3; 2; 2 ] None [ 3; 4; 4 ] "an input of three dimensions"
                throws 1 [ 2; 3; 2; 2 ] None [ 1; 3; 1; 4 ] "an input smaller than the kernel"

                refused
                    (fun () -> Conv.forward1d window 1 (values [ 2; 3; 2; 2 ]) None (values [ 1; 3; 4 ]))
                    "1d of 2d")
        ]
