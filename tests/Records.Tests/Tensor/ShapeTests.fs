module Records.Tests.Tensor.ShapeTests

open System
open Expecto
open Records.Core

let private refused dims =
    match Shape.create dims with
    | Error error -> error
    | Ok shape -> failtest $"{Shape.text shape} was made."

[<Tests>]
let tests =
    testList
        "Shape"
        [
            testCase "elements are counted, those of a scalar as one"
            <| fun _ ->
                for dims, count in [ [], 1L; [ 3L; 4L ], 12L; [ 0L; 7L ], 0L; [ 1L <<< 40; 1L <<< 22 ], 1L <<< 62 ] do
                    Expect.equal (Shape.count (Records.Tests.Support.shapeOf dims)) count $"%A{dims}"

            testCase "elements that no int64 counts are refused"
            <| fun _ ->
                for dims in
                    [
                        [ 1L <<< 32; 1L <<< 31 ]
                        [ 1L <<< 33; 1L <<< 33 ]
                        [ Int64.MaxValue; 2L ]
                        [ 3L; Int64.MaxValue / 2L ]
                        // whoever multiplies from the left never sees the zero
                        [ Int64.MaxValue; 2L; 0L ]
                        [ 0L; Int64.MaxValue; 2L ]
                    ] do
                    match refused dims with
                    | RecordError.TooLarge(_, what, _, _) -> Expect.equal what "element count" $"%A{dims}"
                    | other -> failtest (RecordError.message other)

            testCase "a negative dimension is refused"
            <| fun _ ->
                match refused [ 2L; -1L ] with
                | RecordError.Mismatch(_, _, actual) -> Expect.equal actual "-1" "the dimension"
                | other -> failtest (RecordError.message other)
        ]
