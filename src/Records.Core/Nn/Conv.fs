namespace Records.Core

open System

/// Convolutions, as deep learning has them: the kernel is not turned.
[<RequireQualifiedAccess>]
module Conv =

    /// What Burn starts weight and bias with: uniform within 1 / sqrt (inputs of one output).
    let initializer = Linear.initializer

    // What each output place sees, as one column: [channels * kernel, places]. The product with the weight is then the convolution.
    let private columns channels start (input: Dense) height width (vertical: Window) (horizontal: Window) rows cols =
        let struct (top, _) = Window.padding height vertical
        let struct (left, _) = Window.padding width horizontal
        let result = Array.zeroCreate<float32>(channels * vertical.Kernel * horizontal.Kernel * rows * cols)
        let mutable target = 0

        for channel in 0 .. channels - 1 do
            let plane = start + channel * height * width

            for y in 0 .. vertical.Kernel - 1 do
                for x in 0 .. horizontal.Kernel - 1 do
                    // The places whose column is inside the input; the others keep their zero.
                    let shift = x * horizontal.Dilation - left
                    let first = max 0 ((horizontal.Stride - 1 - shift) / horizontal.Stride)

                    let last =
                        if width <= shift then
                            -1
                        else
                            min (cols - 1) ((width - 1 - shift) / horizontal.Stride)

                    for row in 0 .. rows - 1 do
                        let line = row * vertical.Stride + y * vertical.Dilation - top

                        if line >= 0 && line < height && first <= last then
                            let source = plane + line * width + shift

                            if horizontal.Stride = 1 then
                                Array.Copy(input.Values, source + first, result, target + first, last - first + 1)
                            else
                                for place in first..last do
                                    result[target + place] <- input.Values[source + place * horizontal.Stride]

                        target <- target + cols

        result

    /// [batch, in, height, width] by the weight [out, in / groups, height, width], plus the bias [out] ->
    /// [batch, out, height, width]. The channels are cut into groups that do not see each other. Throws when shapes do not meet.
    let forward2d
        (vertical: Window)
        (horizontal: Window)
        (groups: int)
        (weight: Dense)
        (bias: Dense option)
        (input: Dense)
        : Dense =
        let outputs, channels =
            match weight.Shape with
            | [| outputs; channels; height; width |] when height = vertical.Kernel && width = horizontal.Kernel ->
                outputs, channels
            | _ ->
                invalidArg
                    (nameof weight)
                    $"The weight is {Dense.text weight}, expected [out, in, {vertical.Kernel}, {horizontal.Kernel}]."

        if groups < 1 || outputs % groups <> 0 then
            invalidArg (nameof groups) $"{outputs} output channels cannot be cut into {groups} groups."

        match bias with
        | Some bias when bias.Shape <> [| outputs |] ->
            invalidArg (nameof bias) $"The bias is {Dense.text bias}, expected [{outputs}]."
        | _ -> ()

        let batch, height, width =
            match input.Shape with
            | [| batch; found; height; width |] when int64 found = int64 channels * int64 groups -> batch, height, width
            | _ ->
                invalidArg
                    (nameof input)
                    $"The input is {Dense.text input}, expected [batch, {int64 channels * int64 groups}, height, width]."

        let rows = Window.places false height vertical
        let cols = Window.places false width horizontal

        if rows = 0 || cols = 0 then
            invalidArg
                (nameof input)
                $"The kernel {vertical.Kernel} x {horizontal.Kernel} does not fit {Dense.text input}."

        let places, inner = rows * cols, channels * vertical.Kernel * horizontal.Kernel
        let share = outputs / groups
        let shape = [| batch; outputs; rows; cols |]
        let result = Dense.zeros shape

        let kernels =
            Array.init groups (fun group -> Array.sub weight.Values (group * share * inner) (share * inner))

        // A kernel of one element that moves by one sees the input as it is.
        let whole =
            inner = channels
            && rows = height
            && cols = width
            && vertical.Stride = 1
            && horizontal.Stride = 1

        for image in 0 .. batch - 1 do
            for group in 0 .. groups - 1 do
                let start = (image * groups + group) * channels * height * width

                let seen =
                    if whole then
                        Array.sub input.Values start (inner * places)
                    else
                        columns channels start input height width vertical horizontal rows cols

                let product = Blas.multiply share inner places kernels[group] seen None
                let target = (image * outputs + group * share) * places
                Array.Copy(product, 0, result.Values, target, product.Length)

        match bias with
        | Some bias ->
            for channel in 0 .. batch * outputs - 1 do
                let shift = bias.Values[channel % outputs]

                for place in channel * places .. (channel + 1) * places - 1 do
                    result.Values[place] <- result.Values[place] + shift
        | None -> ()

        result

    /// [batch, in, length] by the weight [out, in / groups, length], plus the bias [out] -> [batch, out, length].
    /// The channels are cut into groups that do not see each other. Throws when shapes do not meet.
    let forward1d (window: Window) (groups: int) (weight: Dense) (bias: Dense option) (input: Dense) : Dense =
        let flat name (dense: Dense) =
            match dense.Shape with
            | [| first; second; length |] -> { dense with Shape = [| first; second; 1; length |] }
            | _ -> invalidArg name $"The {name} is {Dense.text dense}, expected three dimensions."

        let single = { Kernel = 1; Stride = 1; Dilation = 1; Padding = Padding.Valid }

        let result =
            forward2d single window groups (flat (nameof weight) weight) bias (flat (nameof input) input)

        { result with Shape = [| result.Shape[0]; result.Shape[1]; result.Shape[3] |] }
