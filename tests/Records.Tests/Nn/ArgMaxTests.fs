module Records.Tests.Nn.ArgMaxTests

open Expecto
open Records.Core

let private tensor dtype dims (values: 'T[]) =
    { Dtype = dtype; Shape = Expect.wantOk (Shape.create dims) "shape"; Bytes = View.ofArray values }

let private best data =
    Expect.wantOk (ArgMax.lastAxis data) "numbers"

let tests =
    testList
        "ArgMax"
        [
            testCase "each row has the index of its largest value, the first of equals" (fun () ->
                let values = [| 1.0f; 9.0f; 9.0f; -1.0f; -3.0f; -2.0f |]
                Expect.equal (best (tensor Dtype.F32 [ 2L; 3L ] values)) [| 1; 0 |] "rows"
                Expect.equal (best (tensor Dtype.F32 [ 2L; 1L; 3L ] values)) [| 1; 0 |] "leading dimensions"
                Expect.equal (best (tensor Dtype.F32 [] [| 5.0f |])) [| 0 |] "a scalar"
                Expect.equal (best (tensor Dtype.F32 [ 0L; 3L ] ([||]: float32[]))) [||] "no rows")

            testCase "NaN is below every number" (fun () ->
                Expect.equal (best (tensor Dtype.F32 [ 3L ] [| nanf; -infinityf; nanf |])) [| 1 |] "even the lowest")

            testCase "compares in the tensor's own type" (fun () ->
                Expect.equal (best (tensor Dtype.F64 [ 2L ] [| 1.0; 1.0 + 1e-12 |])) [| 1 |] "beyond float32"
                Expect.equal (best (tensor Dtype.I64 [ 2L ] [| 1L <<< 60; (1L <<< 60) + 1L |])) [| 1 |] "beyond double"
                Expect.equal (best (tensor Dtype.U8 [ 2L ] [| 1uy; 255uy |])) [| 1 |] "without sign"
                Expect.equal (best (tensor Dtype.BF16 [ 2L ] [| 0xbf80us; 0x3f80us |])) [| 1 |] "bits are not numbers")

            testCase "rows without values, and what is no number, are errors" (fun () ->
                Expect.isError
                    (ArgMax.lastAxis (tensor Dtype.F32 [ 2L; 0L ] ([||]: float32[])))
                    "nothing to choose from"

                Expect.isError (ArgMax.lastAxis (tensor (Dtype.Bool BoolStore.Native) [ 1L ] [| 1uy |])) "truth")
        ]
