module Records.Tests.CSharp.ContractTests

open System
open System.IO
open System.Threading
open Expecto
open Records

let private inFolder work =
    let folder = Directory.CreateTempSubdirectory "records-"

    try
        work folder.FullName
    finally
        folder.Delete true

/// Reports on the calling thread, which Progress does not.
type private Steps() =
    let steps = ResizeArray<RecordProgress>()
    member _.Seen = List.ofSeq steps

    interface IProgress<RecordProgress> with
        member _.Report step = lock steps (fun () -> steps.Add step)

let tests =
    testList
        "the contract"
        [
            test "whatever way a model is saved and loaded, it computes the same" {
                inFolder (fun folder ->
                    let steps = Steps()
                    let outputs = Contract.Promise.Everything(folder, steps, CancellationToken.None).Result
                    Expect.equal outputs.Length 11 "every way"

                    for output in outputs do
                        Expect.equal output outputs[0] "the same model"

                    let paths = [ for step in steps.Seen -> step.Path ] |> List.distinct
                    Expect.contains paths "fc1.weight" "progress names the tensor in hand"
                    Expect.equal (Directory.GetFiles folder).Length 2 "and no leftovers: model.mpk, model.mpk.gz")
            }

            test "every recorder has Burn's name, extension and metadata" {
                inFolder (fun folder ->
                    let seen =
                        [
                            for struct (name, file, metadata) in Contract.Promise.Recorders folder ->
                                let format =
                                    metadata.Format.Replace("burn_core::record::", "").Replace("settings::", "")

                                name, file, format, metadata.Float, metadata.Int, metadata.Version
                        ]

                    let burn name extension recorder settings =
                        let float, int =
                            match settings with
                            | "Full" -> "f32", "i32"
                            | "Half" -> "half::binary16::f16", "i16"
                            | _ -> "f64", "i64"

                        let format = $"file::{recorder}FileRecorder<{settings}PrecisionSettings>"
                        name, extension, format, float, int, "0.21.0"

                    let expected =
                        [
                            burn "NamedMpkFileRecorder" ".mpk" "NamedMpk" "Full"
                            burn "NamedMpkFileRecorder" ".mpk" "NamedMpk" "Half"
                            burn "NamedMpkFileRecorder" ".mpk" "NamedMpk" "Double"
                            burn "NamedMpkGzFileRecorder" ".mpk.gz" "NamedMpkGz" "Full"
                            burn "BinFileRecorder" ".bin" "Bin" "Full"
                            burn "BinGzFileRecorder" ".bin.gz" "BinGz" "Full"
                            burn "PrettyJsonFileRecorder" ".json" "PrettyJson" "Full"
                            burn "JsonGzFileRecorder" ".json.gz" "JsonGz" "Full"
                            burn "DefaultFileRecorder" ".mpk" "NamedMpk" "Half"
                            burn "DefaultRecorder" ".mpk" "NamedMpk" "Full"
                            burn "CompactRecorder" ".mpk" "NamedMpk" "Half"
                            burn "SensitiveCompactRecorder" ".bin.gz" "BinGz" "Half"
                            burn "NoStdTrainingRecorder" ".bin" "Bin" "Full"
                            burn "DebugRecorder" ".json" "PrettyJson" "Full"
                            burn "Recorder" ".bin" "Bin" "Half"
                            burn "Recorder" ".json.gz" "JsonGz" "Full"
                        ]

                    Expect.equal (List.take expected.Length seen) expected "as Burn would write it"

                    let _, _, _, _, _, version = seen[expected.Length]
                    Expect.equal version "0.20.0" "ForBurn says which")
            }

            test "a cancelled save leaves the old file and nothing else" {
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    let recorder = DefaultRecorder()
                    let model = Contract.Mlp.Init Device.Cpu
                    model.SaveFile(path, recorder)
                    let before = File.ReadAllBytes(path + ".mpk")
                    use stop = new CancellationTokenSource()

                    let stopInside =
                        { new IProgress<RecordProgress> with
                            member _.Report step =
                                if step.Bytes > 1000L then
                                    stop.Cancel()
                        }

                    let save () =
                        (Contract.Mlp.Init Device.Cpu)
                            .SaveFileAsync(path, recorder, stopInside, stop.Token)
                            .GetAwaiter()
                            .GetResult()

                    Expect.throwsT<OperationCanceledException> save "stopped on the way"
                    Expect.equal (File.ReadAllBytes(path + ".mpk")) before "the old file"
                    Expect.equal (Directory.GetFiles folder).Length 1 "alone")
            }
        ]
