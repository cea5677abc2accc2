module Records.Tests.Nn.DenseTests

open System
open Expecto
open Records.Core

let private tensor dtype (dims: int64 list) (values: 'T[]) =
    Expect.wantOk (TensorData.create dtype (Expect.wantOk (Shape.create dims) "shape") (View.ofArray values)) "tensor"

let private values data =
    Expect.wantOk (Dense.ofTensor data) "floats" |> _.Values

let tests =
    testList
        "Dense"
        [
            testCase "every float type becomes float32" (fun () ->
                let expected = [| 1.5f; -2.0f |]
                Expect.equal (values (tensor Dtype.F32 [ 2L ] expected)) expected "F32"
                Expect.equal (values (tensor Dtype.Flex32 [ 2L ] expected)) expected "Flex32"
                Expect.equal (values (tensor Dtype.F64 [ 2L ] [| 1.5; -2.0 |])) expected "F64"
                let halves: Half[] = [| Half.op_Explicit 1.5f; Half.op_Explicit -2.0f |]
                Expect.equal (values (tensor Dtype.F16 [ 2L ] halves)) expected "F16"
                Expect.equal (values (tensor Dtype.BF16 [ 2L ] [| 0x3fc0us; 0xc000us |])) expected "BF16")

            testCase "float32 is not copied, either way" (fun () ->
                let array = [| 1.0f; 2.0f |]
                let dense = Dense.create [| 2; 1 |] array
                Expect.isTrue (obj.ReferenceEquals(values (Dense.toTensor dense), array)) "the same array")

            testCase "a part of an array has its own values" (fun () ->
                let whole = tensor Dtype.F32 [ 3L ] [| 1.0f; 2.0f; 3.0f |]
                let part = Expect.wantOk (Shape.create [ 2L ]) "shape"

                Expect.equal
                    (values { whole with Shape = part; Bytes = Slice.sub 4L 8L whole.Bytes })
                    [| 2.0f; 3.0f |]
                    "the rest")

            testCase "what is not float is an error" (fun () ->
                Expect.isError (Dense.ofTensor (tensor Dtype.I32 [ 1L ] [| 1 |])) "integers"

                Expect.isError
                    (Dense.ofTensor (tensor Dtype.F32 [ 0L; 1L <<< 40 ] ([||]: float32[])))
                    "a dimension beyond an int")

            testCase "items, stacks and rows side by side" (fun () ->
                let first = Dense.create [| 2; 1; 2 |] [| 1.0f; 2.0f; 3.0f; 4.0f |]
                let second = Dense.create [| 2; 1; 1 |] [| 5.0f; 6.0f |]
                let both = Dense.beside first second
                Expect.equal both.Shape [| 2; 1; 3 |] "as wide as both"
                Expect.equal both.Values [| 1.0f; 2.0f; 5.0f; 3.0f; 4.0f; 6.0f |] "row by row"
                let stacked = Dense.stack first first
                Expect.equal stacked.Shape [| 2; 2; 1; 2 |] "a new axis"
                Expect.equal (Dense.item 1 stacked).Values first.Values "the second of them"
                Expect.equal (Dense.item 0 first).Shape [| 1; 2 |] "one axis less"
                Expect.throws (fun () -> Dense.item 2 first |> ignore) "no such item"
                Expect.throws (fun () -> Dense.stack first second |> ignore) "other shapes"

                Expect.throws
                    (fun () -> Dense.beside first (Dense.create [| 1; 1 |] [| 1.0f |]) |> ignore)
                    "other rows")

            testCase "values that do not make up the shape throw" (fun () ->
                Expect.throws (fun () -> Dense.create [| 2; 2 |] [| 1.0f |] |> ignore) "4 of 1"
                Expect.throws (fun () -> Dense.create [| -1; -1 |] [| 1.0f |] |> ignore) "negative"
                Expect.throws (fun () -> Dense.create [| 65536; 65536; 0; 65536 |] [| 1.0f |] |> ignore) "empty")
        ]
