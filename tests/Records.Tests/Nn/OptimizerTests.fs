/// Records of optimizers and schedulers as types: every Burn's layout, and the reference's bytes.
module Records.Tests.Nn.OptimizerTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests
open Records.Tests.Support

let private versions = [ for minor in 7..21 -> burn minor ]

let private schemaAt<'T> version =
    ok (Schemas.at (lazy Map.empty) Bind.schemas<'T>) version

// ---- states drawn at random, with what the Burn that they are written for has

let private tensor (random: Random) rank =
    let dims = [ for _ in 1..rank -> int64 (random.Next(1, 3)) ]
    f32 dims [ for _ in 1L .. List.fold (*) 1L dims -> single (random.NextDouble()) ]

let private maybe (random: Random) value =
    if random.Next 2 = 0 then None else Some(value ())

let private decay (random: Random) rank version : GradientDecay option =
    if version < burn 9 then
        maybe random (fun () -> { GradLastStep = tensor random rank })
    else
        None

let private adam (random: Random) version rank : AdamState =
    {
        WeightDecay = decay random rank version
        Momentum =
            {
                Time = uint64 (random.NextInt64())
                Moment1 = tensor random rank
                Moment2 = tensor random rank
                MaxMoment2 =
                    if version < burn 21 then
                        None
                    else
                        maybe random (fun () -> tensor random rank)
            }
    }

let private sgd (random: Random) version rank : SgdState =
    {
        WeightDecay = decay random rank version
        Momentum = maybe random (fun () -> { Velocity = tensor random rank })
    }

let private adaGrad (random: Random) _ rank : AdaGradState =
    { LrDecay = { Time = uint64 (random.Next()); Sum = tensor random rank } }

let private rmsProp (random: Random) _ rank : RmsPropState =
    {
        SquareAvg = { SquareAvg = tensor random rank }
        Centered = { GradAvg = maybe random (fun () -> tensor random rank); Avg = tensor random rank }
        Momentum = maybe random (fun () -> { Buf = tensor random rank })
    }

let private drawn (state: Random -> BurnVersion -> int -> 'State) seed version : OptimizerRecord<'State> =
    let random = Random(seed: int)

    {
        States =
            [
                for _ in 1 .. random.Next 4 do
                    let rank = random.Next((if version < burn 13 then 1 else 0), 5)

                    {
                        Id = ParamId.ofUInt64 (uint64 (random.NextInt64()))
                        Rank = rank
                        State = state random version rank
                    }
            ]
    }

let private law name (state: Random -> BurnVersion -> int -> 'State) =
    let cases =
        Gen.zip (Gen.choose (0, Int32.MaxValue)) (Gen.zip (Gen.elements versions) (Gen.elements Models.recorders))

    testPropertyWithConfig Generators.config $"{name}: what is written for any Burn is read back"
    <| Prop.forAll (Arb.fromGen cases) (fun (seed, (version, (_, recorder))) ->
        let record = drawn state seed version

        let recorder =
            recorder
            |> Recorder.schemas Bind.schemas<OptimizerRecord<'State>>
            |> Recorder.forBurn version

        let bytes = bytesOf (ok (Recorder.encode recorder (Bind.toDocument record)))
        let read: OptimizerRecord<'State> = ok (Bind.ofDocument (ok (Recorder.decode recorder (inputOf bytes))))
        Record.same (Bind.toRecord read) (Bind.toRecord record))

let private quiet = { Report = None; Token = token }

/// The typed record of a reference file in all formats, and its bytes again.
let private typed<'T> stem precision =
    for extension, recorder in Models.recorders do
        let path = Path.Combine(OracleTests.folder "write", $"{stem}.{extension}")
        let recorder = recorder |> Recorder.precision precision |> Recorder.schemas Bind.schemas<'T>
        let bytes = File.ReadAllBytes path
        let loaded: 'T = ok (Bind.ofDocument (ok (Recorder.decode recorder (inputOf bytes))))
        let again = bytesOf (ok (Recorder.encode recorder (Bind.toDocument loaded)))
        Files.expectFile extension again bytes $"{stem}.{extension}"

let private optimizers =
    [
        law "Adam" adam
        law "Sgd" sgd
        law "AdaGrad" adaGrad
        law "RMSProp" rmsProp

        test "the types are laid out as the table of every Burn has them" {
            for version in versions do
                let name = BurnVersion.text version
                let table kind = OptimizerTable.schema kind version

                Expect.equal
                    (schemaAt<OptimizerRecord<AdamState>> version)
                    (table OptimizerTable.OptimizerKind.Adam)
                    $"Adam {name}"

                Expect.equal
                    (schemaAt<OptimizerRecord<SgdState>> version)
                    (table OptimizerTable.OptimizerKind.Sgd)
                    $"Sgd {name}"

                Expect.equal
                    (schemaAt<OptimizerRecord<AdaGradState>> version)
                    (table OptimizerTable.OptimizerKind.AdaGrad)
                    $"AdaGrad {name}"

                Expect.equal
                    (schemaAt<OptimizerRecord<RmsPropState>> version)
                    (table OptimizerTable.OptimizerKind.RmsProp)
                    $"RMSProp {name}"
        }

        test "what the table says is what Burn had" {
            let ranks version =
                match OptimizerTable.schema OptimizerTable.OptimizerKind.Muon version with
                | Schema.Map(Schema.Enum [ "V1", Schema.Enum ranks ]) -> List.map fst ranks
                | _ -> []

            Expect.equal
                (List.head (ranks (burn 12)), List.head (ranks (burn 13)))
                ("Rank1", "Rank0")
                "Rank0 came in 0.13"

            let fields kind minor =
                match OptimizerTable.state kind (burn minor) with
                | Schema.Struct fields -> List.map fst fields
                | _ -> []

            Expect.equal (fields OptimizerTable.OptimizerKind.Adam 8) [ "weight_decay"; "momentum" ] "Adam 0.8"
            Expect.equal (fields OptimizerTable.OptimizerKind.Adam 9) [ "momentum" ] "Adam 0.9"
            Expect.equal (fields OptimizerTable.OptimizerKind.Sgd 8) [ "weight_decay"; "momentum" ] "Sgd 0.8"
        }

        for short, precision in Models.settings do
            testCase $"the reference's optim-adam.{short} is read as a type and written as the same bytes" (fun () ->
                typed<OptimizerRecord<AdamState>> $"optim-adam.{short}" precision)

        test "what an older Burn does not have is refused" {
            let state = adam (Random 1) (burn 21) 2
            let most = { state with Momentum = { state.Momentum with MaxMoment2 = Some state.Momentum.Moment1 } }

            let save minor rank (state: AdamState) =
                let record: OptimizerRecord<AdamState> =
                    { States = [ { Id = ParamId.ofUInt64 1UL; Rank = rank; State = state } ] }

                Recorder.bincode
                |> Recorder.schemas Bind.schemas<OptimizerRecord<AdamState>>
                |> Recorder.forBurn (burn minor)
                |> fun recorder -> Recorder.encode recorder (Bind.toDocument record)

            Expect.stringContains (RecordError.message (error (save 20 2 most))) "max_moment_2" "not before 0.21"
            Expect.stringContains (RecordError.message (error (save 12 0 state))) "Rank0" "not before 0.13"

            ok (save 20 2 { state with Momentum = { state.Momentum with MaxMoment2 = None } })
            |> ignore

            let ninth: OptimizerRecord<AdamState> =
                { States = [ { Id = ParamId.ofUInt64 1UL; Rank = 9; State = state } ] }

            Expect.throws (fun () -> Bind.toRecord ninth |> ignore) "Burn knows ranks up to 8"
        }

        test "states are found in a file that was read without a schema" {
            let record = drawn adam 4 (burn 21)
            let bytes = bytesOf (ok (Recorder.encode Recorder.namedMsgPack (Bind.toDocument record)))
            let root = (ok (Recorder.decode Recorder.namedMsgPack (inputOf bytes))).Root
            let entries = ok (OptimizerTree.entries root)
            let summary = [ for entry in entries -> entry.Id, entry.Rank ]
            Expect.equal summary [ for state in record.States -> state.Id, state.Rank ] "ids and ranks"
            let strange = Record.Struct [ { Name = "a"; Value = Record.Struct [ { Name = "V2"; Value = root } ] } ]
            Expect.equal (RecordError.message (error (OptimizerTree.entries strange))) "'a' is V2, expected V1." "V2"
        }
    ]

let private schedulers =
    let written = "a composed scheduler"

    let samples =
        [
            SchedulerRecord.Constant
            SchedulerRecord.Noam 1600UL
            SchedulerRecord.Linear 12UL
            SchedulerRecord.Cosine UInt64.MaxValue
            SchedulerRecord.Exponential 0.1
            SchedulerRecord.Exponential 0.015625
            SchedulerRecord.Step -1
            SchedulerRecord.Step 70000
            SchedulerRecord.Composed []
            SchedulerRecord.Composed
                [
                    SchedulerRecord.Linear 3UL
                    SchedulerRecord.Cosine UInt64.MaxValue
                    SchedulerRecord.Exponential 0.5
                    SchedulerRecord.Noam 0UL
                ]
        ]

    let read recorder kind bytes =
        let document = ok (Recorder.decode recorder (inputOf bytes))
        ok (SchedulerRecord.ofRecord kind document.Root)

    [
        for extension, recorder in Models.recorders do
            testCase $"schedulers are read from {extension} as they were written" (fun () ->
                for sample in samples do
                    let kind = SchedulerRecord.kind sample
                    let typed = Recorder.schema (SchedulerRecord.schema kind) recorder
                    let root = ok (SchedulerRecord.toRecord sample)
                    let bytes = bytesOf (ok (Recorder.encode recorder (documentOf root)))
                    Expect.equal (read typed kind bytes) sample "with its schema"

                    if not (extension.StartsWith "bin") then
                        Expect.equal (read recorder kind bytes) sample "without one")

        for stem, sample in
            [
                "scheduler-noam", SchedulerRecord.Noam 1600UL
                "scheduler-exp", SchedulerRecord.Exponential 0.015625
                "scheduler-step", SchedulerRecord.Step -1
                "scheduler-constant", SchedulerRecord.Constant
                "cosine-max", SchedulerRecord.Cosine UInt64.MaxValue
            ] do
            testCase $"the reference's {stem} is read as a type and written as the same bytes" (fun () ->
                for extension, recorder in Models.recorders do
                    let name = $"{stem}.full.{extension}"
                    let bytes = File.ReadAllBytes(Path.Combine(OracleTests.folder "write", name))
                    let kind = SchedulerRecord.kind sample
                    let recorder = Recorder.schema (SchedulerRecord.schema kind) recorder
                    Expect.equal (read recorder kind bytes) sample name
                    let root = ok (SchedulerRecord.toRecord sample)
                    Files.expectFile extension (bytesOf (ok (Recorder.encode recorder (documentOf root)))) bytes name)

        test "what Burn cannot compose is refused, and what is no scheduler is told" {
            let composed = SchedulerRecord.Composed [ SchedulerRecord.Noam 1UL; SchedulerRecord.Step 1 ]

            Expect.equal
                (RecordError.message (error (SchedulerRecord.toRecord composed)))
                "'schedulers.1': a composed scheduler cannot hold Step."
                written

            let text = Record.Scalar(Scalar.Text "x")

            let isWrong kind =
                (error (SchedulerRecord.ofRecord kind text)) |> RecordError.message

            Expect.equal (isWrong SchedulerKind.Noam) "The record is Text, expected a count of steps." "Noam"
            Expect.equal (isWrong SchedulerKind.Composed) "The record is Text, expected composed schedulers." "Composed"
        }
    ]

/// A training state as an F# user writes it.
[<Recorded; NoEquality; NoComparison>]
type private Training = { Model: StateTests.Layer; Optim: OptimizerRecord<AdamState>; Epoch: int; Scheduler: uint64 }

let tests =
    testList
        "Optimizers"
        [
            testList "optimizers" optimizers
            testList "schedulers" schedulers

            test "an optimizer's record is part of a training state" {
                let weight = Parameter(ParamId.ofUInt64 5UL, f32 [ 2L ] [ 1f; 2f ])

                let training: Training =
                    {
                        Model = { Weight = weight; Bias = None; Rate = 0.0 }
                        Optim = drawn adam 12 (burn 21)
                        Epoch = 3
                        Scheduler = UInt64.MaxValue
                    }

                inFolder (fun folder ->
                    for _, recorder in Models.recorders do
                        let recorder = Recorder.schemas Bind.schemas<Training> recorder
                        let place = File.at (Path.Combine(folder, "training"))
                        ok (Recorder.saveNow recorder place quiet (Bind.toDocument training))
                        let read: Training = ok (Bind.ofDocument (ok (Recorder.loadNow recorder quiet place)))
                        expectSame (Bind.toRecord read) (Bind.toRecord training) recorder.Name)
            }
        ]
