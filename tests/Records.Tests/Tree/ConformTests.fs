module Records.Tests.Tree.ConformTests

open Expecto
open Records.Core
open Records.Tests.Support

let private none = Schema.Constant Constant.Single
let private nothing = Record.Constant Constant.Single
let private weight = parameter "0400000000000" (f32 [ 1L ] [ 2f ])

let private becomes schema record expected message =
    expectSame (ok (Conform.toSchema schema record)) expected message

let private refused schema record message =
    match Conform.toSchema schema record with
    | Ok _ -> failtest message
    | Error error -> Expect.isNotEmpty (RecordError.message error) "a sentence"

let tests =
    testList
        "conform"
        [
            testCase "a module that was the only field of another becomes it, and back" (fun () ->
                let flat = Schema.Struct [ "gamma", Schema.Option Schema.Param; "epsilon", none ]

                let nested =
                    Schema.Struct [ "inner", Schema.Struct [ "groups", none; "gamma", Schema.Option Schema.Param ] ]

                let now = structOf [ "gamma", Record.Option(Some weight); "epsilon", nothing ]

                let before = structOf [ "inner", structOf [ "groups", nothing; "gamma", Record.Option(Some weight) ] ]

                becomes nested now before "into the other"
                becomes flat before now "and out of it"
                becomes flat now now "what fits stays")

            testCase "a variant is the one of its name, whatever its number was" (fun () ->
                let schema = Schema.Enum [ "First", none; "Second", Schema.Param; "Third", none ]
                let old = Record.Enum(0, "Second", weight)
                becomes schema old (Record.Enum(1, "Second", weight)) "its number in that version"
                refused schema (Record.Enum(0, "Fourth", nothing)) "no variant of that name")

            testCase "a module without tensors becomes a constant, and back" (fun () ->
                let parts = Schema.Struct [ "slope", none; "phantom", none ]
                let record = structOf [ "slope", nothing; "phantom", nothing ]
                becomes none record nothing "a constant"
                becomes parts nothing record "a struct"
                becomes parts (structOf [ "slope", nothing ]) record "and what was not there is"
                refused parts (structOf [ "slope", weight; "more", weight ]) "a tensor is not lost")

            testCase "a constant that may be absent becomes an option of one, and back" (fun () ->
                let option = Schema.Option none
                let constant = Schema.Constant(Constant.Optional(Some Constant.Single))
                let some, no = Record.Option(Some nothing), Record.Option None
                let constantSome = Record.Constant(Constant.Optional(Some Constant.Single))
                let constantNo = Record.Constant(Constant.Optional None)
                becomes option constantSome some "there"
                becomes option constantNo no "not there"
                becomes constant some constantSome "there, back"
                becomes constant no constantNo "not there, back")

            testCase "a constant of unknown parts gets those of the version" (fun () ->
                let pair = Constant.Fixed [ Constant.Single; Constant.Single ]
                becomes (Schema.Constant pair) nothing (Record.Constant pair) "two"
                becomes none (Record.Constant pair) nothing "one")

            testCase "a field that is not there and holds tensors is an error" (fun () ->
                refused
                    (Schema.Struct [ "weight", Schema.Param; "bias", Schema.Param ])
                    (structOf [ "weight", weight ])
                    "no bias"

                refused
                    (Schema.Struct [ "epsilon", none ])
                    (structOf [ "weight", weight; "epsilon", nothing ])
                    "no weight")
        ]
