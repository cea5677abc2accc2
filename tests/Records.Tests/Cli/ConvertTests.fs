module Records.Tests.Cli.ConvertTests

open System.IO
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Cli
open Records.Tests.Support

let private bytesAt (path: string) = File.ReadAllBytes path

let private inside work =
    inFolder (fun folder -> work (fun (name: string) -> Path.Combine(folder, name)))

let private silent words =
    Expect.equal (Tool.good ("convert" :: words)) "" "nothing to say"

let private tiny = SchemaJson.ofSchema Models.tiny

let private files =
    [
        test "mpk to mpk is the identity" {
            inside (fun at ->
                silent [ golden "kitchen.full.mpk"; at "b.mpk" ]
                expectBytes (bytesAt (at "b.mpk")) (bytesAt (golden "kitchen.full.mpk")) "the same bytes")
        }

        test "OUT says the format, and --to says it better" {
            inside (fun at ->
                silent [ golden "tiny.full.mpk"; at "a.json" ]
                expectBytes (bytesAt (at "a.json")) (bytesAt (golden "tiny.full.json")) "json"
                silent [ golden "tiny.full.mpk.gz"; at "weights"; "--to"; "bin"; "--schema"; tiny ]
                expectBytes (bytesAt (at "weights")) (bytesAt (golden "tiny.full.bin")) "bin, and the very name")
        }

        test "into a folder the name stays" {
            inside (fun at ->
                Directory.CreateDirectory(at "out") |> ignore
                silent [ golden "tiny.full.mpk.gz"; at "out"; "--to"; "json" ]
                silent [ golden "tiny.half.mpk"; at "new/" ]
                expectBytes (bytesAt (at "out/tiny.full.json")) (bytesAt (golden "tiny.full.json")) "another format"
                expectBytes (bytesAt (at "new/tiny.half.mpk")) (bytesAt (golden "tiny.half.mpk")) "its own")
        }

        test "a file that is there stays without --force" {
            inside (fun at ->
                File.WriteAllText(at "b.mpk", "precious")
                let message = Tool.fails 1 [ "convert"; golden "tiny.full.mpk"; at "b.mpk" ]
                Expect.stringContains message "b.mpk' exists; --force" "what to do"
                Expect.equal (File.ReadAllText(at "b.mpk")) "precious" "it stays"
                silent [ golden "tiny.full.mpk"; at "b.mpk"; "--force" ]
                expectBytes (bytesAt (at "b.mpk")) (bytesAt (golden "tiny.full.mpk")) "overwritten")
        }

        test "a file may become itself" {
            inside (fun at ->
                File.Copy(golden "tiny.full.mpk", at "a.mpk")
                silent [ at "a.mpk"; at "a.mpk"; "--precision"; "half"; "--force" ]
                expectBytes (bytesAt (at "a.mpk")) (bytesAt (golden "tiny.half.mpk")) "half")
        }

        test "what a cast loses is printed by tensor" {
            inside (fun at ->
                let words = [ "convert"; golden "mlp.full.mpk"; at "b.mpk"; "--precision"; "half" ]
                let lines = (Tool.good words).TrimEnd('\n').Split '\n'
                Expect.stringStarts lines[0] "# path\tfrom\tto\tchanged" "the columns"
                Expect.stringStarts lines[1] "fc1.weight\tF32\tF16\t128\t" "the first tensor"
                expectBytes (bytesAt (at "b.mpk")) (bytesAt (golden "mlp.half.mpk")) "Burn's own")
        }

        test "overflow is a warning, and with --strict an error that writes nothing" {
            inside (fun at ->
                let root = structOf [ "w", parameter "0400000000000" (f32 [ 2L ] [ 1e30f; 1f ]) ]
                File.WriteAllBytes(at "a.mpk", bytesOf (ok (Recorder.encode Recorder.namedMsgPack (documentOf root))))
                let words = [ "convert"; at "a.mpk"; at "b.mpk"; "--precision"; "half" ]
                let message = Tool.fails 1 (words @ [ "--strict" ])
                Expect.stringContains message "'w' holds 1" "strictly"
                Expect.isFalse (File.Exists(at "b.mpk")) "nothing"
                let outcome = Tool.run words
                Expect.equal outcome.Code 0 "good"
                Expect.stringContains outcome.Errors "Warning" "a warning"
                Expect.stringContains outcome.Errors "'w': 1 value of F32 became infinite" "which"
                Expect.isTrue (File.Exists(at "b.mpk")) "written")
        }

        test "an older Burn's layout, and its name" {
            inside (fun at ->
                let words = [ "convert"; golden "g5-v0.20.full.mpk"; at "b.mpk"; "--burn"; "0.16" ]
                Expect.equal (Tool.good words) "" "no doubt"
                let summary = InspectTests.object' [ at "b.mpk" ]
                Expect.equal (InspectTests.raw summary "burn") "\"0.16.0\"" "its name")
        }

        test "bin is not written from what leaves its structure open" {
            inside (fun at ->
                File.WriteAllText(at "schema.json", Tool.good [ "schema"; golden "tiny.full.mpk" ])
                let words = [ "convert"; golden "tiny.full.mpk"; at "b.bin" ]

                for words in [ words; words @ [ "--schema"; at "schema.json" ] ] do
                    Expect.stringContains (Tool.fails 1 words) "MlpRecord.Schema.ToJson()" "what to ask for"

                // reading with it is fine
                silent [ golden "tiny.full.bin"; at "b.mpk"; "--schema"; at "schema.json" ]
                expectBytes (bytesAt (at "b.mpk")) (bytesAt (golden "tiny.full.mpk")) "the same model")
        }

        test "a bad file is one line, and leaves nothing" {
            inside (fun at ->
                File.WriteAllBytes(at "a.mpk.gz", Array.truncate 200 (bytesAt (golden "mlp.full.mpk.gz")))
                let message = Tool.fails 1 [ "convert"; at "a.mpk.gz"; at "b.mpk" ]
                Expect.stringContains message "a.mpk.gz" "its path"
                Expect.stringContains message "at byte" "the offset"
                Expect.equal (Directory.GetFileSystemEntries(at "")).Length 1 "nothing but the source")
        }
    ]

