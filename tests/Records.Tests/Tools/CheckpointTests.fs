/// Checkpoints on disk: whole or not there, whatever happens.
module Records.Tests.Tools.CheckpointTests

open System
open System.IO
open System.Threading
open Expecto
open FsCheck.FSharp
open Records.Core
open Records.Tests
open Records.Tests.Support

let private schema = Schema.Struct [ "weight", Schema.Param ]

let private document (value: single) =
    documentOf (structOf [ "weight", parameter "0400000000000" (f32 [ 2L ] [ value; -2.5f ]) ])

let private part kind value : CheckpointPart =
    { Kind = kind; Schema = Some(Schemas.Fixed(fun _ -> schema)); Document = document value }

let private all value =
    [ for kind in CheckpointKind.all -> part kind value ]

let private wish kind : CheckpointWish =
    { Kind = kind; Schema = Some(Schemas.Fixed(fun _ -> schema)) }

let private everything = List.map wish CheckpointKind.all

let private quiet: Watch = { Report = None; Token = token }

let private keepAll folder =
    Checkpoints.at folder Recorder.namedMsgPack
    |> Checkpoints.keeping KeepPolicy.All

let private loss value = Map [ "Loss", value ]

let private save checkpointer epoch value =
    ok (Checkpoints.saveNow checkpointer quiet epoch Map.empty (all value))

let private saveMeasured checkpointer epoch value =
    ok (Checkpoints.saveNow checkpointer quiet epoch (loss value) (all (single value)))

let private first (document: Document) =
    match Record.tensors document.Root |> List.ofSeq with
    | [ _, tensor ] -> (ok (View.toArray<single> tensor.Bytes))[0]
    | _ -> failtest "one tensor"

let private restored checkpointer epoch =
    ok (Checkpoints.restoreNow checkpointer quiet epoch everything)
    |> List.map first

let private latest checkpointer wishes =
    ok (Checkpoints.restoreLatestNow checkpointer quiet wishes Ok)

let private newest checkpointer =
    latest checkpointer everything
    |> Option.map (fun found -> found.Epoch, List.map first found.Value)

let private files folder =
    Directory.GetFiles folder
    |> Array.map (fun path -> string (Path.GetFileName path))
    |> Array.sort
    |> List.ofArray

/// Everything in the folder, byte for byte.
let private contents folder =
    [
        for path in Array.sort (Directory.GetFileSystemEntries folder) ->
            path,
            (if File.Exists path then
                 Convert.ToHexString(File.ReadAllBytes path)
             else
                 "a folder")
    ]

let private unchanged folder work =
    let before = contents folder
    work ()
    Expect.equal (contents folder) before "the folder, byte for byte"

let private namesOf epochs =
    [
        yield "checkpoints.json"
        for epoch in epochs do
            for kind in CheckpointKind.all do
                yield CheckpointKind.fileName "mpk" epoch kind
    ]
    |> List.sortWith (fun left right -> String.CompareOrdinal(left, right))

let private expectFiles folder names message =
    Expect.equal
        (files folder
         |> List.sortWith (fun left right -> String.CompareOrdinal(left, right)))
        names
        message

let private unix name work =
    if OperatingSystem.IsWindows() then
        ptestCase name work
    else
        testCase name work

