module Records.Tests.Nn.EmbeddingTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

let private indices (dims: int64 list) (values: int64[]) : TensorData =
    match Shape.create dims with
    | Ok shape -> { Dtype = Dtype.I64; Shape = shape; Bytes = View.ofArray values }
    | Error error -> RecordError.raise error

let tests =
    testList
        "Embedding"
        [
            testProperty "each index gives its row" (fun (seed: uint64) ->
                let rows, width = pick (Seed seed) 0 1 6, pick (Seed seed) 1 0 5
                let dims = [ pick (Seed seed) 2 0 3; pick (Seed seed) 3 0 4 ]
                let weight = dense [ rows; width ] (Seed seed)
                let chosen = Array.init (dims[0] * dims[1]) (fun index -> pick (Seed seed) (10 + index) 0 (rows - 1))
                let result = Embedding.forward weight (indices (List.map int64 dims) (Array.map int64 chosen))
                Expect.equal (List.ofArray result.Shape) (dims @ [ width ]) "[.., width]"

                Expect.equal
                    result.Values
                    (chosen
                     |> Array.collect (fun row -> weight.Values[row * width .. (row + 1) * width - 1]))
                    "the rows")

            testCase "integers of any size count, and only they" (fun () ->
                let weight = dense [ 3; 2 ] (Seed 1UL)
                let shape = (indices [ 1L ] [| 0L |]).Shape
                let bytes = { Dtype = Dtype.U8; Shape = shape; Bytes = View.ofArray [| 2uy |] }
                Expect.equal (Embedding.forward weight bytes).Values weight.Values[4..] "a byte"
                let floats = { Dtype = Dtype.F32; Shape = shape; Bytes = View.ofArray [| 2.0f |] }
                Expect.throws (fun () -> Embedding.forward weight floats |> ignore) "a float")

            testCase "a row that is not there throws" (fun () ->
                let weight = dense [ 3; 2 ] (Seed 1UL)

                for index in [ -1L; 3L; System.Int64.MaxValue; 1L <<< 32 ] do
                    refused (fun () -> Embedding.forward weight (indices [ 1L ] [| index |])) (string index)

                refused
                    (fun () -> Embedding.forward (dense [ 3 ] (Seed 1UL)) (indices [ 1L ] [| 0L |]))
                    "one dimension")
        ]