let private folders =
    [
        test "a folder of checkpoints, each by its own format" {
            inside (fun at ->
                Directory.CreateDirectory(at "in/older") |> ignore
                File.Copy(golden "tiny.full.mpk", at "in/model-1.mpk")
                File.Copy(golden "tiny.half.json.gz", at "in/optim-1.json.gz")
                File.Copy(golden "tiny.full.json", at "in/scheduler-1.json")
                File.Copy(golden "tiny.full.mpk", at "in/older/model-0.mpk")
                File.WriteAllText(at "in/notes.txt", "hello")
                silent [ at "in"; at "out"; "--to"; "mpk" ]
                let names = [ for path in Directory.GetFileSystemEntries(at "out") -> Path.GetFileName path ]
                Expect.equal (List.sort names) [ "model-1.mpk"; "optim-1.mpk"; "scheduler-1.mpk" ] "those alone"
                expectBytes (bytesAt (at "out/model-1.mpk")) (bytesAt (golden "tiny.full.mpk")) "model"
                expectBytes (bytesAt (at "out/optim-1.mpk")) (bytesAt (golden "tiny.half.mpk")) "optim"
                Expect.stringContains (Tool.fails 1 [ "convert"; at "in"; at "out"; "--to"; "mpk" ]) "--force" "once")
        }

        test "nothing outside is followed through links" {
            inside (fun at ->
                Directory.CreateDirectory(at "in") |> ignore
                File.Copy(golden "tiny.full.mpk", at "secret.mpk")
                File.CreateSymbolicLink(at "in/model-1.mpk", at "secret.mpk") |> ignore
                let message = Tool.fails 1 [ "convert"; at "in"; at "out"; "--to"; "json" ]
                Expect.stringContains message "'model-1.mpk' is a link" "which"
                Expect.isFalse (Directory.Exists(at "out")) "nothing")
        }

        test "one bad file does not keep the others back" {
            inside (fun at ->
                Directory.CreateDirectory(at "in") |> ignore
                File.WriteAllText(at "in/model-1.mpk", "no model")
                File.Copy(golden "tiny.full.mpk", at "in/model-2.mpk")
                let message = Tool.fails 1 [ "convert"; at "in"; at "out"; "--to"; "json" ]
                Expect.stringContains message "model-1.mpk" "the bad one"
                expectBytes (bytesAt (at "out/model-2.json")) (bytesAt (golden "tiny.full.json")) "the good one")
        }
    ]

let private words =
    [
        for words, expected in
            [
                [ "a.mpk" ], "OUT"
                [ "a.mpk"; "b.xyz" ], "b.xyz"
                [ "a.mpk"; "b.mpk"; "--to"; "docx" ], "docx"
                [ "a.mpk"; "b.mpk"; "--precision"; "low" ], "low"
                [ "a.mpk"; "b.mpk"; "--burn"; "new" ], "new"
                [ "a.mpk"; "b.mpk"; "--burn"; "0.23" ], "0.23"
                [ "a.mpk"; "b.mpk"; "--from-burn"; "0.6" ], "0.6"
                [ "a.mpk"; "b.mpk"; "--fast" ], "--fast"
            ] do
            let told = System.String.Join(" ", words)

            testCase $"'records convert {told}' is a wrong command line" (fun () ->
                Expect.stringContains (Tool.fails 2 ("convert" :: words)) expected "what is wrong")
    ]

