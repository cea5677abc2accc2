module Records.Tests.Nn.PoolTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

/// For each result, what its window sees: the values, and how many of its elements are in the input or its padding.
let private seen beyond (vertical: Window) (horizontal: Window) (input: Dense) =
    let height, width = input.Shape[2], input.Shape[3]
    let struct (top, bottom) = Window.padding height vertical
    let struct (left, right) = Window.padding width horizontal

    [|
        for plane in 0 .. input.Shape[0] * input.Shape[1] - 1 do
            for row in 0 .. WindowTests.walk beyond height vertical - 1 do
                for col in 0 .. WindowTests.walk beyond width horizontal - 1 do
                    let places =
                        [
                            for y in 0 .. vertical.Kernel - 1 do
                                for x in 0 .. horizontal.Kernel - 1 do
                                    row * vertical.Stride + y * vertical.Dilation,
                                    col * horizontal.Stride + x * horizontal.Dilation
                        ]

                    let padded =
                        places
                        |> List.filter (fun (y, x) -> y < top + height + bottom && x < left + width + right)

                    let values =
                        [
                            for y, x in places do
                                if y >= top && y < top + height && x >= left && x < left + width then
                                    float input.Values[(plane * height + y - top) * width + x - left]
                        ]

                    values, padded.Length
    |]

let private random seed =
    let pick = pick (Seed seed)
    let input = dense [ pick 20 0 2; pick 21 1 2; pick 22 1 9; pick 23 1 9 ] (Seed seed)
    WindowTests.random seed, WindowTests.random (seed + 1UL), input

let private fits beyond (vertical: Window) (horizontal: Window) (input: Dense) =
    WindowTests.walk beyond input.Shape[2] vertical > 0
    && WindowTests.walk beyond input.Shape[3] horizontal > 0

let tests =
    testList
        "Pool"
        [
            testProperty "max is the largest of what each window sees" (fun (seed: uint64) (beyond: bool) ->
                let vertical, horizontal, input = random seed

                let run () =
                    Pool.max2d beyond vertical horizontal input

                if fits beyond vertical horizontal input then
                    let expected =
                        seen beyond vertical horizontal input
                        |> Array.map (fst >> List.fold max -infinity)

                    near 0.0 expected (run ()) "as plain loops have it"
                else
                    refused run "the window does not fit")

            testProperty
                "the average is the mean of what each window sees"
                (fun (seed: uint64) (beyond: bool) (countPadding: bool) ->
                    let vertical, horizontal, input = random seed

                    let run () =
                        Pool.average2d beyond countPadding vertical horizontal input

                    if fits beyond vertical horizontal input then
                        let mean (values: float list, padded) =
                            match (if countPadding then padded else values.Length) with
                            | 0 -> 0.0
                            | divisor -> List.sum values / float divisor

                        near
                            1e-6
                            (seen beyond vertical horizontal input |> Array.map mean)
                            (run ())
                            "as plain loops have it"
                    else
                        refused run "the window does not fit")

            testProperty "the adaptive average takes even parts" (fun (seed: uint64) ->
                let pick = pick (Seed seed)
                let height, width, rows, columns = pick 0 1 9, pick 1 1 9, pick 2 1 6, pick 3 1 6
                let input = dense [ 2; 2; height; width ] (Seed seed)

                let part size parts index =
                    [ index * size / parts .. ((index + 1) * size + parts - 1) / parts - 1 ]

                let expected =
                    [|
                        for plane in 0..3 do
                            for row in 0 .. rows - 1 do
                                for column in 0 .. columns - 1 do
                                    List.average
                                        [
                                            for y in part height rows row do
                                                for x in part width columns column ->
                                                    float input.Values[(plane * height + y) * width + x]
                                        ]
                    |]

                let result = Pool.adaptiveAverage2d rows columns input
                Expect.equal result.Shape [| 2; 2; rows; columns |] "the size that was asked for"
                near 1e-6 expected result "as plain loops have it")

            testCase "max keeps NaN, and padding is below minus infinity" (fun () ->
                let window = WindowTests.window 2 2 1 (Padding.Explicit(1, 1))
                let input = Dense.create [| 1; 1; 2; 2 |] [| nanf; -infinityf; 1.0f; -5.0f |]
                let result = Pool.max2d false window window input
                near 0.0 [| nan; -infinity; 1.0; -5.0 |] result "one value in each window")

            testCase "what is not an image, or nothing, throws" (fun () ->
                let window = WindowTests.window 1 1 1 Padding.Valid
                let flat, empty = dense [ 2; 3; 4 ] (Seed 1UL), dense [ 1; 1; 0; 3 ] (Seed 1UL)

                for input in [ flat; empty ] do
                    refused (fun () -> Pool.max2d false window window input) "max"
                    refused (fun () -> Pool.average2d false true window window input) "average"
                    refused (fun () -> Pool.adaptiveAverage2d 1 1 input) "adaptive"

                refused (fun () -> Pool.adaptiveAverage2d 0 1 (dense [ 1; 1; 2; 2 ] (Seed 1UL))) "no result")
        ]
