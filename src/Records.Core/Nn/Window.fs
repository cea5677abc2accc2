namespace Records.Core

/// What surrounds an axis before a window moves along it.
[<RequireQualifiedAccess>]
type Padding =
    /// Nothing.
    | Valid
    /// As much as makes the result as long as the input, divided by the stride; an odd one goes after.
    | Same
    /// So many on either side.
    | Explicit of Before: int * After: int

/// How a kernel moves along one axis.
type Window = { Kernel: int; Stride: int; Dilation: int; Padding: Padding }

[<RequireQualifiedAccess>]
module Window =

    /// Moves by this stride; a negative padding and what is not positive otherwise throws.
    let create (kernel: int) (stride: int) (dilation: int) (padding: Padding) : Window =
        let demand name value =
            if value < 1 then
                invalidArg name $"The {name} is {value}, expected 1 or more."

        demand (nameof kernel) kernel
        demand (nameof stride) stride
        demand (nameof dilation) dilation

        match padding with
        | Padding.Explicit(before, after) when min before after < 0 ->
            invalidArg (nameof padding) $"The padding is {min before after}, expected 0 or more."
        | _ -> ()

        { Kernel = kernel; Stride = stride; Dilation = dilation; Padding = padding }

    /// Elements from the first that the kernel sees to the last.
    let span (window: Window) =
        int64 window.Dilation * int64 (window.Kernel - 1) + 1L

    /// How many are added before and after an axis of this size.
    let padding (size: int) (window: Window) : struct (int * int) =
        match window.Padding with
        | Padding.Valid -> struct (0, 0)
        | Padding.Explicit(before, after) -> struct (before, after)
        | Padding.Same ->
            // Burn counts the kernel's elements and not its span: with a dilation the result is shorter.
            let places = (int64 size + int64 window.Stride - 1L) / int64 window.Stride
            let needed = (places - 1L) * int64 window.Stride + int64 window.Kernel - int64 size
            let total = int (max 0L needed)
            struct (total / 2, total - total / 2)

    /// At how many places along an axis of this size the kernel stops; none where it does not fit. Up to one more where
    /// the last may reach beyond the end.
    let places (beyond: bool) (size: int) (window: Window) =
        let struct (before, after) = padding size window
        let room = int64 size + int64 before + int64 after - span window
        let stride = int64 window.Stride

        if room < 0L then
            0
        elif beyond then
            let last = (room + stride - 1L) / stride
            // As torch, and not Burn, which divides by zero there: a place that sees nothing but what is beyond is none.
            int (
                if last * stride >= int64 size + int64 before then
                    last
                else
                    last + 1L
            )
        else
            int (room / stride) + 1