let private saving =
    [
        testCase "files have Burn's names, and are what the recorder writes" (fun () ->
            inFolder (fun folder ->
                let folder = Path.Combine(folder, "run", "checkpoint")
                let checkpointer = keepAll folder
                Expect.isTrue (save checkpointer 3 1.5f) "saved"
                expectFiles folder (namesOf [ 3 ]) "and no other"

                ok (
                    Recorder.saveNow
                        Recorder.namedMsgPack
                        (File.at (Path.Combine(folder, "alone")))
                        quiet
                        (document 1.5f)
                )

                for name in [ "model-3.mpk"; "optim-3.mpk"; "scheduler-3.mpk" ] do
                    expectBytes
                        (File.ReadAllBytes(Path.Combine(folder, name)))
                        (File.ReadAllBytes(Path.Combine(folder, "alone.mpk")))
                        name))

        testCase "what was saved is restored, in every format" (fun () ->
            for recorder in
                [ Recorder.namedMsgPack; Recorder.bincode; Recorder.prettyJson; Recorder.gzip Recorder.bincode ] do
                inFolder (fun folder ->
                    let checkpointer = Checkpoints.at folder recorder
                    save checkpointer 1 0.5f |> ignore
                    Expect.equal (restored checkpointer 1) [ 0.5f; 0.5f; 0.5f ] recorder.Name
                    Expect.equal (ok (Checkpoints.epochs checkpointer)) [ 1 ] "the epoch"))

        testCase "the default policy keeps the last two and the best, across restarts" (fun () ->
            inFolder (fun folder ->
                for epoch, value in List.indexed [ 3.0; 1.0; 2.0; 2.5; 2.4; 2.3 ] do
                    // as a program that starts again: nothing is known but the folder
                    let checkpointer = Checkpoints.at folder Recorder.namedMsgPack
                    Expect.isTrue (saveMeasured checkpointer (epoch + 1) value) "the last is kept"

                expectFiles folder (namesOf [ 2; 5; 6 ]) "2 is the best"))

        testCase "an epoch that would not be kept is not saved" (fun () ->
            inFolder (fun folder ->
                let best =
                    Checkpoints.at folder Recorder.namedMsgPack
                    |> Checkpoints.keeping (KeepPolicy.Best("Loss", MetricDirection.Lowest))

                Expect.isTrue (saveMeasured best 1 1.0) "the first"
                unchanged folder (fun () -> Expect.isFalse (saveMeasured best 2 2.0) "a worse one")
                Expect.isTrue (saveMeasured best 3 0.5) "a better one"
                expectFiles folder (namesOf [ 3 ]) "alone"))

        testCase "an epoch is replaced as a whole" (fun () ->
            inFolder (fun folder ->
                let checkpointer = keepAll folder
                save checkpointer 1 1.0f |> ignore

                ok (Checkpoints.saveNow checkpointer quiet 1 Map.empty [ part CheckpointKind.Model 2.0f ])
                |> ignore

                expectFiles folder [ "checkpoints.json"; "model-1.mpk" ] "no optimizer of another model"
                error (Checkpoints.restoreLatestNow checkpointer quiet everything Ok) |> ignore))

        testCase "names that merely look like checkpoints are left alone" (fun () ->
            inFolder (fun folder ->
                let others =
                    [
                        "model-01.mpk"
                        "model-1.mpk.bak"
                        "model-1.bin"
                        "model--1.mpk"
                        "model-1 .mpk"
                        "model-.mpk"
                        "model-99999999999.mpk"
                        "mymodel-1.mpk"
                        "Model-1.mpk"
                        "policy-1.mpk"
                        ".model-1.mpk.0123456789abcdef.tmp"
                        "notes.txt"
                    ]

                for name in others do
                    File.WriteAllText(Path.Combine(folder, name), name)

                Directory.CreateDirectory(Path.Combine(folder, "optim-1.mpk")) |> ignore

                let checkpointer =
                    Checkpoints.at folder Recorder.namedMsgPack
                    |> Checkpoints.keeping (KeepPolicy.Last 1)

                for epoch in 2..4 do
                    save checkpointer epoch 1.0f |> ignore

                ok (Checkpoints.deleteNow checkpointer 1)
                Expect.equal (ok (Checkpoints.epochs checkpointer)) [ 4 ] "one epoch"

                for name in others do
                    Expect.equal (File.ReadAllText(Path.Combine(folder, name))) name "as it was"))

        testCase "what makes no sense is refused before anything is written" (fun () ->
            inFolder (fun folder ->
                let refuse checkpointer epoch parts =
                    unchanged folder (fun () ->
                        error (Checkpoints.saveNow checkpointer quiet epoch Map.empty parts) |> ignore)

                refuse (keepAll folder) -1 (all 1.0f)
                refuse (keepAll folder) 1 []
                refuse (keepAll folder) 1 (all 1.0f @ all 2.0f)
                refuse (Checkpoints.keeping (KeepPolicy.Last 0) (keepAll folder)) 1 (all 1.0f)))
    ]

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

type private Step =
    | Saved of epoch: int * loss: float
    | Deleted of int

