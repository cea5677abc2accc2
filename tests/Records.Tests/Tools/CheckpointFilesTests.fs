module Records.Tests.Tools.CheckpointFilesTests

open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let tests =
    testList
        "CheckpointFiles"
        [
            test "names are Burn's, each by its own format" {
                let parse name =
                    CheckpointFiles.parse name
                    |> Option.map (fun (stem, kind) -> stem, kind.Extension)

                for name, expected in
                    [
                        "model-1.mpk", Some("model-1", "mpk")
                        "optim-12.json.gz", Some("optim-12", "json.gz")
                        "scheduler-3.bin", Some("scheduler-3", "bin")
                        "policy-3.mpk.gz", Some("policy-3", "mpk.gz")
                        "model-1.mpk.tmp", None
                        "model-1.5.mpk", None
                        "model-x.mpk", None
                        "my-model-1.mpk", None
                        "model-1", None
                        "notes.json", None
                    ] do
                    Expect.equal (parse name) expected name
            }

            test "a link out of the folder is an error; one inside is followed" {
                inFolder (fun folder ->
                    let inside = Directory.CreateDirectory(Path.Combine(folder, "in")).FullName
                    let at name = Path.Combine(inside, name)
                    File.WriteAllText(at "model-1.mpk", "")
                    File.CreateSymbolicLink(at "model-2.mpk", "model-1.mpk") |> ignore
                    let plan = ok (CheckpointFiles.plan inside "out" None)

                    Expect.equal
                        [ for _, target in plan -> Path.GetFileName target ]
                        [ "model-1.mpk"; "model-2.mpk" ]
                        "both"

                    File.WriteAllText(Path.Combine(folder, "secret.mpk"), "")

                    File.CreateSymbolicLink(at "model-3.mpk", Path.Combine("..", "secret.mpk"))
                    |> ignore

                    let message = RecordError.message (error (CheckpointFiles.plan inside "out" None))
                    Expect.stringContains message "'model-3.mpk' is a link" "which"
                    Expect.stringContains message "outside" "why")
            }

            test "two files that would become one are an error, and so is a folder without any" {
                inFolder (fun folder ->
                    error (CheckpointFiles.plan folder "out" None) |> ignore
                    File.WriteAllText(Path.Combine(folder, "model-1.mpk"), "")
                    File.WriteAllText(Path.Combine(folder, "model-1.json"), "")
                    Expect.equal (ok (CheckpointFiles.plan folder "out" None)).Length 2 "apart"
                    let message = RecordError.message (error (CheckpointFiles.plan folder "out" (Some "bin")))
                    Expect.stringContains message "'model-1.json' and 'model-1.mpk'" "both")
            }
        ]
