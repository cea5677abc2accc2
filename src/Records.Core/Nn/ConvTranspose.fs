namespace Records.Core

open System

/// How a kernel is laid along one axis: the way back of a window's.
type Stretch =
    {
        Kernel: int
        /// From one place to the next.
        Stride: int
        Dilation: int
        /// What is cut off at either end.
        Padding: int
        /// What is added at the end.
        PaddingOut: int
    }

[<RequireQualifiedAccess>]
module Stretch =

    /// Throws when kernel, stride or dilation is not positive, or a padding negative.
    let create (kernel: int) (stride: int) (dilation: int) (padding: int) (paddingOut: int) : Stretch =
        let demand least name value =
            if value < least then
                invalidArg name $"The {name} is {value}, expected {least} or more."

        demand 1 (nameof kernel) kernel
        demand 1 (nameof stride) stride
        demand 1 (nameof dilation) dilation
        demand 0 (nameof padding) padding
        demand 0 (nameof paddingOut) paddingOut

        {
            Kernel = kernel
            Stride = stride
            Dilation = dilation
            Padding = padding
            PaddingOut = paddingOut
        }

    /// The size of the result along an axis of this size; below 1 where nothing is left.
    let places (size: int) (stretch: Stretch) =
        (int64 size - 1L) * int64 stretch.Stride
        + int64 stretch.Dilation * (int64 stretch.Kernel - 1L)
        + int64 stretch.PaddingOut
        - 2L * int64 stretch.Padding
        + 1L

/// Convolutions the other way round: each value is spread over what a convolution would have seen.
[<RequireQualifiedAccess>]
module ConvTranspose =

    let private names = [| "depth"; "height"; "width" |]

    /// Over as many axes as there are stretches, at most three.
    let private forward (axes: Stretch[]) groups (weight: Dense) (bias: Dense option) (input: Dense) : Dense =
        let rank = axes.Length
        let kernel = axes |> Array.map _.Kernel

        if weight.Shape.Length <> rank + 2 || weight.Shape[2..] <> kernel then
            let expected = String.Join(", ", kernel)
            invalidArg (nameof weight) $"The weight is {Dense.text weight}, expected [in, out, {expected}]."

        let channels, share = weight.Shape[0], weight.Shape[1]

        if groups < 1 || channels % groups <> 0 then
            invalidArg (nameof groups) $"{channels} input channels cannot be cut into {groups} groups."

        let outputs = share * groups

        match bias with
        | Some bias when bias.Shape <> [| outputs |] ->
            invalidArg (nameof bias) $"The bias is {Dense.text bias}, expected [{outputs}]."
        | _ -> ()

        if input.Shape.Length <> rank + 2 || input.Shape[1] <> channels then
            let expected =
                if rank = 1 then
                    "length"
                else
                    String.Join(", ", names[3 - rank ..])

            invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, {channels}, {expected}]."

        let found = Array.map2 Stretch.places input.Shape[2..] axes

        if found |> Array.exists (fun size -> size < 1L || size > int64 Int32.MaxValue) then
            let shape = String.Join(" x ", found)
            invalidArg (nameof input) $"The result of {Dense.text input} would be {shape}."

        // Axes that are not there are of size one.
        let single = Stretch.create 1 1 1 0 0

        let fill one given =
            Array.append (Array.replicate (3 - rank) one) given

        let all = fill single axes
        let sizes = fill 1 input.Shape[2..]
        let places = fill 1 (Array.map int found)
        let batch, inner = input.Shape[0], channels / groups
        let elements, size = Array.fold (*) 1 kernel, Array.fold (*) 1 sizes
        let area = Array.fold (*) 1 places
        let result = Dense.zeros (Array.append [| batch; outputs |] places[3 - rank ..])

        // [in, out * kernel] of each group on its side: what one place of the input becomes is then a column of a product.
        let turned =
            Array.init groups (fun group ->
                let start, rows = group * inner * share * elements, share * elements
                Array.init (rows * inner) (fun index -> weight.Values[start + index % inner * rows + index / inner]))

        let spread (spreads: float32[]) start =
            let mutable source = 0

            for output in 0 .. share - 1 do
                for z in 0 .. all[0].Kernel - 1 do
                    for y in 0 .. all[1].Kernel - 1 do
                        for x in 0 .. all[2].Kernel - 1 do
                            for layer in 0 .. sizes[0] - 1 do
                                let depth = layer * all[0].Stride + z * all[0].Dilation - all[0].Padding

                                for row in 0 .. sizes[1] - 1 do
                                    let line = row * all[1].Stride + y * all[1].Dilation - all[1].Padding

                                    if depth >= 0 && depth < places[0] && line >= 0 && line < places[1] then
                                        let plane = (output * places[0] + depth) * places[1] + line

                                        for column in 0 .. sizes[2] - 1 do
                                            let at = column * all[2].Stride + x * all[2].Dilation - all[2].Padding

                                            if at >= 0 && at < places[2] then
                                                let target = start + plane * places[2] + at

                                                result.Values[target] <-
                                                    result.Values[target] + spreads[source + column]

                                    source <- source + sizes[2]

        for image in 0 .. batch - 1 do
            for group in 0 .. groups - 1 do
                let seen = Array.sub input.Values ((image * channels + group * inner) * size) (inner * size)
                let spreads = Blas.multiply (share * elements) inner size turned[group] seen None
                spread spreads ((image * outputs + group * share) * area)

        match bias with
        | Some bias ->
            for channel in 0 .. batch * outputs - 1 do
                let shift = bias.Values[channel % outputs]

                for place in channel * area .. (channel + 1) * area - 1 do
                    result.Values[place] <- result.Values[place] + shift
        | None -> ()

        result

    /// [batch, in, depth, height, width] by the weight [in, out / groups, depth, height, width], plus the bias [out] ->
    /// [batch, out, depth, height, width]. The channels are cut into groups that do not see each other. Throws when shapes do not meet.
    let forward3d
        (deep: Stretch)
        (vertical: Stretch)
        (horizontal: Stretch)
        (groups: int)
        (weight: Dense)
        (bias: Dense option)
        (input: Dense)
        : Dense =
        forward [| deep; vertical; horizontal |] groups weight bias input

    /// [batch, in, height, width] by the weight [in, out / groups, height, width], plus the bias [out] ->
    /// [batch, out, height, width]. The channels are cut into groups that do not see each other. Throws when shapes do not meet.
    let forward2d
        (vertical: Stretch)
        (horizontal: Stretch)
        (groups: int)
        (weight: Dense)
        (bias: Dense option)
        (input: Dense)
        : Dense =
        forward [| vertical; horizontal |] groups weight bias input

    /// [batch, in, length] by the weight [in, out / groups, length], plus the bias [out] -> [batch, out, length].
    /// The channels are cut into groups that do not see each other. Throws when shapes do not meet.
    let forward1d (axis: Stretch) (groups: int) (weight: Dense) (bias: Dense option) (input: Dense) : Dense =
        forward [| axis |] groups weight bias input