/// What is left after these steps, by the policy alone.
let private expected policy steps =
    let step (there: Map<int, float>, known: Map<int, Map<string, double>>) step =
        match step with
        | Deleted epoch -> Map.remove epoch there, Map.remove epoch known
        | Saved(epoch, value) ->
            let measured = known.Add(epoch, loss value)
            let kept = KeepPolicy.keeps policy measured (set there.Keys) epoch
            let stays epoch _ = kept.Contains epoch

            if kept.Contains epoch then
                Map.filter stays (there.Add(epoch, value)), Map.filter stays measured
            else
                there, known

    List.fold step (Map.empty, Map.empty) steps |> fst

let private steps =
    let saved =
        Gen.zip (Gen.choose (0, 6)) (Gen.choose (0, 5))
        |> Gen.map (fun (epoch, value) -> Saved(epoch, double value))

    Gen.frequency [ 5, saved; 1, Gen.choose (0, 6) |> Gen.map Deleted ]
    |> Gen.listOf

let private sequences =
    let policies =
        Gen.elements
            [
                KeepPolicy.burn
                KeepPolicy.Last 1
                KeepPolicy.Best("Loss", MetricDirection.Highest)
                KeepPolicy.All
            ]

    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with maxTest = 60 }
        "after any saves and deletes the folder is what the policy says, every checkpoint whole"
        (Prop.forAll (Arb.fromGen (Gen.zip policies steps)) (fun (policy, steps) ->
            inFolder (fun folder ->
                let options = { File.defaults with Durability = Durability.Renamed }

                for step in steps do
                    let checkpointer =
                        { Checkpoints.at folder Recorder.namedMsgPack with Policy = policy; Options = options }

                    match step with
                    | Saved(epoch, value) -> saveMeasured checkpointer epoch value |> ignore
                    | Deleted epoch -> ok (Checkpoints.deleteNow checkpointer epoch)

                let checkpointer = keepAll folder
                let left = expected policy steps
                Expect.equal (ok (Checkpoints.epochs checkpointer)) (List.ofSeq left.Keys) "the epochs"

                for epoch, value in Map.toList left do
                    Expect.equal (restored checkpointer epoch) (List.replicate 3 (single value)) $"epoch {epoch}")))

let private watching =
    testCase "progress counts over all files and names the part" (fun () ->
        inFolder (fun folder ->
            let checkpointer = keepAll folder
            let seen = ResizeArray<Progress>()
            let watch = { quiet with Report = Some seen.Add }
            ok (Checkpoints.saveNow checkpointer watch 1 Map.empty (all 1.0f)) |> ignore

            let size =
                Directory.GetFiles(folder, "*.mpk")
                |> Array.sumBy (fun path -> FileInfo(path).Length)

            Expect.equal (Seq.last seen).Bytes size "all bytes"

            Expect.equal
                [ for step in seen -> step.Bytes ]
                (List.sort [ for step in seen -> step.Bytes ])
                "never back"

            let parts =
                [ for step in seen -> step.Path |> Option.map List.head ]
                |> List.choose id
                |> List.distinct

            Expect.equal parts [ "model"; "optim"; "scheduler" ] "each part"
            seen.Clear()
            ok (Checkpoints.restoreNow checkpointer watch 1 everything) |> ignore
            Expect.equal ((Seq.last seen).Bytes, (Seq.last seen).Total) (size, Some size) "all bytes"))

let private async =
    testCase "the same on another thread" (fun () ->
        inFolder (fun folder ->
            let checkpointer = keepAll folder
            Expect.isTrue (ok (Checkpoints.save checkpointer token 1 Map.empty (all 1.0f)).Result) "saved"

            Expect.equal
                (ok (Checkpoints.restore checkpointer token 1 everything).Result
                 |> List.map first)
                [ 1.0f; 1.0f; 1.0f ]
                "restored"

            Expect.equal
                (ok (Checkpoints.restoreLatest checkpointer token everything).Result
                 |> Option.map _.Epoch)
                (Some 1)
                "the newest"

            ok (Checkpoints.delete checkpointer token 1).Result
            Expect.equal (ok (Checkpoints.epochs checkpointer)) [] "deleted"))

let tests =
    testList "Checkpoints" [ testList "saving" saving; testList "failing" failing; sequences; watching; async ]
