/// The layers beyond the plain ones, run on torch's cases.
module internal Records.Tests.Nn.TorchLayers

open System
open System.Text.Json
open Expecto
open Records
open Records.Tests.Nn.TorchCases

let private axes case (name: string) =
    [ for item in case.Options.GetProperty(name).EnumerateArray() -> item.GetInt32() ]

let private whole case (name: string) =
    case.Options.GetProperty(name).GetInt32()

let private tensor case name = floats case.Tensors[name]

let private given case name : Tensor | null =
    match Map.tryFind name case.Tensors with
    | Some values -> floats values
    | None -> null

let private mask case name : Tensor | null =
    match Map.tryFind name case.Tensors with
    | Some values -> Tensor.Wrap(Array.map ((<>) 0.0) values.Values, ReadOnlySpan values.Shape)
    | None -> null

let private triple case name =
    match axes case name with
    | [ depth; height; width ] -> struct (depth, height, width)
    | other -> failtest $"{name} is {other}"

let private kernel case =
    [ for size in case.Tensors["weight"].Shape[2..] -> int size ]

/// The channels of input and result: what the weight says of a transposed convolution.
let private channels case =
    let shape = case.Tensors["weight"].Shape
    struct (int shape[0], int shape[1] * whole case "groups")

let private gate case prefix =
    GateController(linear case $"{prefix}.input_transform.", linear case $"{prefix}.hidden_transform.")

let private sigmoid () = Activation.Sigmoid(Sigmoid())
let private tanh () = Activation.Tanh(Tanh())

let private gru case prefix =
    let gate name = gate case (prefix + name)
    let hidden = whole case "hidden"
    let after = flag case "reset_after"
    Gru(gate "update_gate", gate "reset_gate", gate "new_gate", hidden, after, sigmoid (), tanh (), Nullable())

let private rnn case prefix =
    Rnn(gate case (prefix + "gate"), whole case "hidden", true, false, Nullable(), tanh ())

let private lstm case prefix =
    let gate name = gate case (prefix + name)

    Lstm(
        gate "input_gate",
        gate "forget_gate",
        gate "output_gate",
        gate "cell_gate",
        whole case "hidden",
        true,
        false,
        Nullable(),
        false,
        sigmoid (),
        tanh (),
        tanh ()
    )

let private attention case prefix heads quiet =
    let linear name = linear case (prefix + name)
    let width = int case.Tensors[prefix + "query.weight"].Shape[0]

    MultiHeadAttention(
        linear "query.",
        linear "key.",
        linear "value.",
        linear "output.",
        Dropout 0.5,
        Gelu(),
        width,
        heads,
        width / heads,
        -1e4,
        quiet
    )

let private feedForward case prefix =
    let inner, outer = linear case (prefix + "linear_inner."), linear case (prefix + "linear_outer.")
    PositionWiseFeedForward(inner, outer, Dropout 0.5, Activation.Gelu(Gelu()))

let private norm case prefix =
    LayerNorm(param case (prefix + ".gamma"), optional case (prefix + ".beta"), 1e-5)

let private encoder case =
    let heads, first = whole case "heads", flag case "norm_first"

    let layer index =
        let prefix = $"layers.{index}."

        TransformerEncoderLayer(
            attention case (prefix + "mha.") heads false,
            feedForward case (prefix + "pwff."),
            norm case (prefix + "norm_1"),
            norm case (prefix + "norm_2"),
            Dropout 0.5,
            first
        )

    TransformerEncoder([| layer 0; layer 1 |], 4, 6, heads, 2, 0.5, first, false)

let private decoder case =
    let heads, first = whole case "heads", flag case "norm_first"

    let layer index =
        let prefix = $"layers.{index}."

        TransformerDecoderLayer(
            attention case (prefix + "cross_attn.") heads false,
            attention case (prefix + "self_attn.") heads false,
            feedForward case (prefix + "pwff."),
            norm case (prefix + "norm_1"),
            norm case (prefix + "norm_2"),
            norm case (prefix + "norm_3"),
            Dropout 0.5,
            first
        )

    TransformerDecoder([| layer 0; layer 1 |], 4, 6, heads, 2, 0.5, first, false)

let private both (struct (first, second)) = [ first; second ]

let private convolve case =
    let input = tensor case "input"
    let groups = whole case "groups"
    let weight, bias = param case "weight", optional case "bias"

    match case.Layer, kernel case with
    | "Conv3d", [ depth; height; width ] ->
        let struct (z, y, x) = triple case "padding"
        let padding = PaddingConfig3d.Explicit(z, y, x)
        let kernel = struct (depth, height, width)
        Conv3d(weight, bias, triple case "stride", kernel, triple case "dilation", groups, padding).Forward input
    | "ConvTranspose1d", [ kernel ] ->
        let one name = List.exactlyOne (axes case name)

        ConvTranspose1d(
            weight,
            bias,
            one "stride",
            kernel,
            one "dilation",
            groups,
            one "padding",
            one "padding_out",
            channels case
        )
            .Forward
            input
    | "ConvTranspose2d", [ height; width ] ->
        let pair = pair case

        ConvTranspose2d(
            weight,
            bias,
            pair "stride",
            struct (height, width),
            pair "dilation",
            groups,
            pair "padding",
            pair "padding_out",
            channels case
        )
            .Forward
            input
    | "ConvTranspose3d", [ depth; height; width ] ->
        let triple = triple case

        ConvTranspose3d(
            weight,
            bias,
            triple "stride",
            struct (depth, height, width),
            triple "dilation",
            groups,
            triple "padding",
            triple "padding_out",
            channels case
        )
            .Forward
            input
    | other -> failtest $"no test runs {other}"

