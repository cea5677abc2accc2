namespace Records.Core

open System

/// What tells places in a sequence apart. Numbers are float32 throughout, as Burn computes them.
[<RequireQualifiedAccess>]
module Position =

    let private even name width =
        if width < 2 || width % 2 <> 0 then
            invalidArg name $"The width is {width}, expected an even number."

    /// Sines and cosines by place and width, [length, width]: in turn, slower and slower. The width is even.
    let sinusoids (length: int) (width: int) (timescale: int) : Dense =
        even (nameof width) width

        if length < 0 || timescale < length then
            invalidArg (nameof timescale) $"The timescale {timescale} is below the length {length}."

        let result = Dense.zeros [| length; width |]
        let increment = -MathF.Log(float32 timescale) / float32 width

        for place in 0 .. length - 1 do
            for column in 0..2 .. width - 2 do
                let angle = MathF.Exp(float32 column * increment) * float32 place
                result.Values[place * width + column] <- MathF.Sin angle
                result.Values[place * width + column + 1] <- MathF.Cos angle

        result

    /// [batch, length, width] plus what stands for each place in [1, places, width]. Throws when the input is longer or of
    /// another width.
    let add (encoding: Dense) (input: Dense) : Dense =
        match encoding.Shape, input.Shape with
        | [| 1; places; width |], [| _; length; other |] when width = other && length <= places ->
            let size = length * width

            if size = 0 then
                input
            else
                { input with
                    Values = Array.mapi (fun index value -> value + encoding.Values[index % size]) input.Values
                }
        | _ ->
            invalidArg
                (nameof input)
                $"The input is {Dense.text input}, expected [batch, length, width] within {Dense.text encoding}."

    /// How fast each pair of a width turns, [width / 2]. The width is even.
    let frequencies (width: int) (theta: float32) : Dense =
        even (nameof width) width

        let turn index =
            1.0f / MathF.Exp(float32 (2 * index) / float32 width * MathF.Log theta)

        { Shape = [| width / 2 |]; Values = Array.init (width / 2) turn }

    /// Cosine and sine by place and column, [length, width, 2], for so many places from the first one on.
    let rotations (first: int) (length: int) (frequencies: Dense) : Dense =
        let pairs = frequencies.Values.Length
        let result = Dense.zeros [| length; 2 * pairs; 2 |]

        for place in 0 .. length - 1 do
            for pair in 0 .. pairs - 1 do
                let angle = float32 (first + place) * frequencies.Values[pair]

                for column in 2 * pair .. 2 * pair + 1 do
                    let target = (place * 2 * pairs + column) * 2
                    result.Values[target] <- MathF.Cos angle
                    result.Values[target + 1] <- MathF.Sin angle

        result

    /// Each pair of neighbours in [.., length, width] turned by the angle of its place: the places of [places, width, 2] from
    /// the start on. Throws when the input is longer or of another width.
    let rotate (rotations: Dense) (start: int) (input: Dense) : Dense =
        let rank = input.Shape.Length

        match rotations.Shape with
        | [| places; width; 2 |] when
            rank >= 2
            && input.Shape[rank - 1] = width
            && start >= 0
            && int64 start + int64 input.Shape[rank - 2] <= int64 places
            ->
            let length = input.Shape[rank - 2]
            let result = Array.zeroCreate<float32> input.Values.Length

            for index in 0..2 .. result.Length - 2 do
                let place = start + index / width % length
                let at = (place * width + index % width) * 2
                let cosine, sine = rotations.Values[at], rotations.Values[at + 1]
                let first, second = input.Values[index], input.Values[index + 1]
                result[index] <- first * cosine - second * sine
                result[index + 1] <- second * cosine + first * sine

            { input with Values = result }
        | _ ->
            invalidArg
                (nameof input)
                $"The input is {Dense.text input}, expected [.., length, width] within {Dense.text rotations} from {start} on."
