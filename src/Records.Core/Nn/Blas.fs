namespace Records.Core

open System
open MathNet.Numerics
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.Providers.LinearAlgebra

/// The one door to MathNet: what kernels need of linear algebra and special functions.
[<RequireQualifiedAccess>]
module Blas =

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

        // An empty matrix is refused by some providers; its product is the bias alone.
        if rows > 0 && inner > 0 && columns > 0 then
            addByProvider rows inner columns left right result

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
