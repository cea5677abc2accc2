/// Saves and restores that something goes wrong in: what was there stays.
module Records.Tests.Tools.CheckpointFaultTests

open System
open System.IO
open System.Threading
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support
open Records.Tests.Tools.CheckpointTests

let private failing =
    [
        testCase "an optimizer that does not fit the precision leaves everything as it was" (fun () ->
            inFolder (fun folder ->
                let checkpointer = Checkpoints.at folder (Recorder.precision Precision.Half Recorder.namedMsgPack)

                save checkpointer 1 1.0f |> ignore
                save checkpointer 2 2.0f |> ignore

                for epoch in [ 2; 3 ] do
                    unchanged folder (fun () ->
                        let parts =
                            [
                                part CheckpointKind.Model 3.0f
                                part CheckpointKind.Optim 1e10f
                                part CheckpointKind.Scheduler 3.0f
                            ]

                        match error (Checkpoints.saveNow checkpointer quiet epoch (loss 0.1) parts) with
                        | RecordError.OutOfRange([ "optim"; "weight" ], _, _, _) -> ()
                        | other -> failtest (RecordError.message other))

                Expect.equal (newest checkpointer |> Option.map fst) (Some 2) "the last whole one"))

        testCase "cancelling at any moment leaves the old checkpoints, or the new one whole" (fun () ->
            inFolder (fun folder ->
                let checkpointer = keepAll folder
                save checkpointer 1 1.0f |> ignore
                let stopped = ref 0

                for stop in 0..40 do
                    use source = new CancellationTokenSource()
                    let reports = ref 0

                    let watch =
                        {
                            Report =
                                Some(fun (_: Progress) ->
                                    reports.Value <- reports.Value + 1

                                    if reports.Value > stop then
                                        source.Cancel())
                            Token = source.Token
                        }

                    let before = contents folder

                    try
                        ok (Checkpoints.saveNow checkpointer watch 1 Map.empty (all (single stop + 2.0f)))
                        |> ignore

                        Expect.equal (restored checkpointer 1) (List.replicate 3 (single stop + 2.0f)) "the new one"
                    with :? OperationCanceledException ->
                        stopped.Value <- stopped.Value + 1
                        Expect.equal (contents folder) before "the old one, byte for byte"

                Expect.isGreaterThan stopped.Value 3 "some were stopped"
                Expect.isLessThan stopped.Value 41 "and some were not"))

        testCase "a place that is no folder is an error" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "file")
                File.WriteAllText(path, "x")

                match error (Checkpoints.saveNow (keepAll path) quiet 1 Map.empty (all 1.0f)) with
                | RecordError.Io _ -> ()
                | other -> failtest (RecordError.message other)

                ok (Checkpoints.epochs (keepAll (Path.Combine(folder, "nowhere")))) |> ignore
                ok (Checkpoints.deleteNow (keepAll (Path.Combine(folder, "nowhere"))) 1)))

        unix "a folder that cannot be written is an error, and can be read" (fun () ->
            inFolder (fun folder ->
                let checkpointer = keepAll folder
                save checkpointer 1 1.0f |> ignore
                let mode = File.GetUnixFileMode folder
                File.SetUnixFileMode(folder, UnixFileMode.UserRead ||| UnixFileMode.UserExecute)

                try
                    // Root writes where it likes; nobody writes to /proc.
                    let readOnly =
                        if Environment.UserName = "root" then
                            keepAll "/proc/records"
                        else
                            checkpointer

                    match error (Checkpoints.saveNow readOnly quiet 2 Map.empty (all 2.0f)) with
                    | RecordError.Io _ -> ()
                    | other -> failtest (RecordError.message other)

                    Expect.equal (newest checkpointer) (Some(1, [ 1.0f; 1.0f; 1.0f ])) "readable"
                finally
                    File.SetUnixFileMode(folder, mode)))

        testCase "a save that was stopped between its renames is there, and is finished by the next" (fun () ->
            inFolder (fun folder ->
                let checkpointer = keepAll folder
                save checkpointer 1 1.0f |> ignore
                // A folder in the way lets the second rename fail, as a crash would.
                let obstacle = Path.Combine(folder, "optim-2.mpk")
                Directory.CreateDirectory obstacle |> ignore

                match error (Checkpoints.saveNow checkpointer quiet 2 (loss 0.5) (all 2.0f)) with
                | RecordError.Io _ -> ()
                | other -> failtest (RecordError.message other)

                Expect.isTrue (File.Exists(Path.Combine(folder, "model-2.mpk"))) "the first was renamed"
                Directory.Delete obstacle

                unchanged folder (fun () ->
                    Expect.equal (newest checkpointer) (Some(2, [ 2.0f; 2.0f; 2.0f ])) "all of it is there")

                save checkpointer 3 3.0f |> ignore
                expectFiles folder (namesOf [ 1; 2; 3 ]) "under its own names"
                Expect.equal (restored checkpointer 2) [ 2.0f; 2.0f; 2.0f ] "whole"))

        testCase "what a killed save left behind is ignored" (fun () ->
            inFolder (fun folder ->
                let checkpointer = keepAll folder
                save checkpointer 1 1.0f |> ignore
                // the model was there, the others were not yet
                File.Copy(Path.Combine(folder, "model-1.mpk"), Path.Combine(folder, "model-2.mpk"))
                File.WriteAllText(Path.Combine(folder, ".optim-2.mpk.00.tmp"), "half")

                match latest checkpointer everything with
                | Some found ->
                    Expect.equal found.Epoch 1 "the newest that is whole"
                    Expect.equal (List.map fst found.Skipped) [ 2 ] "and what was passed over"
                | None -> failtest "a checkpoint"

                Expect.equal
                    (latest checkpointer [ wish CheckpointKind.Model ] |> Option.map _.Epoch)
                    (Some 2)
                    "its model is whole"))

        testCase "a broken newest is passed over; when all are broken each is told" (fun () ->
            inFolder (fun folder ->
                let checkpointer = keepAll folder
                Expect.equal (newest checkpointer) None "no checkpoint, no error"

                for epoch in 1..3 do
                    save checkpointer epoch (single epoch) |> ignore

                let cut name =
                    let path = Path.Combine(folder, name)
                    File.WriteAllBytes(path, Array.truncate 100 (File.ReadAllBytes path))

                cut "scheduler-3.mpk"
                Expect.equal (newest checkpointer) (Some(2, [ 2.0f; 2.0f; 2.0f ])) "the one before"
                cut "model-2.mpk"
                File.Delete(Path.Combine(folder, "optim-1.mpk"))

                match error (Checkpoints.restoreLatestNow checkpointer quiet everything Ok) with
                | RecordError.Many [ RecordError.Malformed(_, "scheduler" :: _, _, _, _)
                                     RecordError.Malformed(_, "model" :: _, _, _, _)
                                     RecordError.NotFound(path, _) ] ->
                    Expect.equal path (Path.Combine(folder, "optim-1.mpk")) "which"
                | other -> failtest (RecordError.message other)

                match error (Checkpoints.restoreNow checkpointer quiet 9 everything) with
                | RecordError.Many problems -> Expect.equal problems.Length 3 "all three are missing"
                | other -> failtest (RecordError.message other)))

        testCase "a log that is broken stops a save, and hides nothing" (fun () ->
            for text in
                [
                    "{"
                    "[]"
                    "{}"
                    """{"version": 2, "epochs": {}, "moves": {}, "leaves": []}"""
                    """{"version": 1, "epochs": {"one": {}}, "moves": {}, "leaves": []}"""
                    """{"version": 1, "epochs": {"1": {"Loss": "low"}}, "moves": {}, "leaves": []}"""
                    """{"version": 1, "epochs": {}, "moves": {"model-1.mpk": "../../etc/.passwd.tmp"}, "leaves": []}"""
                    """{"version": 1, "epochs": {}, "moves": {"../model-1.mpk": ".a.tmp"}, "leaves": []}"""
                    """{"version": 1, "epochs": {}, "moves": {}, "leaves": ["notes.txt"]}"""
                ] do
                inFolder (fun folder ->
                    let checkpointer = keepAll folder
                    save checkpointer 1 1.0f |> ignore
                    File.WriteAllText(Path.Combine(folder, "checkpoints.json"), text)

                    unchanged folder (fun () ->
                        error (Checkpoints.saveNow checkpointer quiet 2 Map.empty (all 2.0f)) |> ignore

                        Expect.equal
                            (newest checkpointer)
                            (Some(1, [ 1.0f; 1.0f; 1.0f ]))
                            "the files speak for themselves")))

        unix "links that lead elsewhere are not followed" (fun () ->
            inFolder (fun outside ->
                inFolder (fun folder ->
                    let checkpointer = keepAll folder
                    save checkpointer 1 1.0f |> ignore
                    let target = Path.Combine(outside, "precious.mpk")
                    File.Copy(Path.Combine(folder, "model-1.mpk"), target)

                    for kind in CheckpointKind.all do
                        let link = Path.Combine(folder, CheckpointKind.fileName "mpk" 5 kind)
                        File.CreateSymbolicLink(link, target) |> ignore

                    Expect.equal (ok (Checkpoints.epochs checkpointer)) [ 1 ] "no checkpoint of this folder"
                    error (Checkpoints.restoreNow checkpointer quiet 5 everything) |> ignore
                    ok (Checkpoints.deleteNow checkpointer 5)
                    let before = File.ReadAllBytes target
                    Expect.isTrue (save checkpointer 5 5.0f) "saved"
                    Expect.equal (restored checkpointer 5) [ 5.0f; 5.0f; 5.0f ] "in the folder"
                    expectBytes (File.ReadAllBytes target) before "and not elsewhere"

                    // beside itself a link is as good as a file
                    File.CreateSymbolicLink(Path.Combine(folder, "model-6.mpk"), "model-5.mpk")
                    |> ignore

                    Expect.equal
                        (ok (Checkpoints.restoreNow checkpointer quiet 6 [ wish CheckpointKind.Model ])
                         |> List.map first)
                        [ 5.0f ]
                        "followed"

                    File.Delete(Path.Combine(folder, "checkpoints.json"))
                    let log = Path.Combine(outside, "log.json")
                    File.WriteAllText(log, "{}")
                    File.CreateSymbolicLink(Path.Combine(folder, "checkpoints.json"), log) |> ignore
                    error (Checkpoints.saveNow checkpointer quiet 7 Map.empty (all 7.0f)) |> ignore
                    Expect.equal (File.ReadAllText log) "{}" "as it was")))
    ]

let tests = testList "Checkpoints that fail" failing
