module Records.Tests.Cli.SchemaTests

open System.IO
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Cli
open Records.Tests.Support

let private ofTwin stem twin target =
    inFolder (fun folder ->
        let schema = Path.Combine(folder, "schema.json")
        File.WriteAllText(schema, Tool.good [ "schema"; golden $"{stem}.{twin}" ])
        InspectTests.tensors (InspectTests.object' [ golden $"{stem}.{target}"; "--hash"; "--schema"; schema ]))

let private tensors stem extension =
    InspectTests.tensors (InspectTests.object' [ golden $"{stem}.{extension}"; "--hash" ])

let tests =
    testList
        "records schema"
        [
            for stem in [ "tiny.full"; "tiny.half"; "mlp.full"; "mlp.double"; "kitchen.full"; "g5-v0.20.full" ] do
                testCase $"the schema of {stem}.mpk reads {stem}.bin" (fun () ->
                    Expect.equal (ofTwin stem "mpk" "bin") (tensors stem "mpk") "the same tensors")

            for stem in [ "tiny.full"; "kitchen.full"; "g5-v0.20.half" ] do
                testCase $"the schema of {stem}.json reads {stem}.bin.gz" (fun () ->
                    Expect.equal (ofTwin stem "json.gz" "bin.gz") (tensors stem "mpk") "the same tensors")

            testCase "it leaves open what the file does not tell" (fun () ->
                let expected =
                    """{"maybe":{"struct":[["weight",{"maybe":"param"}],["bias",{"maybe":"param"}],["activation",{"maybe":"const"}]]}}"""

                Expect.equal (Tool.good [ "schema"; golden "tiny.full.json" ]) (expected + "\n") "one line of JSON")

            testCase "a schema may stand on the command line itself" (fun () ->
                let schema = SchemaJson.ofSchema Models.mlp
                let summary = InspectTests.object' [ golden "mlp.full.bin.gz"; "--hash"; "--schema"; schema ]
                Expect.equal (InspectTests.tensors summary) (tensors "mlp.full" "mpk") "the same tensors")

            testCase "a schema of another model is an error with a place" (fun () ->
                let schema = SchemaJson.ofSchema Models.tiny
                let message = Tool.fails 1 [ "inspect"; golden "mlp.full.bin"; "--schema"; schema ]
                Expect.stringContains message "at byte" "the offset")

            testCase "an open schema of another model is an error with a place" (fun () ->
                let schema = (Tool.good [ "schema"; golden "kitchen.full.mpk" ]).TrimEnd()
                let message = Tool.fails 1 [ "inspect"; golden "mlp.full.bin"; "--schema"; schema ]
                Expect.stringContains message "at byte" "the offset")

            testCase "a bin has no structure to show" (fun () ->
                let message = Tool.fails 1 [ "schema"; golden "tiny.full.bin" ]
                Expect.stringContains message "does not describe itself" "why")

            testCase "what is no schema is a wrong command line" (fun () ->
                let bin = golden "tiny.full.bin"

                Expect.stringContains
                    (Tool.fails 2 [ "inspect"; bin; "--schema"; """{"list":"parm"}""" ])
                    "\"parm\""
                    "what was found"

                Expect.stringContains
                    (Tool.fails 2 [ "inspect"; bin; "--schema"; bin ])
                    "schema JSON"
                    "a file of something else"

                Expect.stringContains
                    (Tool.fails 2 [ "inspect"; bin; "--schema"; "nowhere.json" ])
                    "nowhere.json"
                    "no file")
        ]
