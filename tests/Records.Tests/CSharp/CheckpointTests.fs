/// FileCheckpointer as a learner uses it.
module Records.Tests.CSharp.CheckpointTests

open System
open System.IO
open System.Threading
open Expecto
open Records
open Records.Samples.Checkpoints
open Records.Tests
open Records.Tests.Support

let private names folder =
    Directory.GetFiles folder
    |> Array.map (fun path -> string (Path.GetFileName path))
    |> Array.sort
    |> List.ofArray

let private problem (found: RecordProblem | null) =
    match found with
    | null -> failtest "nothing was wrong"
    | found -> found

let private nobody =
    { new IProgress<RecordProgress> with
        member _.Report _ = ()
    }

let tests =
    testList
        "FileCheckpointer"
        [
            testCase "every verb saves and restores" (fun () ->
                inFolder (fun folder ->
                    let found = CheckpointSamples.Everything(folder, nobody, CancellationToken.None).Result

                    Expect.equal
                        (List.ofArray found)
                        [ 1.0f; 2.0f; 2.0f; 1.0f; 2.0f; 1.0f; 15.0f; 14.0f; 15.0f; 14.0f; 14.0f; 13.0f ]
                        "what was saved"))

            testCase "a run goes on where it stopped, and keeps the best of both" (fun () ->
                inFolder (fun folder ->
                    let folder = Path.Combine(folder, "checkpoint")
                    Expect.equal (CheckpointSamples.Train(folder, 3.0, 1.0, 2.0)) 0 "from the beginning"
                    Expect.equal (CheckpointSamples.Train(folder, 2.5, 2.4)) 3 "from the third"

                    Expect.equal
                        (List.ofSeq (CheckpointSamples.In(folder).Epochs))
                        [ 2; 4; 5 ]
                        "the last two and the best"

                    File.Delete(Path.Combine(folder, "scheduler-5.mpk"))
                    Expect.equal (CheckpointSamples.Train(folder, 0.5)) 4 "the newest that is whole"
                    Expect.equal (List.ofSeq (CheckpointSamples.In(folder).Epochs)) [ 4; 5 ] "the best is the last"))

            testCase "a fault names the part, and leaves the folder as it was" (fun () ->
                inFolder (fun folder ->
                    let missing = problem (CheckpointSamples.SaveWithout folder)

                    Expect.equal
                        (missing.Kind, missing.Path)
                        (RecordErrorKind.Missing, "optim.weight")
                        "what is missing"

                    Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing was written"
                    CheckpointSamples.Train(folder, 1.0) |> ignore
                    let before = names folder
                    let large = problem (CheckpointSamples.SaveTooLarge(folder, 2))

                    Expect.equal
                        (large.Problems[0].Kind, large.Problems[0].Path)
                        (RecordErrorKind.OutOfRange, "optim.weight")
                        "what does not fit"

                    Expect.equal (names folder) before "the same files"
                    let other = problem (CheckpointSamples.RestoreOther(folder, 1))
                    Expect.equal other.Path "optim" "another record"))

            testCase "policies that keep nothing are refused when they are said" (fun () ->
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> CheckpointPolicy.KeepLast 0 |> ignore) "none"
                Expect.throwsT<ArgumentException> (fun () -> CheckpointPolicy.Composed [||] |> ignore) "none"
                Expect.equal CheckpointSamples.Policies.Length 6 "the others are fine")

            testCase "a checkpoint of Burn is restored and saved back unchanged" (fun () ->
                match Environment.GetEnvironmentVariable "RECORDS_ORACLE" with
                | null
                | "" -> skiptest "RECORDS_ORACLE names no reference program: tests/oracle/build.sh builds it"
                | program ->
                    inFolder (fun folder ->
                        use writer = Diagnostics.Process.Start(program, [ "write"; folder ])
                        writer.WaitForExit()

                        for extension, recorder in Models.recorders do
                            let checkpoint = Path.Combine(folder, "of-" + extension)
                            let again = Path.Combine(folder, "again-" + extension)
                            Directory.CreateDirectory checkpoint |> ignore

                            let parts =
                                [
                                    Core.CheckpointKind.Model, "mlp"
                                    Core.CheckpointKind.Optim, "optim-adam"
                                    Core.CheckpointKind.Scheduler, "scheduler-noam"
                                ]

                            let wishes: Core.CheckpointWish list =
                                [
                                    for kind, stem in parts do
                                        let name = Core.CheckpointKind.fileName extension 10 kind

                                        File.Copy(
                                            Path.Combine(folder, $"{stem}.full.{extension}"),
                                            Path.Combine(checkpoint, name)
                                        )

                                        let schema =
                                            Models.models @ Models.schedulers |> List.find (fst >> (=) stem) |> snd

                                        {
                                            Core.CheckpointWish.Kind = kind
                                            Core.CheckpointWish.Schema = Some(Core.Schemas.Fixed(fun _ -> schema))
                                        }
                                ]

                            let watch = { Core.Watch.Report = None; Core.Watch.Token = token }
                            let from = Core.Checkpoints.at checkpoint recorder

                            match ok (Core.Checkpoints.restoreLatestNow from watch wishes Ok) with
                            | None -> failtest "the checkpoint"
                            | Some found ->
                                let parts: Core.CheckpointPart list =
                                    [
                                        for wish, document in List.zip wishes found.Value ->
                                            {
                                                Core.CheckpointPart.Kind = wish.Kind
                                                Core.CheckpointPart.Schema = wish.Schema
                                                Core.CheckpointPart.Document = document
                                            }
                                    ]

                                Expect.isTrue
                                    (ok (
                                        Core.Checkpoints.saveNow
                                            (Core.Checkpoints.at again recorder)
                                            watch
                                            found.Epoch
                                            Map.empty
                                            parts
                                    ))
                                    "saved"

                            for kind in Core.CheckpointKind.all do
                                let name = Core.CheckpointKind.fileName extension 10 kind

                                let bytes folder =
                                    File.ReadAllBytes(Path.Combine(folder, name))

                                Files.expectFile extension (bytes again) (bytes checkpoint) name))
        ]
