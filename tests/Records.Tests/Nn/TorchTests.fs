/// Every layer against torch's numbers, which tests/golden/torch/make.py wrote.
module Records.Tests.Nn.TorchTests

open System
open System.Diagnostics
open System.IO
open Expecto
open Records
open Records.Tests.Nn.TorchCases

/// What float32 sums of these lengths may differ by: at most 2e-6 was measured, in a convolution of 70 channels.
let private tolerance = 5e-6

let private run case =
    let input = floats case.Tensors["input"]
    let numberOf = number case

    match case.Layer with
    | "Conv1d" ->
        let padding =
            match paddings case with
            | Some [ [ before; after ] ] -> PaddingConfig1d.Explicit(before, after)
            | Some other -> failtest $"padding {other}"
            | None -> PaddingConfig1d.Same

        let single (name: string) =
            List.exactlyOne (ints (case.Options.GetProperty name))

        let kernel = int case.Tensors["weight"].Shape[2]
        let groups = case.Options.GetProperty("groups").GetInt32()

        [
            Conv1d(
                param case "weight",
                optional case "bias",
                single "stride",
                kernel,
                single "dilation",
                groups,
                padding
            )
                .Forward
                input
        ]
    | "Conv2d" ->
        let padding =
            match paddings case with
            | Some [ [ top; bottom ]; [ left; right ] ] -> PaddingConfig2d.Explicit(top, left, bottom, right)
            | Some other -> failtest $"padding {other}"
            | None -> PaddingConfig2d.Same

        let shape = case.Tensors["weight"].Shape
        let kernel = struct (int shape[2], int shape[3])
        let groups = case.Options.GetProperty("groups").GetInt32()

        [
            Conv2d(
                param case "weight",
                optional case "bias",
                pair case "stride",
                kernel,
                pair case "dilation",
                groups,
                padding
            )
                .Forward
                input
        ]
    | "MaxPool2d" ->
        let struct (above, beside) = pair case "padding"

        let pool =
            MaxPool2d(
                pair case "kernel",
                Stride = pair case "stride",
                Padding = PaddingConfig2d.Explicit(above, beside),
                Dilation = pair case "dilation",
                CeilMode = flag case "ceil_mode"
            )

        [ pool.Forward input ]
    | "AvgPool2d" ->
        let struct (above, beside) = pair case "padding"

        let pool =
            AvgPool2d(
                pair case "kernel",
                Stride = pair case "stride",
                Padding = PaddingConfig2d.Explicit(above, beside),
                CountIncludePad = flag case "count_include_pad",
                CeilMode = flag case "ceil_mode"
            )

        [ pool.Forward input ]
    | "AdaptiveAvgPool2d" -> [ AdaptiveAvgPool2d(pair case "output_size").Forward input ]
    | "BatchNorm" ->
        let param = param case

        [
            BatchNorm(param "gamma", param "beta", param "running_mean", param "running_var", 0.1, numberOf "epsilon")
                .Forward
                input
        ]
    | "LayerNorm" -> [ LayerNorm(param case "gamma", optional case "beta", numberOf "epsilon").Forward input ]
    | "Embedding" ->
        let indices = case.Tensors["input"]
        let indices = Tensor.Wrap(Array.map int64 indices.Values, ReadOnlySpan indices.Shape)
        [ Embedding(param case "weight").Forward indices ]
    | "Linear" -> [ (linear case "").Forward input ]
    | "Lstm" ->
        let gate name =
            GateController(linear case $"{name}.input_transform.", linear case $"{name}.hidden_transform.")

        let hidden = int (numberOf "hidden")

        let sigmoid, tanh = Activation.Sigmoid(Sigmoid()), Activation.Tanh(Tanh())

        let lstm =
            Lstm(
                gate "input_gate",
                gate "forget_gate",
                gate "output_gate",
                gate "cell_gate",
                hidden,
                flag case "batch_first",
                flag case "reverse",
                Nullable(),
                false,
                sigmoid,
                tanh,
                tanh
            )

        let state: LstmState | null =
            match Map.tryFind "cell" case.Tensors with
            | Some cell -> LstmState(floats cell, floats case.Tensors["hidden"])
            | None -> null

        let struct (output, last) = lstm.Forward(input, state)
        [ output; last.Cell; last.Hidden ]
    | "Relu" -> [ Relu().Forward input ]
    | "Gelu"
    | "GeluTanh" -> [ Gelu(flag case "approximate").Forward input ]
    | "Sigmoid" -> [ Sigmoid().Forward input ]
    | "Tanh" -> [ Tanh().Forward input ]
    | "Softmax" -> [ Softmax().Forward input ]
    | "LeakyRelu" -> [ LeakyRelu(numberOf "negative_slope").Forward input ]
    | "Selu" -> [ Selu().Forward input ]
    | "HardSigmoid" -> [ HardSigmoid(numberOf "alpha", numberOf "beta").Forward input ]
    | "HardSwish" -> [ HardSwish().Forward input ]
    | "Softplus" -> [ Softplus(numberOf "beta").Forward input ]
    | "Softsign" -> [ Softsign().Forward input ]
    | "Elu" -> [ Elu(numberOf "alpha").Forward input ]
    | "Celu" -> [ Celu(numberOf "alpha").Forward input ]
    | "ThresholdedRelu" -> [ ThresholdedRelu(numberOf "alpha").Forward input ]
    | "HardShrink" -> [ HardShrink(numberOf "lambda").Forward input ]
    | "SoftShrink" -> [ SoftShrink(numberOf "lambda").Forward input ]
    | "PRelu" -> [ PRelu(param case "alpha", 0.25).Forward input ]
    | "SwiGlu" -> [ SwiGlu(linear case "linear_inner.", linear case "linear_outer.").Forward input ]
    | _ -> TorchLayers.run case