let private packed name =
    Path.Combine(root, "tests", "golden", "burnpack", name)

let private saved (path: string) record =
    let recorder = Recorder.unsealed Recorder.namedMsgPack
    File.WriteAllBytes(path, bytesOf (ok (Recorder.encode recorder (documentOf record))))

let private optimizer =
    let tensor value = Record.Tensor(f32 [ 2L ] [ value; 1f ])

    let momentum =
        [
            "time", Record.Scalar(Scalar.U64 3UL)
            "moment_1", tensor 1f
            "moment_2", tensor 2f
            "max_moment_2", Record.Option None
        ]

    [ "0400000000000"; "0800000000000" ]
    |> List.map (fun id ->
        {
            OptimizerEntry.Id = ParamId id
            OptimizerEntry.Rank = 1
            OptimizerEntry.State = structOf [ "momentum", structOf momentum ]
        })
    |> OptimizerTree.toRecord
    |> ok

let private burnpack =
    [
        test "a model to burnpack and back with its schema is the same file" {
            inside (fun at ->
                silent [ golden "tiny.full.mpk"; at "a.bpk" ]
                let document = ok (Recorder.decode Recorder.namedMsgPack (inputOf (bytesAt (golden "tiny.full.mpk"))))

                let expected =
                    bytesOf (
                        ok (Recorder.encode (Recorder.unsealed Recorder.burnpack) { document with Annex = Map.empty })
                    )

                expectBytes (bytesAt (at "a.bpk")) expected "what Burn would write"
                silent [ at "a.bpk"; at "b.mpk"; "--schema"; tiny ]
                expectBytes (bytesAt (at "b.mpk")) (bytesAt (golden "tiny.full.mpk")) "and back")
        }

        test "an older burnpack becomes a newer one" {
            inside (fun at ->
                silent [ packed "0.20.bpk"; at "new.bpk" ]
                silent [ at "new.bpk"; at "old.bpk"; "--burn"; "0.20" ]
                expectBytes (bytesAt (at "old.bpk")) (bytesAt (packed "0.20.bpk")) "and that an older one")
        }

        test "Burn's optimizer becomes a recorder's, and Burn's again" {
            inside (fun at ->
                silent [ packed "adam.bpk"; at "optim.mpk" ]
                let read = ok (Recorder.decode Recorder.namedMsgPack (inputOf (bytesAt (at "optim.mpk"))))
                Expect.hasLength (ok (OptimizerTree.entries read.Root)) 2 "two parameters"
                silent [ at "optim.mpk"; at "optim.bpk" ]
                expectBytes (bytesAt (at "optim.bpk")) (bytesAt (packed "adam.bpk")) "the same file")
        }

        test "a folder of checkpoints goes there and back" {
            inside (fun at ->
                Directory.CreateDirectory(at "checkpoint") |> ignore
                File.Copy(golden "tiny.full.mpk", at "checkpoint/model-3.mpk")
                saved (at "checkpoint/optim-3.mpk") optimizer
                saved (at "checkpoint/scheduler-3.mpk") (Record.Scalar(Scalar.U64 11UL))
                let message = Tool.fails 1 [ "convert"; at "checkpoint"; at "out"; "--to"; "bpk" ]
                Expect.stringContains message "--scheduler" "a bare number is asked about"
                let there = [ at "checkpoint"; at "out"; "--to"; "bpk"; "--scheduler"; "cosine"; "--force" ]
                silent there
                silent [ at "out"; at "back"; "--to"; "mpk" ]

                Expect.equal
                    (List.sort [ for file in Directory.GetFiles(at "out") -> string (Path.GetFileName file) ])
                    [ "model-3.bpk"; "optim-3.bpk"; "scheduler-3.bpk" ]
                    "Burn's names"

                expectBytes (bytesAt (at "out/scheduler-3.bpk")) (bytesAt (packed "cosine.bpk")) "Burn's file"

                for name in [ "optim-3.mpk"; "scheduler-3.mpk" ] do
                    expectBytes (bytesAt (at $"back/{name}")) (bytesAt (at $"checkpoint/{name}")) name)
        }

        test "verify says all that is wrong with a burnpack" {
            inside (fun at ->
                File.WriteAllBytes(at "long.bpk", Array.append (bytesAt (packed "0.20.bpk")) [| 1uy |])
                Tool.good [ "verify"; packed "0.20.bpk" ] |> ignore
                let outcome = Tool.run [ "verify"; at "long.bpk" ]
                Expect.equal outcome.Code 1 "bad"
                Expect.stringContains outcome.Errors "expected the end" "a byte too many")
        }
    ]

let tests =
    testList
        "records convert"
        [
            testList "files" files
            testList "burnpack" burnpack
            testList "folders" folders
            testList "words" words
        ]
