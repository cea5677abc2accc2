module Records.Tests.Tree.FitTests

open Expecto
open FsCheck.FSharp
open Records.Core
open Records.Tests
open Records.Tests.Support

let private told schema record =
    [ for problem in Fit.problems schema record -> RecordError.message problem ]

let tests =
    testList
        "Fit"
        [
            testPropertyWithConfig Generators.config "a record fits its schema, and so does it fit its own"
            <| Prop.forAll Generators.samples (fun sample ->
                Expect.isEmpty (told sample.Schema sample.Record) "its schema"
                Expect.isEmpty (told (Schema.ofRecord sample.Record) sample.Record) "its own")

            test "fields in another order are another struct" {
                let schema = Schema.Struct [ "w", Schema.Param; "n", Schema.Scalar ScalarType.U8 ]
                let weight = parameter "0400000000000" (f32 [ 1L ] [ 1f ])
                let record = structOf [ "n", Record.Scalar(Scalar.U8 1uy); "w", weight ]
                Expect.hasLength (told schema record) 1 "which is told once"
            }

            test "each difference has its path" {
                let item = Schema.Struct [ "w", Schema.Param; "n", Schema.Scalar ScalarType.U8 ]
                let schema = Schema.Struct [ "l", Schema.List item; "t", Schema.Array(Schema.Tensor, 2) ]
                let good = parameter "0400000000000" (f32 [ 1L ] [ 1f ])
                let wrong = structOf [ "w", Record.Option None; "n", Record.Scalar(Scalar.U16 1us) ]
                let right = structOf [ "w", good; "n", Record.Scalar(Scalar.U8 1uy) ]
                let record = structOf [ "l", Record.List [ right; wrong ]; "t", Record.Array [] ]

                Expect.equal
                    (told schema record)
                    [
                        "'l.1.w' is missing, expected a parameter."
                        "'l.1.n' is U16, expected U8."
                        "'t' is an array of 0, expected an array of 2."
                    ]
                    "all of them"
            }
        ]
