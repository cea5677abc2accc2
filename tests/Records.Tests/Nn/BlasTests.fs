module Records.Tests.Nn.BlasTests

open Expecto
open Records.Core

/// The product in double precision, by definition.
let internal plainProduct rows inner columns (left: float32[]) (right: float32[]) (bias: float32[] option) =
    Array.init (rows * columns) (fun index ->
        let row, column = index / columns, index % columns

        let start =
            match bias with
            | Some bias -> float bias[column]
            | None -> 0.0

        Seq.fold
            (fun sum k -> sum + float left[row * inner + k] * float right[k * columns + column])
            start
            (seq { 0 .. inner - 1 }))

/// Equal but for the rounding of float32 sums.
let internal expectClose (expected: float[]) (actual: float32[]) message =
    Expect.equal actual.Length expected.Length message

    for index in 0 .. expected.Length - 1 do
        Expect.floatClose
            { absolute = 1e-5; relative = 1e-5 }
            (float actual[index])
            expected[index]
            $"{message}, value {index}"

let private check rows inner columns seed =
    let left = Seed.normal 0.0 1.0 (rows * inner) (Seed.child 0L seed)
    let right = Seed.normal 0.0 1.0 (inner * columns) (Seed.child 1L seed)
    let bias = Seed.normal 0.0 1.0 columns (Seed.child 2L seed)

    for bias in [ None; Some bias ] do
        let expected = plainProduct rows inner columns left right bias

        expectClose
            expected
            (Blas.multiply rows inner columns left right bias)
            $"[{rows}, {inner}] by [{inner}, {columns}]"

let tests =
    testList
        "Blas"
        [
            testProperty
                "a product is that of plain loops"
                (fun (rows: byte) (inner: byte) (columns: byte) (seed: uint64) ->
                    check (int rows % 80) (int inner % 20) (int columns % 20) (Seed seed))

            testCase "larger products are as well" (fun () ->
                check 33 257 65 (Seed 1UL)
                check 1 300 1 (Seed 2UL)
                check 200 1 200 (Seed 3UL)
                check 65 40 9 (Seed 4UL)
                check 67 30 50 (Seed 5UL))

            testCase "a provider of MathNet's gives the same" (fun () ->
                let rows, inner, columns = 7, 30, 9

                let left, right =
                    Seed.normal 0.0 1.0 (rows * inner) (Seed 1UL), Seed.normal 0.0 1.0 (inner * columns) (Seed 2UL)

                let result = Array.create (rows * columns) 1.0f
                Blas.addByProvider rows inner columns left right result
                let expected = plainProduct rows inner columns left right (Some(Array.create columns 1.0f))
                expectClose expected result "added to what was there")

            testCase "erfc keeps its digits in the tail" (fun () ->
                Expect.floatClose Accuracy.high (Blas.erfc 0.5) 0.4795001221869535 "0.5"
                Expect.floatClose Accuracy.high (Blas.erfc -1.0) 1.8427007929497149 "-1"
                Expect.floatClose { absolute = 0.0; relative = 1e-12 } (Blas.erfc 5.0) 1.5374597944280349e-12 "5")
        ]
