module Records.Tests.Cli.VerifyTests

open System.IO
open System.Text.Json
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Cli
open Records.Tests.Support

let private damaged work =
    inFolder (fun folder ->
        let path = Path.Combine(folder, "model.mpk")
        let bytes = File.ReadAllBytes(golden "mlp.full.mpk")

        // two dtypes that there are none of
        for _ in 1..2 do
            let at = System.MemoryExtensions.IndexOf(System.Span bytes, System.ReadOnlySpan "F32"B)
            bytes[at + 1] <- '9'B

        File.WriteAllBytes(path, bytes)
        work path)

let tests =
    testList
        "records verify"
        [
            test "a good file is a line" {
                let path = golden "mlp.full.mpk.gz"

                Expect.equal
                    (Tool.good [ "verify"; path ])
                    $"'{path}' is good: 3 tensors, 768 bytes, no seal.\n"
                    "how much was read"
            }

            test "a bad one is a line for each problem, and the first of them on standard error" {
                damaged (fun path ->
                    let outcome = Tool.run [ "verify"; path ]
                    Expect.equal outcome.Code 1 "bad"
                    Expect.equal (outcome.Output.Split('\n').Length) 3 "two lines"
                    Expect.stringContains outcome.Output "'fc1.weight' is 'F92'" "with path"
                    Expect.stringContains outcome.Output "at byte " "and offset"
                    Expect.stringContains outcome.Errors path "the file"
                    Expect.stringContains outcome.Errors "And 1 more." "the rest")
            }

            test "--json is one object" {
                damaged (fun path ->
                    let outcome = Tool.run [ "verify"; path; "--json" ]
                    Expect.equal outcome.Code 1 "bad"
                    use document = JsonDocument.Parse outcome.Output
                    let root = document.RootElement

                    Expect.equal
                        (InspectTests.keys root)
                        [ "file"; "format"; "compression"; "sealed"; "ok"; "problems" ]
                        "keys"

                    Expect.isFalse (root.GetProperty("ok").GetBoolean()) "not good"
                    let problem = root.GetProperty("problems")[0]

                    Expect.equal
                        (InspectTests.keys problem)
                        [ "kind"; "path"; "offset"; "expected"; "actual"; "message" ]
                        "a problem's keys"

                    Expect.equal (string (problem.GetProperty "kind")) "mismatch" "kind"
                    Expect.equal (string (problem.GetProperty "path")) "fc1.weight" "path"
                    Expect.isGreaterThan (problem.GetProperty("offset").GetInt64()) 0L "offset")
            }

            test "a good file's object, with a schema" {
                let schema = SchemaJson.ofSchema Models.mlp
                let output = Tool.good [ "verify"; golden "mlp.half.bin.gz"; "--json"; "--schema"; schema ]
                use document = JsonDocument.Parse output
                Expect.isTrue (document.RootElement.GetProperty("ok").GetBoolean()) "good"
            }

            test "bin with what schema printed of the same model" {
                for stem in [ "tiny.half"; "mlp.full"; "kitchen.full"; "g5-v0.20.full" ] do
                    let seen = Tool.good [ "schema"; golden $"{stem}.mpk" ]

                    for extension in [ "bin"; "bin.gz"; "mpk" ] do
                        let path = golden $"{stem}.{extension}"
                        let output = Tool.good [ "verify"; path; "--schema"; seen ]
                        Expect.stringContains output "is good" path
            }

            test "bin without a schema is not good, and says what is missing" {
                Expect.stringContains (Tool.fails 1 [ "verify"; golden "mlp.full.bin" ]) "--schema" "what to give"
            }

            test "a file that is not there" {
                Expect.equal (Tool.fails 1 [ "verify"; "no/such.mpk" ]) "Nothing is at 'no/such.mpk'." "its path"
            }

            test "a wrong command line" {
                Expect.stringContains (Tool.fails 2 [ "verify" ]) "FILE" "what is missing"
                Expect.stringContains (Tool.fails 2 [ "verify"; "a"; "--schema"; "{}" ]) "--schema" "no schema"
            }
        ]
