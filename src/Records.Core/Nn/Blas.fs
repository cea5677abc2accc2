namespace Records.Core

open System
open MathNet.Numerics
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.Providers.LinearAlgebra
// After MathNet, which has a Vector of its own.
open System.Numerics

/// The one door to MathNet: what kernels need of linear algebra and special functions.
[<RequireQualifiedAccess>]
module Blas =

    // Adds the product of some rows to the result. The inner loop goes along a row of the right factor, where memory is in order.
    let private addRowByRow firstRow rows inner columns (left: float32[]) (right: float32[]) (result: float32[]) =
        let width = Vector<float32>.Count
        let whole = columns - columns % width

        for row in firstRow .. rows - 1 do
            let start = row * columns

            for k in 0 .. inner - 1 do
                let factor = left[row * inner + k]
                let factors = Vector<float32> factor
                let mutable column = 0

                while column < whole do
                    let sum =
                        Vector<float32>(result, start + column)
                        + factors * Vector<float32>(right, k * columns + column)

                    sum.CopyTo(result, start + column)
                    column <- column + width

                while column < columns do
                    result[start + column] <- result[start + column] + factor * right[k * columns + column]
                    column <- column + 1

    // The same sums in the same order, four rows at a time: eight of them stay in registers, and each piece of the right
    // factor serves four rows.
    let private addFourRows fours inner columns (left: float32[]) (right: float32[]) (result: float32[]) =
        let width = Vector<float32>.Count
        let step = 2 * width
        let whole = columns - columns % step

        for four in 0 .. fours - 1 do
            let a, b, c, d =
                4 * four * inner, (4 * four + 1) * inner, (4 * four + 2) * inner, (4 * four + 3) * inner

            let mutable column = 0

            while column < whole do
                let start = 4 * four * columns + column
                let mutable a0 = Vector<float32>(result, start)
                let mutable a1 = Vector<float32>(result, start + width)
                let mutable b0 = Vector<float32>(result, start + columns)
                let mutable b1 = Vector<float32>(result, start + columns + width)
                let mutable c0 = Vector<float32>(result, start + 2 * columns)
                let mutable c1 = Vector<float32>(result, start + 2 * columns + width)
                let mutable d0 = Vector<float32>(result, start + 3 * columns)
                let mutable d1 = Vector<float32>(result, start + 3 * columns + width)
                let mutable at = column

                for k in 0 .. inner - 1 do
                    let right0 = Vector<float32>(right, at)
                    let right1 = Vector<float32>(right, at + width)
                    let factor = Vector<float32> left[a + k]
                    a0 <- a0 + factor * right0
                    a1 <- a1 + factor * right1
                    let factor = Vector<float32> left[b + k]
                    b0 <- b0 + factor * right0
                    b1 <- b1 + factor * right1
                    let factor = Vector<float32> left[c + k]
                    c0 <- c0 + factor * right0
                    c1 <- c1 + factor * right1
                    let factor = Vector<float32> left[d + k]
                    d0 <- d0 + factor * right0
                    d1 <- d1 + factor * right1
                    at <- at + columns

                a0.CopyTo(result, start)
                a1.CopyTo(result, start + width)
                b0.CopyTo(result, start + columns)
                b1.CopyTo(result, start + columns + width)
                c0.CopyTo(result, start + 2 * columns)
                c1.CopyTo(result, start + 2 * columns + width)
                d0.CopyTo(result, start + 3 * columns)
                d1.CopyTo(result, start + 3 * columns + width)
                column <- column + step

            for row in 4 * four .. 4 * four + 3 do
                for column in whole .. columns - 1 do
                    let mutable sum = result[row * columns + column]

                    for k in 0 .. inner - 1 do
                        sum <- sum + left[row * inner + k] * right[k * columns + column]

                    result[row * columns + column] <- sum

    let private addByVectors rows inner columns left right result =
        let fours = rows / 4
        addFourRows fours inner columns left right result
        addRowByRow (4 * fours) rows inner columns left right result

    // MathNet stores matrices column by column, we row by row. The same array read the other way is the transpose, so
    // a row-major C = A·B is a column-major Cᵀ = Bᵀ·Aᵀ: pass the factors in reverse and their sizes swapped.
    let internal addByProvider rows inner columns (left: float32[]) (right: float32[]) (result: float32[]) =
        LinearAlgebraControl.Provider.MatrixMultiplyWithUpdate(
            Transpose.DontTranspose,
            Transpose.DontTranspose,
            1.0f,
            right,
            columns,
            inner,
            left,
            inner,
            rows,
            1.0f,
            result
        )

    /// The product of [rows, inner] and [inner, columns], row-major, with the bias of [columns] added to each row.
    let multiply
        (rows: int)
        (inner: int)
        (columns: int)
        (left: float32[])
        (right: float32[])
        (bias: float32[] option)
        : float32[] =
        let result = Array.zeroCreate<float32>(rows * columns)

        match bias with
        | Some bias when columns > 0 ->
            for row in 0 .. rows - 1 do
                bias.AsSpan().CopyTo(result.AsSpan(row * columns, columns))
        | _ -> ()

        // MathNet's own code took 6 to 15 times as long as ours, from [64, 576] by [576, 121] (8.4 ms and 0.6 ms) up to
        // [1024, 1024] by [1024, 1024] (1119 ms and 131 ms; 2 cores shared, November 2026). A native provider is another
        // matter; it refuses empty matrices, whose product is the bias alone.
        match LinearAlgebraControl.Provider with
        | :? ManagedLinearAlgebraProvider -> addByVectors rows inner columns left right result
        | _ when rows > 0 && inner > 0 && columns > 0 -> addByProvider rows inner columns left right result
        | _ -> ()

        result

    /// Columns that are orthogonal and of length 1, made from so many rows of so many columns (no more than rows),
    /// given column by column; the result likewise. Independent of the method: R's diagonal counts as positive.
    let orthonormal (rows: int) (columns: int) (values: float[]) =
        let factors = Double.DenseMatrix(rows, columns, values).QR(Factorization.QRMethod.Thin)
        let q, r = factors.Q, factors.R

        for column in 0 .. columns - 1 do
            if r[column, column] < 0.0 then
                for row in 0 .. rows - 1 do
                    q[row, column] <- -q[row, column]

        q.ToColumnMajorArray()

    /// The complementary error function, 1 - erf x, accurate in the tail as well.
    let erfc (x: float) = SpecialFunctions.Erfc x
