module Records.Tests.Tools.SchemaJsonTests

open System
open Expecto
open FsCheck.FSharp
open Records.Core
open Records.Tests
open Records.Tests.Support

let private limits = Recorder.defaultLimits

/// Schemas of every kind: those of random records, opened here and there.
let private schemas =
    let rec opened schema =
        gen {
            let! inside = inner schema
            let! maybe = Gen.elements [ false; false; true ]
            return if maybe then Schema.Maybe inside else inside
        }

    and members named =
        gen {
            let names, schemas = List.unzip named
            let! schemas = all schemas
            return List.zip names schemas
        }

    and all schemas =
        match schemas with
        | [] -> Gen.constant []
        | first :: rest -> Gen.map2 (fun item items -> item :: items) (opened first) (all rest)

    and inner schema =
        match schema with
        | Schema.Struct fields -> Gen.map Schema.Struct (members fields)
        | Schema.Enum variants -> Gen.map Schema.Enum (members variants)
        | Schema.Tuple items -> Gen.map Schema.Tuple (all items)
        | Schema.List item -> Gen.map Schema.List (opened item)
        | Schema.Array(item, count) -> Gen.map (fun item -> Schema.Array(item, count)) (opened item)
        | Schema.Option item -> Gen.map Schema.Option (opened item)
        | Schema.Map item -> Gen.map Schema.Map (opened item)
        | other -> Gen.constant other

    Generators.sample
    |> Gen.bind (fun sample -> opened sample.Schema)
    |> Arb.fromGen

let private refuses name json (expected: string) =
    testCase name (fun () ->
        let message = RecordError.message (error (SchemaJson.toSchema limits json))
        Expect.stringContains message expected "what was wrong")

let private words =
    [
        let constant = Schema.Constant

        for schema, json in
            [
                Schema.Param, "\"param\""
                Schema.Tensor, "\"tensor\""
                constant Constant.Single, "\"const\""
                Schema.Scalar ScalarType.BF16, "\"bf16\""
                Schema.Option Schema.Param, """{"option":"param"}"""
                Schema.Array(Schema.Param, 2), """{"array":["param",2]}"""
                Schema.Map(Schema.Scalar ScalarType.Unit), """{"map":"unit"}"""
                Schema.Maybe(Schema.List Schema.Tensor), """{"maybe":{"list":"tensor"}}"""
                Schema.Struct [ "a\"b", Schema.Param ], """{"struct":[["a\"b","param"]]}"""
                Schema.Enum [ "Gelu", constant Constant.Single ], """{"enum":[["Gelu","const"]]}"""
                Schema.Tuple [ constant Constant.Single ], """{"tuple":["const"]}"""
                constant (Constant.Fixed [ Constant.Single ]), """{"const":{"tuple":["const"]}}"""
                constant (Constant.Listed [ Constant.Single ]), """{"const":{"list":["const"]}}"""
                constant (Constant.Optional None), """{"const":{"option":null}}"""
                constant (Constant.Optional(Some Constant.Single)), """{"const":{"option":"const"}}"""
            ] do
            testCase json (fun () ->
                Expect.equal (SchemaJson.ofSchema schema) json "written"
                Expect.equal (ok (SchemaJson.toSchema limits json)) schema "read")
    ]

let tests =
    testList
        "SchemaJson"
        [
            testPropertyWithConfig Generators.config "what is written is read as the same schema"
            <| Prop.forAll schemas (fun schema -> ok (SchemaJson.toSchema limits (SchemaJson.ofSchema schema)) = schema)

            testCase "letters of several bytes stay whole wherever they stand" (fun () ->
                for shift in 0..1 do
                    let name = String('a', shift) + String('ß', 70_000)
                    let json = SchemaJson.ofSchema (Schema.Struct [ name, Schema.Param ])
                    Expect.isTrue (json.Contains name) $"behind {shift}")

            testPropertyWithConfig Generators.config "what is read is written as the same JSON"
            <| Prop.forAll schemas (fun schema ->
                let json = SchemaJson.ofSchema schema
                SchemaJson.ofSchema (ok (SchemaJson.toSchema limits json)) = json)

            testPropertyWithConfig Generators.config "a schema cut off anywhere is an error"
            <| Prop.forAll schemas (fun schema ->
                let json = SchemaJson.ofSchema schema
                // words are short: every cut is tried
                seq { 0 .. min 300 (json.Length - 1) }
                |> Seq.forall (fun length -> Result.isError (SchemaJson.toSchema limits (json.Substring(0, length)))))

            testList "words" words

            testCase "white space and a byte order mark are no matter" (fun () ->
                let json = "\uFEFF {\n  \"list\" : [ ]\n}".Replace("[ ]", "\"param\"")
                Expect.equal (ok (SchemaJson.toSchema limits json)) (Schema.List Schema.Param) "a list")

            refuses "an unknown word" "\"parm\"" "found \"parm\""
            refuses "an unknown object" """{"lst":"param"}""" "found \"lst\""
            refuses "two words in one object" """{"list":"param","map":"param"}""" "one word alone"
            refuses "no word at all" "{}" "a word"
            refuses "a field without a schema" """{"struct":[["weight"]]}""" "'weight'"
            refuses "an unknown word in a field" """{"struct":[["fc",{"struct":[["weight","parm"]]}]]}""" "'fc.weight'"
            refuses "more text after the schema" "\"param\" \"param\"" "JSON"
            refuses "an array too long to be meant" """{"array":["param",4000000000]}""" "up to 1048576"
            refuses "a negative array" """{"array":["param",-1]}""" "up to 1048576"
            refuses "an endless nest" (String.replicate 100_000 "{\"list\":") "limit"
        ]
