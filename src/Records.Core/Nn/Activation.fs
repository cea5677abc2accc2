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

    /// The input: dropping values is for training, which this library does not do.
    let dropout (input: Dense) = input
