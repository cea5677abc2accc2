module Records.Tests.Tensor.TruthTests

open Expecto
open Records.Core

let private tensor store bytes =
    let shape = Expect.wantOk (Shape.create [ 2L ]) "a shape"
    { Dtype = Dtype.Bool store; Shape = shape; Bytes = View.ofArray bytes }

let tests =
    testList
        "Truth"
        [
            testCase "whatever is not 0 is true, however it is stored" (fun () ->
                let read data =
                    Expect.wantOk (Truth.ofTensor data) "a Bool"

                Expect.equal (read (tensor BoolStore.Native [| 0uy; 2uy |])) [| false; true |] "Native"
                Expect.equal (read (tensor BoolStore.U8 [| 255uy; 0uy |])) [| true; false |] "U8"
                Expect.equal (read (tensor BoolStore.U32 [| 0x100u; 0u |])) [| true; false |] "U32")

            testCase "other dtypes are an error" (fun () ->
                Expect.isError
                    (Truth.ofTensor { tensor BoolStore.U8 [| 0uy; 1uy |] with Dtype = Dtype.U8 })
                    "U8 is a number")
        ]