/// What `run` runs.
let names =
    [ "GroupNorm"; "InstanceNorm"; "RmsNorm"; "LocalResponseNorm"; "Conv3d" ]
    @ [ "ConvTranspose1d"; "ConvTranspose2d"; "ConvTranspose3d" ]
    @ [ "MaxPool1d"; "AvgPool1d"; "AdaptiveAvgPool1d"; "Glu" ]
    @ [ "Gru"; "BiGru"; "Rnn"; "BiRnn"; "BiLstm" ]
    @ [ "MultiHeadAttention"; "CrossAttention"; "PositionWiseFeedForward" ]
    @ [ "TransformerEncoder"; "TransformerDecoder"; "PositionalEncoding"; "RotaryEncoding" ]

/// The layer's outputs for the inputs and weights of the case.
let run case : Tensor list =
    let input = tensor case "input"
    let epsilon () = number case "epsilon"
    let features = if input.Rank > 1 then int input.Shape[1] else 1

    match case.Layer with
    | "GroupNorm" ->
        let gamma, beta = optional case "gamma", optional case "beta"

        [
            GroupNorm(gamma, beta, whole case "groups", features, epsilon (), not (isNull gamma)).Forward input
        ]
    | "InstanceNorm" ->
        let gamma, beta = optional case "gamma", optional case "beta"
        [ InstanceNorm(gamma, beta, features, epsilon (), not (isNull gamma)).Forward input ]
    | "RmsNorm" -> [ RmsNorm(param case "gamma", epsilon ()).Forward input ]
    | "LocalResponseNorm" ->
        [
            LocalResponseNorm(whole case "size", number case "alpha", number case "beta", number case "k").Forward input
        ]
    | "MaxPool1d" ->
        let padding = PaddingConfig1d.Explicit(whole case "padding")
        let ceil = flag case "ceil_mode"

        [
            MaxPool1d(whole case "kernel", Stride = whole case "stride", Padding = padding, CeilMode = ceil).Forward
                input
        ]
    | "AvgPool1d" ->
        let padding = PaddingConfig1d.Explicit(whole case "padding")
        let ceil = flag case "ceil_mode"

        [
            AvgPool1d(whole case "kernel", Stride = whole case "stride", Padding = padding, CeilMode = ceil).Forward
                input
        ]
    | "AdaptiveAvgPool1d" -> [ AdaptiveAvgPool1d(whole case "output_size").Forward input ]
    | "Glu" -> [ Glu(whole case "dim").Forward input ]
    | "Gru" ->
        let output = (gru case "").Forward(input, given case "hidden")
        // What is hidden after the last step is the last state.
        let steps = int input.Shape[1]
        let size = int output.Shape[2]
        let values = output.ToArray()

        let last =
            [|
                for batch in 0 .. int input.Shape[0] - 1 -> values[((batch + 1) * steps - 1) * size ..][.. size - 1]
            |]

        [ output; Tensor.Of(Array.concat last, ReadOnlySpan [| input.Shape[0]; int64 size |]) ]
    | "BiGru" ->
        let layer = BiGru(gru case "forward.", gru case "reverse.", whole case "hidden", true)
        both (layer.Forward(input, given case "hidden"))
    | "Rnn" -> both ((rnn case "").Forward(input, given case "hidden"))
    | "BiRnn" ->
        let layer = BiRnn(rnn case "forward.", rnn case "reverse.", whole case "hidden", true)
        both (layer.Forward(input, given case "hidden"))
    | "BiLstm" ->
        let layer = BiLstm(lstm case "forward.", lstm case "reverse.", whole case "hidden", true)

        let state: LstmState | null =
            if case.Tensors.ContainsKey "cell" then
                LstmState(tensor case "cell", tensor case "hidden")
            else
                null

        let struct (output, last) = layer.Forward(input, state)
        [ output; last.Hidden; last.Cell ]
    | "MultiHeadAttention" ->
        let layer = attention case "" (whole case "heads") (flag case "quiet")

        both (
            layer.Forward(
                input,
                tensor case "other",
                tensor case "another",
                mask case "mask_pad",
                mask case "mask_attn"
            )
        )
    | "CrossAttention" ->
        let heads, shared, size = whole case "heads", whole case "key_heads", whole case "head"

        let layer =
            CrossAttention(
                linear case "query.",
                linear case "key.",
                linear case "value.",
                linear case "output.",
                Dropout 0.5,
                heads,
                shared,
                size,
                1.0 / sqrt (float size),
                -1e4,
                flag case "quiet"
            )

        [ layer.Forward(input, tensor case "context") ]
    | "PositionWiseFeedForward" -> [ (feedForward case "").Forward input ]
    | "TransformerEncoder" -> [ (encoder case).Forward(input, mask case "mask_pad", mask case "mask_attn") ]
    | "TransformerDecoder" ->
        [
            (decoder case)
                .Forward(
                    input,
                    tensor case "memory",
                    targetMaskAttn = mask case "target_mask_attn",
                    memoryMaskPad = mask case "memory_mask_pad"
                )
        ]
    | "PositionalEncoding" ->
        [
            PositionalEncoding.Init(int input.Shape[2], whole case "places", whole case "timescale").Forward input
        ]
    | "RotaryEncoding" ->
        let encoding = RotaryEncoding.Init(20, int input.Shape[input.Rank - 1], float32 (number case "theta"))
        [ encoding.Forward(input, whole case "start") ]
    | _ -> [ convolve case ]
