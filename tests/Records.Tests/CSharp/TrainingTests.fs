/// Optimizers and schedulers of Burn as types: what the reference writes, read and written again.
module Records.Tests.CSharp.TrainingTests

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open Expecto
open Records
open Records.Tests

let private program =
    match Environment.GetEnvironmentVariable "RECORDS_ORACLE" with
    | null
    | "" -> None
    | path -> Some path

let private written =
    lazy
        (let folder = Directory.CreateTempSubdirectory "records-training-"
         AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> folder.Delete true)

         for command in [ "training"; "write" ] do
             let info = ProcessStartInfo(Option.get program, [ command; Path.Combine(folder.FullName, command) ])
             info.RedirectStandardOutput <- true

             match Process.Start info with
             | null -> failtest "the reference did not start"
             | started ->
                 use reference = started
                 reference.StandardOutput.ReadToEnd() |> ignore
                 reference.WaitForExit()
                 Expect.equal reference.ExitCode 0 command

         folder.FullName)

let private folder name =
    if program.IsNone then
        skiptest "RECORDS_ORACLE names no reference program: tests/oracle/build.sh builds it"

    Path.Combine(written.Force(), name)

let private recorders =
    [
        "mpk", Recorder.NamedMessagePack()
        "mpk.gz", Recorder.NamedMessagePack().Gzip()
        "bin", Recorder.Bincode()
        "bin.gz", Recorder.Bincode().Gzip()
        "json", Recorder.PrettyJson()
        "json.gz", Recorder.PrettyJson().Gzip()
    ]
    // the reference's bytes, and no others
    |> List.map (fun (extension, recorder) -> extension, recorder.Unsealed())

let private settings =
    [
        "full", (fun (recorder: Recorder) -> recorder.FullPrecision())
        "half", (fun (recorder: Recorder) -> recorder.HalfPrecision())
        "double", (fun (recorder: Recorder) -> recorder.DoublePrecision())
    ]

let private bytesOf<'T when 'T :> IRecord<'T>> (recorder: FileRecorder) (record: 'T) =
    use stream = new MemoryStream()
    recorder.Record(record, stream)
    stream.ToArray()