let private cases = lazy (read folder)

let private worst layer =
    [
        for case in cases.Value do
            if case.Layer = layer then
                for expected, actual in List.zip case.Outputs (run case) do
                    Expect.sequenceEqual actual.Shape expected.Shape $"{layer} {case.Options}"
                    Draw.difference (expected.Values |> Array.map (float32 >> float)) (actual.ToArray())
    ]
    |> List.max

let private layers =
    [
        "Conv1d"
        "Conv2d"
        "MaxPool2d"
        "AvgPool2d"
        "AdaptiveAvgPool2d"
        "BatchNorm"
        "LayerNorm"
        "Embedding"
    ]
    @ [ "Linear"; "Lstm"; "Relu"; "Gelu"; "GeluTanh"; "Sigmoid"; "Tanh"; "Softmax"; "LeakyRelu"; "Selu" ]
    @ [
        "HardSigmoid"
        "HardSwish"
        "Softplus"
        "Softsign"
        "Elu"
        "Celu"
        "ThresholdedRelu"
        "HardShrink"
    ]
    @ [ "SoftShrink"; "PRelu"; "SwiGlu" ]
    @ TorchLayers.names

let tests =
    testList
        "torch"
        [
            testCase "every case of the file is run" (fun () ->
                let found = cases.Value |> List.map _.Layer |> List.distinct
                Expect.equal (List.sort found) (List.sort layers) "the layers")

            for layer in layers do
                testCase $"{layer} has torch's numbers" (fun () ->
                    let difference = worst layer
                    printfn $"torch: {layer} differs by {difference:g2} at most"
                    Expect.isLessThanOrEqual difference tolerance "largest absolute difference")

            testCase "make.py still makes the committed numbers" (fun () ->
                match Environment.GetEnvironmentVariable "RECORDS_TORCH" with
                | null
                | "" -> skiptest "RECORDS_TORCH does not name a python that has torch"
                | python ->
                    let target = Directory.CreateTempSubdirectory "records-torch-"

                    try
                        let start = ProcessStartInfo(python, [ Path.Combine(folder, "make.py"); target.FullName ])
                        start.RedirectStandardError <- true

                        match Process.Start start with
                        | null -> failtest $"{python} does not start"
                        | made ->
                            use made = made
                            let errors = made.StandardError.ReadToEnd()
                            made.WaitForExit()
                            Expect.equal made.ExitCode 0 errors

                        let made = read target.FullName
                        Expect.equal made.Length cases.Value.Length "as many cases"

                        for made, committed in List.zip made cases.Value do
                            Expect.equal
                                (made.Layer, string made.Options)
                                (committed.Layer, string committed.Options)
                                "the case"

                            let tensors case =
                                (Map.toList case.Tensors |> List.map snd) @ case.Outputs

                            for made, committed in List.zip (tensors made) (tensors committed) do
                                Expect.equal made.Shape committed.Shape "shape"
                                let away = Array.map2 (fun a b -> abs (a - b)) made.Values committed.Values
                                Expect.isLessThanOrEqual (Array.fold max 0.0 away) 1e-6 "values"
                    finally
                        target.Delete true)
        ]
