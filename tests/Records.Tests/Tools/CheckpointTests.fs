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

let schema = Schema.Struct [ "weight", Schema.Param ]

let document (value: single) =
    documentOf (structOf [ "weight", parameter "0400000000000" (f32 [ 2L ] [ value; -2.5f ]) ])

let part kind value : CheckpointPart =
    { Kind = kind; Schema = Some(Schemas.Fixed(fun _ -> schema)); Document = document value }

let all value =
    [ for kind in CheckpointKind.all -> part kind value ]

let wish kind : CheckpointWish =
    { Kind = kind; Schema = Some(Schemas.Fixed(fun _ -> schema)) }

let everything = List.map wish CheckpointKind.all

let quiet: Watch = { Report = None; Token = token }

let keepAll folder =
    Checkpoints.at folder Recorder.namedMsgPack
    |> Checkpoints.keeping KeepPolicy.All

let loss value = Map [ "Loss", value ]

let save checkpointer epoch value =
    ok (Checkpoints.saveNow checkpointer quiet epoch Map.empty (all value))

let saveMeasured checkpointer epoch value =
    ok (Checkpoints.saveNow checkpointer quiet epoch (loss value) (all (single value)))

let first (document: Document) =
    match Record.tensors document.Root |> List.ofSeq with
    | [ _, tensor ] -> (ok (View.toArray<single> tensor.Bytes))[0]
    | _ -> failtest "one tensor"

let restored checkpointer epoch =
    ok (Checkpoints.restoreNow checkpointer quiet epoch everything)
    |> List.map first

let latest checkpointer wishes =
    ok (Checkpoints.restoreLatestNow checkpointer quiet wishes Ok)

let newest checkpointer =
    latest checkpointer everything
    |> Option.map (fun found -> found.Epoch, List.map first found.Value)

let files folder =
    Directory.GetFiles folder
    |> Array.map (fun path -> string (Path.GetFileName path))
    |> Array.sort
    |> List.ofArray

/// Everything in the folder, byte for byte.
let contents folder =
    [
        for path in Array.sort (Directory.GetFileSystemEntries folder) ->
            path,
            (if File.Exists path then
                 Convert.ToHexString(File.ReadAllBytes path)
             else
                 "a folder")
    ]

let unchanged folder work =
    let before = contents folder
    work ()
    Expect.equal (contents folder) before "the folder, byte for byte"

let namesOf epochs =
    [
        yield "checkpoints.json"
        for epoch in epochs do
            for kind in CheckpointKind.all do
                yield CheckpointKind.fileName "mpk" epoch kind
    ]
    |> List.sortWith (fun left right -> String.CompareOrdinal(left, right))

let expectFiles folder names message =
    Expect.equal
        (files folder
         |> List.sortWith (fun left right -> String.CompareOrdinal(left, right)))
        names
        message

let unix name work =
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

let tests = testList "Checkpoints" [ testList "saving" saving; sequences; watching; async ]