let private again<'T when 'T :> IRecord<'T>> (reader: Recorder) (writer: Recorder) (path: string) =
    bytesOf writer (reader.Load<'T>(path, Device.Cpu))

let private versions =
    [ "0.8.0"; "0.11.1"; "0.12.1"; "0.13.2"; "0.14.0"; "0.16.1"; "0.17.0"; "0.20.1"; "0.21.0" ]

let private minor (version: string) = int (version.Split('.')[1])

/// A state that has no type of ours: Muon's.
let private muon =
    let state =
        RecordSchema.Struct(struct ("momentum", RecordSchema.Struct(struct ("velocity", RecordSchema.Tensor))))

    let ranks = RecordSchema.Enum [| for rank in 0..8 -> struct ($"Rank{rank}", state) |]
    RecordSchema.Map(RecordSchema.Enum(struct ("V1", ranks)))

let private kinds: (string * (Recorder -> Recorder -> string -> byte[]) * int) list =
    [
        "adam", again<AdamRecord>, 8
        "adamw", again<AdamWRecord>, 8
        "amsgrad", again<AdamRecord>, 8
        "sgd", again<SgdRecord>, 8
        "sgd-plain", again<SgdRecord>, 8
        "adagrad", again<AdaGradRecord>, 8
        "rmsprop", again<RmsPropRecord>, 8
        "rmsprop-centered", again<RmsPropRecord>, 8
        "composed", again<ComposedLrRecord>, 20
        "linear", again<LinearLrRecord>, 8
        "cosine", again<CosineAnnealingLrRecord>, 8
        "constant", again<ConstantLrRecord>, 8
        "exponential", again<ExponentialLrRecord>, 8
        "step", again<StepLrRecord>, 8
    ]

let private sameBytes =
    [
        for kind, again, since in kinds do
            for version in List.filter (fun version -> minor version >= since) versions do
                for short, setting in settings do
                    testCase
                        $"{kind} of Burn {version}, {short}, is read into its type and written as the same bytes"
                        (fun () ->
                            for extension, recorder in recorders do
                                let path =
                                    Path.Combine(folder "training", $"{kind}-v0.{minor version}.{short}.{extension}")

                                let recorder = setting recorder
                                let bytes = again recorder (recorder.ForBurn version) path
                                Files.expectFile extension bytes (File.ReadAllBytes path) extension)

        for version in [ "0.20.1"; "0.21.0" ] do
            for short, setting in settings do
                testCase
                    $"muon of Burn {version}, {short}, is read without a type and written as the same bytes"
                    (fun () ->
                        for extension, recorder in recorders do
                            let path = Path.Combine(folder "training", $"muon-v0.{minor version}.{short}.{extension}")
                            let recorder = setting recorder
                            let typed = recorder.WithSchema muon
                            let bytes = again<RecordTree> typed (typed.ForBurn version) path
                            Files.expectFile extension bytes (File.ReadAllBytes path) $"{extension}, with a schema"

                            if not (extension.StartsWith "bin") then
                                let bytes = again<RecordTree> recorder (recorder.ForBurn version) path
                                Files.expectFile extension bytes (File.ReadAllBytes path) $"{extension}, without")
    ]

let private layouts =
    test "the types are laid out as the table of every Burn has them" {
        for minor in 7..21 do
            let version = Core.BurnVersion.minor minor

            for schema, kind in
                [
                    AdamRecord.Schema, OptimizerTable.OptimizerKind.Adam
                    SgdRecord.Schema, OptimizerTable.OptimizerKind.Sgd
                    AdaGradRecord.Schema, OptimizerTable.OptimizerKind.AdaGrad
                    RmsPropRecord.Schema, OptimizerTable.OptimizerKind.RmsProp
                ] do
                Expect.equal (schema.At version) (OptimizerTable.schema kind version) $"{kind} of Burn 0.{minor}"
    }

let private checkpoint =
    [
        for short, setting in settings do
            testCase $"a checkpoint's optim-10 loads into a type and is saved back unchanged, {short}" (fun () ->
                for extension, recorder in recorders do
                    let path = Path.Combine(folder "write", $"optim-adam.{short}.{extension}")
                    let recorder = setting recorder

                    Files.expectFile
                        extension
                        (again<AdamRecord> recorder recorder path)
                        (File.ReadAllBytes path)
                        extension)

        testCase "a checkpoint folder of Burn's restores into types and is saved again as the same files" (fun () ->
            Support.inFolder (fun scratch ->
                for extension, recorder in recorders do
                    let theirs = Directory.CreateDirectory(Path.Combine(scratch, "theirs-" + extension)).FullName
                    let ours = Path.Combine(scratch, "ours-" + extension)

                    let files =
                        [
                            "mlp", $"model-10.{extension}"
                            "optim-adam", $"optim-10.{extension}"
                            "scheduler-noam", $"scheduler-10.{extension}"
                        ]

                    for stem, name in files do
                        File.Copy(
                            Path.Combine(folder "write", $"{stem}.full.{extension}"),
                            Path.Combine(theirs, name)
                        )

                    let epoch = Records.Samples.Checkpoints.CheckpointSamples.Again(theirs, ours, recorder)
                    Expect.equal epoch 10 "the newest"

                    for _, name in files do
                        Files.expectFile
                            extension
                            (File.ReadAllBytes(Path.Combine(ours, name)))
                            (File.ReadAllBytes(Path.Combine(theirs, name)))
                            name))

        for short, setting in settings do
            testCase $"the reference's kitchen loads into a type and is saved back unchanged, {short}" (fun () ->
                for extension, recorder in recorders do
                    let path = Path.Combine(folder "write", $"kitchen.{short}.{extension}")
                    let recorder = setting recorder
                    let bytes = again<Records.Samples.Kitchen> recorder recorder path
                    Files.expectFile extension bytes (File.ReadAllBytes path) extension)

        testCase "its schedulers too" (fun () ->
            let check stem (again: Recorder -> Recorder -> string -> byte[]) =
                for extension, recorder in recorders do
                    let path = Path.Combine(folder "write", $"{stem}.full.{extension}")

                    Files.expectFile
                        extension
                        (again recorder recorder path)
                        (File.ReadAllBytes path)
                        $"{stem}.{extension}"

            check "scheduler-noam" again<NoamLrRecord>
            check "scheduler-exp" again<ExponentialLrRecord>
            check "scheduler-step" again<StepLrRecord>
            check "scheduler-constant" again<ConstantLrRecord>
            check "cosine-max" again<CosineAnnealingLrRecord>)

        testCase "what they hold is what the reference wrote" (fun () ->
            let load stem = Path.Combine(folder "training", stem)
            let recorder = Recorder.NamedMessagePack()
            let adam = recorder.Load<AdamRecord>(load "amsgrad-v0.21.full", Device.Cpu)

            Expect.equal
                [ for state in adam.Values -> state.Rank ]
                [ 2; 1; 0 ]
                "a rank for each, in the order of the file"

            Expect.all
                adam.Values
                (fun state -> state.Time = 1600UL && state.MaxMoment2 <> null)
                "steps and the largest"

            let old = recorder.Load<AdamRecord>(load "adam-v0.8.full", Device.Cpu)
            Expect.all old.Values (fun state -> state.LastGradient <> null) "Burn 0.8 kept the gradient"
            Expect.equal (Seq.head old.Keys).Value (Nullable()) "and a UUID, which keeps its text"
            let plain = recorder.Load<SgdRecord>(load "sgd-plain-v0.21.full", Device.Cpu)

            Expect.equal
                [ for state in plain.Values -> state.Rank, isNull state.Velocity ]
                [ 2, true; 1, true; 0, true ]
                "no tensor says it"

            let ada = recorder.Load<AdaGradRecord>(load "adagrad-v0.21.full", Device.Cpu)
            Expect.equal [ for state in ada.Values -> state.Time ] [ 302UL; 301UL; 300UL ] "steps"
            let composed = recorder.Load<ComposedLrRecord>(load "composed-v0.21.full", Device.Cpu)

            Expect.equal
                (List.ofSeq composed.Schedulers)
                [
                    ComposedLrRecord.Scheduler.Linear 251UL
                    ComposedLrRecord.Scheduler.Cosine UInt64.MaxValue
                    ComposedLrRecord.Scheduler.Exponential 0.1
                    ComposedLrRecord.Scheduler.Noam 1600UL
                ]
                "in order"

            Expect.isFalse (CosineAnnealingLrRecord().HasBegun || StepLrRecord().HasBegun) "before the first step")
    ]

let private tensor (dims: int64 list) =
    Tensor.Of(Array.zeroCreate<single>(int (List.fold (*) 1L dims)), ReadOnlySpan(Array.ofList dims))

let private problems (work: unit -> 'T) =
    try
        work () |> ignore
        []
    with :? RecordException as problem ->
        [ for one in problem.Problems -> one.Message ]

let private states (pairs: (uint64 * 'S) list) =
    pairs |> List.map (fun (id, state) -> KeyValuePair(ParamId.Of id, state))

let private rules =
    [
        testCase "an optimizer's record is a dictionary in its own order" (fun () ->
            let record =
                AdamRecord(
                    states
                        [
                            9UL, AdamState(1UL, tensor [ 2L ], tensor [ 2L ])
                            1UL, AdamState(2UL, tensor [], tensor [])
                        ]
                )

            Expect.equal [ for id in record.Keys -> id.Value ] [ Nullable 9UL; Nullable 1UL ] "as given"
            Expect.equal (record.Item(ParamId.Of 1UL).Time) 2UL "by id"
            Expect.isTrue (record.ContainsKey(ParamId.Of 9UL)) "there"
            Expect.isFalse (fst (record.TryGetValue(ParamId.Of 2UL))) "not there"
            Expect.equal (string record) "AdamRecord of 2" "printed"

            Expect.throwsT<ArgumentException>
                (fun () ->
                    AdamRecord(states [ 1UL, record[ParamId.Of 1UL]; 1UL, record[ParamId.Of 1UL] ])
                    |> ignore)
                "an id twice")

        testCase "what an older Burn has no field for is an error, not lost" (fun () ->
            let amsgrad = AdamRecord(states [ 1UL, AdamState(1UL, tensor [ 2L ], tensor [ 2L ], tensor [ 2L ]) ])

            let old =
                AdamRecord(states [ 1UL, AdamState(1UL, tensor [ 2L ], tensor [ 2L ], LastGradient = tensor [ 2L ]) ])

            for _, recorder in recorders do
                Expect.equal
                    (problems (fun () -> bytesOf (recorder.ForBurn "0.20") amsgrad))
                    [
                        "'0400000000000.V1.Rank1.momentum.max_moment_2': that version has no such field, and it holds tensors."
                    ]
                    "the largest moment came with 0.21"

                Expect.equal
                    (problems (fun () -> bytesOf recorder old))
                    [ "'0400000000000.V1.Rank1.weight_decay': that version has no such field, and it holds tensors." ]
                    "the last gradient went with 0.9"

                Expect.isNonEmpty (bytesOf (recorder.ForBurn "0.8") old) "which 0.8 has")

        testCase "more dimensions than Burn has a case for are an error" (fun () ->
            let nine = tensor (List.replicate 9 1L)

            Expect.equal
                (problems (fun () ->
                    bytesOf (Recorder.NamedMessagePack()) (AdaGradRecord(states [ 1UL, AdaGradState(1UL, nine) ]))))
                [ "'0400000000000': Burn's optimizers keep states of at most 8 dimensions." ]
                "Rank8 is the last")

        testCase "a file whose rank is not its tensors' is refused" (fun () ->
            let folder = Directory.CreateTempSubdirectory "records-"

            try
                let path = Path.Combine(folder.FullName, "optim.json")

                let load item =
                    File.WriteAllText(path, $"""{{"metadata":{{}},"item":{item},"_b":null}}""")
                    problems (fun () -> Recorder.PrettyJson().Load<AdaGradRecord>(path, Device.Cpu))

                let sum = """{"bytes":[0,0,0,0],"shape":[1],"dtype":"F32"}"""
                let state = $"""{{"lr_decay":{{"time":1,"sum":{sum}}}}}"""
                Expect.equal (load $"""{{"a":{{"V1":{{"Rank1":{state}}}}}}}""") [] "the right one"

                Expect.equal
                    (load $"""{{"a":{{"V1":{{"Rank2":{state}}}}}}}""")
                    [ "'a.V1.Rank2' is of rank 1, expected Rank2." ]
                    "another"

                Expect.equal
                    (load """{"a":{"V1":{"Rank1":{"lr_decay":{"time":1}}}},"b":{"V1":{"Rank1":{}}}}""")
                    [
                        "'a.V1.Rank1.lr_decay.sum' is missing, expected a tensor."
                        "'b.V1.Rank1.lr_decay' is missing, expected a struct."
                    ]
                    "everything that is missing"
            finally
                folder.Delete true)

        testCase "a tree shows what a typed record holds" (fun () ->
            let record = AdamRecord(states [ 1UL, AdamState(3UL, tensor [ 2L ], tensor [ 2L ]) ])
            let tree = RecordTree.Of record
            Expect.equal tree.Kind RecordKind.Map "a map"
            let state = tree.Item("0400000000000").Item("V1").Item("Rank1")
            let momentum = state["momentum"]
            let time = momentum["time"]
            let largest = momentum["max_moment_2"]
            Expect.equal time.Scalar (box 3UL) "down to a number"

            Expect.equal (List.ofSeq momentum.Keys) [ "time"; "moment_1"; "moment_2"; "max_moment_2" ] "names in order"

            Expect.equal largest.Kind RecordKind.None "an option without a value"

            Expect.equal
                [ for pair in tree.Tensors -> pair.Key ]
                [ "0400000000000.V1.Rank1.momentum.moment_1"; "0400000000000.V1.Rank1.momentum.moment_2" ]
                "and every tensor"

            let typed = tree.As<AdamRecord>()
            Expect.equal (typed.Item(ParamId.Of 1UL).Time) 3UL "and back")
    ]

let tests =
    testList
        "training"
        [ layouts; testList "rules" rules; testList "checkpoint" checkpoint; testList "bytes" sameBytes ]
