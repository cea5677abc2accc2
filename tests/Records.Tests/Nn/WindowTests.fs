module Records.Tests.Nn.WindowTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

let window kernel stride dilation padding =
    Window.create kernel stride dilation padding

/// What a walk along the axis finds: the places at which the kernel is inside.
let walk beyond size (window: Window) =
    let struct (before, after) = Window.padding size window
    let span = window.Dilation * (window.Kernel - 1) + 1
    let total = before + size + after

    let starts = Seq.initInfinite (fun index -> index * window.Stride)
    let fits start = start + span <= total
    let whole = starts |> Seq.takeWhile fits |> Seq.length

    // One more where something is left over, and the window begins in the input or in what is before it.
    if
        beyond
        && total >= span
        && (whole - 1) * window.Stride + span < total
        && whole * window.Stride < before + size
    then
        whole + 1
    else
        whole

let random seed =
    let pick = pick (Seed seed)

    let padding =
        match pick 0 0 2 with
        | 0 -> Padding.Valid
        | 1 -> Padding.Same
        | _ -> Padding.Explicit(pick 1 0 3, pick 2 0 3)

    window (pick 3 1 4) (pick 4 1 4) (pick 5 1 3) padding

let tests =
    testList
        "Window"
        [
            testProperty "a walk along the axis stops as often" (fun (seed: uint64) (size: byte) (beyond: bool) ->
                let size = int size % 20
                let window = random seed
                Expect.equal (Window.places beyond size window) (walk beyond size window) $"{window} on {size}")

            testProperty
                "the same padding keeps the size, divided by the stride and rounded up"
                (fun (seed: uint64) (size: byte) ->
                    let window = { random seed with Dilation = 1; Padding = Padding.Same }
                    let size = int size + 1
                    let rounded = (size + window.Stride - 1) / window.Stride
                    Expect.equal (Window.places false size window) rounded $"{window}")

            testCase "an odd padding goes after" (fun () ->
                Expect.equal (Window.padding 5 (window 4 1 1 Padding.Same)) (struct (1, 2)) "3 for a kernel of 4"

                Expect.equal
                    (Window.padding 5 (window 1 3 1 Padding.Same))
                    (struct (0, 0))
                    "a stride beyond the kernel")

            testCase "numbers that make no sense throw" (fun () ->
                refused (fun () -> window 0 1 1 Padding.Valid) "no kernel"
                refused (fun () -> window 1 0 1 Padding.Valid) "no stride"
                refused (fun () -> window 1 1 0 Padding.Valid) "no dilation"
                refused (fun () -> window 1 1 1 (Padding.Explicit(0, -1))) "less than nothing around it")

            testCase "the largest numbers do not wrap around" (fun () ->
                let huge = System.Int32.MaxValue
                Expect.equal (Window.places false 10 (window huge huge huge Padding.Valid)) 0 "it does not fit"
                Expect.equal (Window.places true huge (window 2 huge 1 Padding.Valid)) 1 "one place"
                Expect.equal (Window.places false huge (window 1 1 1 (Padding.Explicit(0, 0)))) huge "every place")
        ]
