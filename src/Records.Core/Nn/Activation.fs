namespace Records.Core

open System

/// Functions of each value, and of each row. The result has the shape of the input.
[<RequireQualifiedAccess>]
module Activation =

    /// The value, or 0 when that is more. NaN stays.
    let relu (input: Dense) =
        input |> Dense.map (fun x -> MathF.Max(x, 0.0f))

    /// The value times the normal distribution's probability of less than it: Burn's and torch's default.
    let gelu (input: Dense) =
        // erfc keeps the digits that 1 + erf loses where x is far below zero.
        let root = sqrt 0.5

        input
        |> Dense.map (fun x -> float32 (0.5 * float x * Blas.erfc (-root * float x)))

    /// The approximation of gelu by tanh, as GPT-2 has it.
    let geluTanh (input: Dense) =
        let root = sqrt (2.0 / Math.PI)

        input
        |> Dense.map (fun x ->
            let x = float x
            float32 (0.5 * x * (1.0 + tanh (root * (x + 0.044715 * x * x * x)))))

    /// 1 / (1 + e^-x), without overflow at either end.
    let sigmoid (input: Dense) =
        input
        |> Dense.map (fun x ->
            // e to the power of what is not positive stays within 1.
            let power = exp -(abs (float x))
            float32 ((if x >= 0.0f then 1.0 else power) / (1.0 + power)))

    /// The value times its sigmoid.
    let silu (input: Dense) = Dense.map2 (*) input (sigmoid input)

    /// The value, or the slope times it when it is negative.
    let leakyRelu (slope: float) (input: Dense) =
        input |> Dense.map (fun x -> if x < 0.0f then float32 slope * x else x)

    /// The value, or alpha times it when it is negative: one alpha for all, or one for each channel of [batch, channels, ..].
    let prelu (alpha: Dense) (input: Dense) : Dense =
        match alpha.Shape with
        | [| 1 |] -> leakyRelu (float alpha.Values[0]) input
        | [| channels |] when input.Shape.Length > 1 && input.Shape[1] = channels ->
            let size = Array.fold (*) 1 input.Shape[2..]

            let change index x =
                if x < 0.0f then
                    alpha.Values[index / size % channels] * x
                else
                    x

            { input with Values = Array.mapi change input.Values }
        | _ ->
            invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, {alpha.Values.Length}, ..]."

    /// The value, or alpha * (e^x - 1) when it is negative.
    let elu (alpha: float) (input: Dense) =
        input
        |> Dense.map (fun x ->
            if x > 0.0f then
                x
            else
                float32 (alpha * (exp (float x) - 1.0)))

    /// The value, or alpha * (e^(x / alpha) - 1) when it is negative.
    let celu (alpha: float) (input: Dense) =
        input
        |> Dense.map (fun x ->
            if x > 0.0f then
                x
            else
                float32 (alpha * (exp (float x / alpha) - 1.0)))

    /// Elu with the two numbers that keep mean 0 and variance 1 (Klambauer et al. 2017).
    let selu (input: Dense) =
        let gamma = 1.0507009873554804934

        elu 1.6732632423543772848 input
        |> Dense.map (fun x -> float32 (gamma * float x))

    /// Alpha times the value plus beta, kept within 0 and 1.
    let hardSigmoid (alpha: float) (beta: float) (input: Dense) =
        input
        |> Dense.map (fun x -> float32 (Math.Clamp(alpha * float x + beta, 0.0, 1.0)))

    /// The value times its hard sigmoid of a slope of 1 / 6.
    let hardSwish (input: Dense) =
        Dense.map2 (*) input (hardSigmoid (1.0 / 6.0) 0.5 input)

    /// ln (1 + e^(beta x)) / beta, a smooth relu.
    let softplus (beta: float) (input: Dense) =
        input
        |> Dense.map (fun x ->
            let x = beta * float x
            // The power is never above 1, so nothing overflows.
            float32 ((max x 0.0 + log (1.0 + exp -(abs x))) / beta))

    /// x / (1 + |x|).
    let softsign (input: Dense) =
        input |> Dense.map (fun x -> x / (1.0f + abs x))

    /// The value when it is above alpha, else 0.
    let thresholdedRelu (alpha: float) (input: Dense) =
        input |> Dense.map (fun x -> if float x > alpha then x else 0.0f)

    /// 0 within lambda of 0; what is further from it comes nearer by the bias.
    let shrink (lambda: float) (bias: float) (input: Dense) =
        input
        |> Dense.map (fun x ->
            if float x > lambda then float32 (float x - bias)
            elif float x < -lambda then float32 (float x + bias)
            else 0.0f)

    /// The hyperbolic tangent.
    let tanh (input: Dense) = input |> Dense.map MathF.Tanh

    /// e^x of each value over the sum of those of its row; rows are along the last axis.
    let softmax (input: Dense) =
        let struct (width, rows) = Dense.rows input
        let values = Array.zeroCreate<float32> input.Values.Length

        for row in 0 .. rows - 1 do
            let source = ReadOnlySpan(input.Values, row * width, width)
            let mutable highest = Single.NegativeInfinity

            for x in source do
                highest <- max highest x

            let mutable sum = 0.0

            for x in source do
                sum <- sum + exp (float (x - highest))

            for column in 0 .. width - 1 do
                values[row * width + column] <- float32 (exp (float (source[column] - highest)) / sum)

        { input with Values = values }

    /// The first half along the axis times the sigmoid of the second: the axis becomes half as long. Throws when it is not even.
    let glu (axis: int) (input: Dense) : Dense =
        if axis < 0 || axis >= input.Shape.Length || input.Shape[axis] % 2 <> 0 then
            invalidArg (nameof axis) $"{Dense.text input} cannot be cut in two along axis {axis}."

        let half = input.Shape[axis] / 2 * Array.fold (*) 1 input.Shape[axis + 1 ..]
        let result = Dense.zeros (Array.updateAt axis (input.Shape[axis] / 2) input.Shape)

        let part offset : Dense =
            let at index =
                index / half * 2 * half + offset + index % half

            { result with Values = Array.init result.Values.Length (fun index -> input.Values[at index]) }

        Dense.map2 (*) (part 0) (sigmoid (part half))

    /// The input: dropping values is for training, which this library does not do.
    let dropout (input: Dense) = input
