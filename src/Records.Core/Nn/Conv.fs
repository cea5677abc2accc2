namespace Records.Core

open System

/// Convolutions, as deep learning has them: the kernel is not turned.
[<RequireQualifiedAccess>]
module Conv =

    /// What Burn starts weight and bias with: uniform within 1 / sqrt (inputs of one output).
    let initializer = Linear.initializer

    /// One axis of a convolution: what moves along it, its size, and at how many places the kernel stops.
    [<NoEquality; NoComparison>]
    type private Axis = { Window: Window; Size: int; Places: int; Before: int }

    let private axis (size: int) (window: Window) =
        let struct (before, _) = Window.padding size window
        { Window = window; Size = size; Places = Window.places false size window; Before = before }

    // What each output place sees, as one column: [channels * kernel, places]. The product with the weight is then the convolution.
    let private columns channels start (input: Dense) (deep: Axis) (vertical: Axis) (horizontal: Axis) =
        let stride, width, cols = horizontal.Window.Stride, horizontal.Size, horizontal.Places
        let kernel = deep.Window.Kernel * vertical.Window.Kernel * horizontal.Window.Kernel
        let result = Array.zeroCreate<float32>(channels * kernel * deep.Places * vertical.Places * cols)
        let mutable target = 0

        // Where the element of the kernel lies at this place.
        let at axis element place =
            place * axis.Window.Stride + element * axis.Window.Dilation - axis.Before

        for channel in 0 .. channels - 1 do
            for z in 0 .. deep.Window.Kernel - 1 do
                for y in 0 .. vertical.Window.Kernel - 1 do
                    for x in 0 .. horizontal.Window.Kernel - 1 do
                        // The places whose column is inside the input; the others keep their zero.
                        let shift = at horizontal x 0
                        let first = max 0 ((stride - 1 - shift) / stride)

                        let last =
                            if width <= shift then
                                -1
                            else
                                min (cols - 1) ((width - 1 - shift) / stride)

                        for layer in 0 .. deep.Places - 1 do
                            let depth = at deep z layer

                            for row in 0 .. vertical.Places - 1 do
                                let line = at vertical y row
                                let inside = depth >= 0 && depth < deep.Size && line >= 0 && line < vertical.Size

                                if inside && first <= last then
                                    let plane = (channel * deep.Size + depth) * vertical.Size + line
                                    let source = start + plane * width + shift

                                    if stride = 1 then
                                        Array.Copy(
                                            input.Values,
                                            source + first,
                                            result,
                                            target + first,
                                            last - first + 1
                                        )
                                    else
                                        for place in first..last do
                                            result[target + place] <- input.Values[source + place * stride]

                                target <- target + cols

        result

    let private names = [| "depth"; "height"; "width" |]

    /// The convolution over as many axes as there are windows, at most three.
    let private forward (windows: Window[]) groups (weight: Dense) (bias: Dense option) (input: Dense) : Dense =
        let rank = windows.Length
        let kernel = windows |> Array.map _.Kernel

        let outputs, channels =
            if weight.Shape.Length = rank + 2 && weight.Shape[2..] = kernel then
                weight.Shape[0], weight.Shape[1]
            else
                let expected = String.Join(", ", kernel)
                invalidArg (nameof weight) $"The weight is {Dense.text weight}, expected [out, in, {expected}]."

        if groups < 1 || outputs % groups <> 0 then
            invalidArg (nameof groups) $"{outputs} output channels cannot be cut into {groups} groups."

        match bias with
        | Some bias when bias.Shape <> [| outputs |] ->
            invalidArg (nameof bias) $"The bias is {Dense.text bias}, expected [{outputs}]."
        | _ -> ()

        if
            input.Shape.Length <> rank + 2
            || int64 input.Shape[1] <> int64 channels * int64 groups
        then
            let expected =
                if rank = 1 then
                    "length"
                else
                    String.Join(", ", names[3 - rank ..])

            invalidArg
                (nameof input)
                $"The input is {Dense.text input}, expected [batch, {int64 channels * int64 groups}, {expected}]."

        let axes = Array.map2 axis input.Shape[2..] windows

        if axes |> Array.exists (fun axis -> axis.Places = 0) then
            let expected = String.Join(" x ", kernel)
            invalidArg (nameof input) $"The kernel {expected} does not fit {Dense.text input}."

        let single = axis 1 { Kernel = 1; Stride = 1; Dilation = 1; Padding = Padding.Valid }
        let all = Array.append (Array.replicate (3 - rank) single) axes
        let batch = input.Shape[0]
        let places = axes |> Array.fold (fun count axis -> count * axis.Places) 1
        let inner = kernel |> Array.fold (*) channels
        let size = input.Shape[2..] |> Array.fold (*) 1
        let share = outputs / groups
        let result = Dense.zeros (Array.append [| batch; outputs |] (axes |> Array.map _.Places))

        let kernels =
            Array.init groups (fun group -> Array.sub weight.Values (group * share * inner) (share * inner))

        // A kernel of one element that moves by one sees the input as it is.
        let whole =
            inner = channels
            && axes
               |> Array.forall (fun axis -> axis.Places = axis.Size && axis.Window.Stride = 1)

        for image in 0 .. batch - 1 do
            for group in 0 .. groups - 1 do
                let start = (image * groups + group) * channels * size

                let seen =
                    if whole then
                        Array.sub input.Values start (inner * places)
                    else
                        columns channels start input all[0] all[1] all[2]

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

    /// [batch, in, depth, height, width] by the weight [out, in / groups, depth, height, width], plus the bias [out] ->
    /// [batch, out, depth, height, width]. The channels are cut into groups that do not see each other. Throws when shapes do not meet.
    let forward3d
        (deep: Window)
        (vertical: Window)
        (horizontal: Window)
        (groups: int)
        (weight: Dense)
        (bias: Dense option)
        (input: Dense)
        : Dense =
        forward [| deep; vertical; horizontal |] groups weight bias input

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
        forward [| vertical; horizontal |] groups weight bias input

    /// [batch, in, length] by the weight [out, in / groups, length], plus the bias [out] -> [batch, out, length].
    /// The channels are cut into groups that do not see each other. Throws when shapes do not meet.
    let forward1d (window: Window) (groups: int) (weight: Dense) (bias: Dense option) (input: Dense) : Dense =
        forward [| window |] groups weight bias input
