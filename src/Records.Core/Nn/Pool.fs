namespace Records.Core

open System

/// Windows of an image made one value each.
[<RequireQualifiedAccess>]
module Pool =

    let private planes (input: Dense) =
        match input.Shape with
        | [| batch; channels; height; width |] -> struct (batch * channels, height, width)
        | _ -> invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, channels, height, width]."

    let private output (beyond: bool) (vertical: Window) (horizontal: Window) (input: Dense) =
        let struct (_, height, width) = planes input
        let rows, cols = Window.places beyond height vertical, Window.places beyond width horizontal

        if rows = 0 || cols = 0 then
            invalidArg
                (nameof input)
                $"The window {vertical.Kernel} x {horizontal.Kernel} does not fit {Dense.text input}."

        Dense.zeros [| input.Shape[0]; input.Shape[1]; rows; cols |]

    // The elements from the place on, so many as are inside an axis of this size: the first, and how many.
    let private inside (window: Window) size before place =
        let start = place * window.Stride - before

        let skipped =
            if start >= 0 then
                0
            else
                (-start + window.Dilation - 1) / window.Dilation

        let first = start + skipped * window.Dilation

        let fitting =
            if first >= size then
                0
            else
                (size - 1 - first) / window.Dilation + 1

        struct (first, max 0 (min fitting (window.Kernel - skipped)))

    /// The largest value of each window, NaN if it sees one: [batch, channels, height, width] to the same with other sizes.
    /// Padding counts for less than any value. A window may reach beyond the end where it is said. Throws when none fits.
    let max2d (beyond: bool) (vertical: Window) (horizontal: Window) (input: Dense) : Dense =
        let result = output beyond vertical horizontal input
        let struct (count, height, width) = planes input
        let rows, cols = result.Shape[2], result.Shape[3]
        let struct (top, _) = Window.padding height vertical
        let struct (left, _) = Window.padding width horizontal

        for plane in 0 .. count - 1 do
            for row in 0 .. rows - 1 do
                let struct (line, lines) = inside vertical height top row

                for col in 0 .. cols - 1 do
                    let struct (first, across) = inside horizontal width left col
                    let mutable highest = Single.NegativeInfinity

                    for y in 0 .. lines - 1 do
                        let start = (plane * height + line + y * vertical.Dilation) * width + first

                        for x in 0 .. across - 1 do
                            highest <- MathF.Max(highest, input.Values[start + x * horizontal.Dilation])

                    result.Values[(plane * rows + row) * cols + col] <- highest

        result

    /// The mean of each window: [batch, channels, height, width] to the same with other sizes. Padding counts as zeros, or
    /// not at all. What is beyond the padding never counts. A window may reach there where it is said. Throws when none fits.
    let average2d (beyond: bool) (countPadding: bool) (vertical: Window) (horizontal: Window) (input: Dense) : Dense =
        let result = output beyond vertical horizontal input
        let struct (count, height, width) = planes input
        let rows, cols = result.Shape[2], result.Shape[3]
        let struct (top, bottom) = Window.padding height vertical
        let struct (left, right) = Window.padding width horizontal

        for row in 0 .. rows - 1 do
            let struct (line, lines) = inside vertical height top row
            let struct (_, padded) = inside vertical (height + top + bottom) 0 row

            for col in 0 .. cols - 1 do
                let struct (first, across) = inside horizontal width left col
                let struct (_, paddedAcross) = inside horizontal (width + left + right) 0 col

                let divisor =
                    if countPadding then
                        padded * paddedAcross
                    else
                        lines * across

                for plane in 0 .. count - 1 do
                    let mutable sum = 0.0

                    for y in 0 .. lines - 1 do
                        let start = (plane * height + line + y * vertical.Dilation) * width + first

                        for x in 0 .. across - 1 do
                            sum <- sum + float input.Values[start + x * horizontal.Dilation]

                    // A window in the padding alone has no values to take the mean of.
                    result.Values[(plane * rows + row) * cols + col] <-
                        if divisor = 0 then 0.0f else float32 (sum / float divisor)

        result

    /// The mean of as many parts as the result has places, each as even as can be: [batch, channels, height, width] ->
    /// [batch, channels, rows, columns]. Neighbours share an element where the sizes do not divide.
    let adaptiveAverage2d (rows: int) (columns: int) (input: Dense) : Dense =
        let struct (count, height, width) = planes input

        if rows < 1 || columns < 1 then
            invalidArg (nameof rows) $"The result is {rows} x {columns}, expected 1 or more."

        if height = 0 || width = 0 then
            invalidArg (nameof input) $"The input {Dense.text input} has nothing to take the mean of."

        let result = Dense.zeros [| input.Shape[0]; input.Shape[1]; rows; columns |]

        let first size parts part =
            int (int64 part * int64 size / int64 parts)

        let last size parts part =
            int ((int64 (part + 1) * int64 size + int64 parts - 1L) / int64 parts) - 1

        for plane in 0 .. count - 1 do
            for row in 0 .. rows - 1 do
                for column in 0 .. columns - 1 do
                    let top, bottom = first height rows row, last height rows row
                    let left, right = first width columns column, last width columns column
                    let mutable sum = 0.0

                    for y in top..bottom do
                        for x in left..right do
                            sum <- sum + float input.Values[(plane * height + y) * width + x]

                    result.Values[(plane * rows + row) * columns + column] <-
                        float32 (sum / float ((bottom - top + 1) * (right - left + 1)))

        result

    let private single = { Kernel = 1; Stride = 1; Dilation = 1; Padding = Padding.Valid }

    // Rows as images of one line.
    let private flat (work: Dense -> Dense) (input: Dense) : Dense =
        match input.Shape with
        | [| batch; channels; length |] ->
            let result = work { input with Shape = [| batch; channels; 1; length |] }
            { result with Shape = [| batch; channels; result.Shape[3] |] }
        | _ -> invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, channels, length]."

    /// max2d of rows: [batch, channels, length] to the same with another length.
    let max1d (beyond: bool) (window: Window) (input: Dense) = flat (max2d beyond single window) input

    /// average2d of rows: [batch, channels, length] to the same with another length.
    let average1d (beyond: bool) (countPadding: bool) (window: Window) (input: Dense) =
        flat (average2d beyond countPadding single window) input

    /// adaptiveAverage2d of rows: [batch, channels, length] -> [batch, channels, places].
    let adaptiveAverage1d (places: int) (input: Dense) = flat (adaptiveAverage2d 1 places) input
