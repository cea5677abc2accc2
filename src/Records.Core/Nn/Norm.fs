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

    /// Each row along the last axis over the root of the mean of its squares and epsilon, times gamma, which is as long as a
    /// row. Throws when shapes do not meet.
    let rms (epsilon: float) (gamma: Dense) (input: Dense) : Dense =
        if input.Shape.Length = 0 then
            invalidArg (nameof input) $"The input is {Dense.text input}, expected [.., {gamma.Values.Length}]."

        let struct (width, rows) = Dense.rows input
        demand (nameof gamma) width gamma
        let result = Array.zeroCreate<float32> input.Values.Length

        for row in 0 .. rows - 1 do
            let start = row * width
            let mutable squares = 0.0

            for index in start .. start + width - 1 do
                squares <- squares + float input.Values[index] * float input.Values[index]

            let scale = 1.0 / sqrt (squares / float width + epsilon)

            for column in 0 .. width - 1 do
                result[start + column] <-
                    float32 (float input.Values[start + column] * scale * float gamma.Values[column])

        { input with Values = result }

    /// [batch, channels, ..] less the mean of its group of channels, over the root of the group's variance and epsilon; times
    /// the channel's gamma, plus its beta, where these are given. Throws when the channels cannot be cut into so many groups.
    let group (epsilon: float) (groups: int) (gamma: Dense option) (beta: Dense option) (input: Dense) : Dense =
        if input.Shape.Length < 2 then
            invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, channels, ..]."

        let channels = input.Shape[1]

        if groups < 1 || channels % groups <> 0 then
            invalidArg (nameof groups) $"{channels} channels cannot be cut into {groups} groups."

        Option.iter (demand (nameof gamma) channels) gamma
        Option.iter (demand (nameof beta) channels) beta
        let result = Array.zeroCreate<float32> input.Values.Length

        if result.Length > 0 then
            let size = result.Length / (input.Shape[0] * channels)
            let share = size * (channels / groups)

            for part in 0 .. input.Shape[0] * groups - 1 do
                let start = part * share
                let mutable sum = 0.0

                for index in start .. start + share - 1 do
                    sum <- sum + float input.Values[index]

                let mean = sum / float share
                let mutable squares = 0.0

                for index in start .. start + share - 1 do
                    let distance = float input.Values[index] - mean
                    squares <- squares + distance * distance

                let scale = 1.0 / sqrt (squares / float share + epsilon)

                for index in start .. start + share - 1 do
                    let channel = index / size % channels

                    let factor =
                        match gamma with
                        | Some gamma -> float gamma.Values[channel]
                        | None -> 1.0

                    let shift =
                        match beta with
                        | Some beta -> float beta.Values[channel]
                        | None -> 0.0

                    result[index] <- float32 ((float input.Values[index] - mean) * scale * factor + shift)

        { input with Values = result }

    /// [batch, channels, .., ..] over (k + alpha times the mean of the squares of so many channels around it) to the power of
    /// beta. Channels beyond the ends count as zeros. Throws when the input has less than three dimensions.
    let localResponse (size: int) (alpha: float) (beta: float) (k: float) (input: Dense) : Dense =
        if input.Shape.Length < 3 then
            invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, channels, .., ..]."

        if size < 1 then
            invalidArg (nameof size) $"The size is {size}, expected 1 or more."

        let channels = input.Shape[1]
        let plane = Array.fold (*) 1 input.Shape[2..]
        let before, after = (size - 1) / 2, size / 2
        let result = Array.zeroCreate<float32> input.Values.Length

        for index in 0 .. result.Length - 1 do
            let channel = index / plane % channels
            let mutable squares = 0.0

            for other in max 0 (channel - before) .. min (channels - 1) (channel + after) do
                let value = float input.Values[index + (other - channel) * plane]
                squares <- squares + value * value

            result[index] <- float32 (float input.Values[index] / (k + alpha * squares / float size) ** beta)

        { input with Values = result }
