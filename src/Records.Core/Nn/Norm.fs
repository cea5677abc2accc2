namespace Records.Core

/// Normalisations, as they are after training.
[<RequireQualifiedAccess>]
module Norm =

    let private demand name (features: int) (dense: Dense) =
        if dense.Shape <> [| features |] then
            invalidArg name $"The {name} is {Dense.text dense}, expected [{features}]."

    /// [batch, channels, ..] less the mean of the channel, over the root of its variance and epsilon, times gamma, plus
    /// beta. Each of the four is [channels]. Throws when shapes do not meet.
    let batch (epsilon: float) (mean: Dense) (variance: Dense) (gamma: Dense) (beta: Dense) (input: Dense) : Dense =
        if input.Shape.Length < 2 then
            invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, channels, ..]."

        let channels = input.Shape[1]
        demand (nameof mean) channels mean
        demand (nameof variance) channels variance
        demand (nameof gamma) channels gamma
        demand (nameof beta) channels beta
        let result = Array.zeroCreate<float32> input.Values.Length

        if result.Length > 0 then
            let size = result.Length / (input.Shape[0] * channels)

            let scales =
                Array.map2
                    (fun gamma variance -> float gamma / sqrt (float variance + epsilon))
                    gamma.Values
                    variance.Values

            for plane in 0 .. input.Shape[0] * channels - 1 do
                let channel = plane % channels
                let scale, mean, beta = scales[channel], float mean.Values[channel], float beta.Values[channel]

                for index in plane * size .. (plane + 1) * size - 1 do
                    result[index] <- float32 ((float input.Values[index] - mean) * scale + beta)

        { input with Values = result }

    /// Each row along the last axis less its mean, over the root of its variance and epsilon, times gamma, plus beta. Both
    /// are as long as a row. Throws when shapes do not meet.
    let layer (epsilon: float) (gamma: Dense) (beta: Dense option) (input: Dense) : Dense =
        if input.Shape.Length = 0 then
            invalidArg (nameof input) $"The input is {Dense.text input}, expected [.., {gamma.Values.Length}]."

        let struct (width, rows) = Dense.rows input
        demand (nameof gamma) width gamma
        Option.iter (demand (nameof beta) width) beta
        let result = Array.zeroCreate<float32> input.Values.Length

        for row in 0 .. rows - 1 do
            let start = row * width
            let mutable sum = 0.0

            for index in start .. start + width - 1 do
                sum <- sum + float input.Values[index]

            let mean = sum / float width
            let mutable squares = 0.0

            for index in start .. start + width - 1 do
                let distance = float input.Values[index] - mean
                squares <- squares + distance * distance

            let scale = 1.0 / sqrt (squares / float width + epsilon)

            for column in 0 .. width - 1 do
                let value = (float input.Values[start + column] - mean) * scale * float gamma.Values[column]

                let shift =
                    match beta with
                    | Some beta -> float beta.Values[column]
                    | None -> 0.0

                result[start + column] <- float32 (value + shift)

        { input with Values = result }
