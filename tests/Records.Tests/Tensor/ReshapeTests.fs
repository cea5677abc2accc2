module Records.Tests.Tensor.ReshapeTests

open Expecto
open Records.Core

let private tensor dims =
    let shape = Expect.wantOk (Shape.create dims) "a shape"

    {
        Dtype = Dtype.U8
        Shape = shape
        Bytes = View.ofArray (Array.zeroCreate<byte>(int (Shape.count shape)))
    }

let private dims result =
    Expect.wantOk result "the elements fit"
    |> fun (data: TensorData) -> Shape.dims data.Shape

let tests =
    testList
        "Reshape"
        [
            testCase "the same elements take other dimensions" (fun () ->
                Expect.equal (tensor [ 2L; 6L ] |> Reshape.into [ 3L; 4L ] |> dims) [ 3L; 4L ] "both are 12"
                Expect.equal (tensor [ 1L; 1L ] |> Reshape.into [] |> dims) [] "a scalar")

            testCase "-1 stands for what is left" (fun () ->
                Expect.equal (tensor [ 2L; 6L ] |> Reshape.into [ 3L; -1L ] |> dims) [ 3L; 4L ] "12 / 3"
                Expect.equal (tensor [ 2L; 0L ] |> Reshape.into [ 5L; -1L ] |> dims) [ 5L; 0L ] "0 / 5")

            testCase "what does not fit is an error" (fun () ->
                let refused dims source =
                    Expect.isError (tensor source |> Reshape.into dims) $"{source} to {dims}"

                refused [ 5L ] [ 2L; 3L ]
                refused [ 4L; -1L ] [ 2L; 3L ]
                refused [ -1L; -1L ] [ 2L; 3L ]
                refused [ -2L; -3L ] [ 2L; 3L ]
                refused [ 0L; -1L ] [ 2L; 0L ]
                refused [ 1L <<< 40; 1L <<< 40 ] [ 2L; 3L ])

            testCase "flatten joins the dimensions from its axis on" (fun () ->
                Expect.equal (tensor [ 2L; 3L; 4L ] |> Reshape.flatten 1 |> dims) [ 2L; 12L ] "the batch stays"
                Expect.equal (tensor [ 2L; 3L; 4L ] |> Reshape.flatten 0 |> dims) [ 24L ] "everything"
                Expect.equal (tensor [ 2L; 3L ] |> Reshape.flatten 1 |> dims) [ 2L; 3L ] "nothing to join"
                Expect.equal (tensor [] |> Reshape.flatten 0 |> dims) [ 1L ] "a scalar"
                Expect.equal (tensor [ 0L; 3L; 0L ] |> Reshape.flatten 1 |> dims) [ 0L; 0L ] "empty"
                Expect.isError (tensor [ 2L ] |> Reshape.flatten 1) "no such axis"
                Expect.isError (tensor [ 2L ] |> Reshape.flatten -1) "no such axis")
        ]
