module Records.Tests.Tensor.PreviewTests

open System
open Expecto
open Records.Core

let private preview shown dtype (values: 'T[]) =
    let shape = Expect.wantOk (Shape.create [ values.LongLength ]) "a shape"
    Expect.wantOk (Preview.values shown { Dtype = dtype; Shape = shape; Bytes = View.ofArray values }) "readable"

let tests =
    testList
        "Preview"
        [
            testCase "shows the first values, and dots when there are more" (fun () ->
                Expect.equal (preview 3 Dtype.F32 [| 0.1f; -2.0f; nanf |]) "0.1, -2, NaN" "all"
                Expect.equal (preview 2 Dtype.F64 [| 1.5; 2.0; 3.0 |]) "1.5, 2, …" "more"
                Expect.equal (preview 2 Dtype.F64 ([||]: float[])) "" "none")

            testCase "knows every dtype" (fun () ->
                Expect.equal (preview 1 Dtype.F16 [| Half.One |]) "1" "F16"
                Expect.equal (preview 1 Dtype.BF16 [| 0xC040us |]) "-3" "BF16"
                Expect.equal (preview 1 Dtype.U64 [| UInt64.MaxValue |]) "18446744073709551615" "U64"
                Expect.equal (preview 2 (Dtype.Bool BoolStore.U32) [| 1u; 0u |]) "True, False" "Bool")
        ]
