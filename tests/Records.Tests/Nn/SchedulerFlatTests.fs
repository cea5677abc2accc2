module Records.Tests.Nn.SchedulerFlatTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private cases =
    [
        SchedulerRecord.Constant, []
        SchedulerRecord.Noam 12UL, [ "0.step", Scalar.F64 12. ]
        SchedulerRecord.Linear 3UL, [ "0.remaining_iters", Scalar.U64 3UL ]
        SchedulerRecord.Cosine UInt64.MaxValue, [ "0.current_iter", Scalar.U64 UInt64.MaxValue ]
        SchedulerRecord.Exponential 0.25, [ "0.previous_lr", Scalar.F64 0.25 ]
        SchedulerRecord.Step -1, [ "0.iter_idx", Scalar.I64 -1L ]
        SchedulerRecord.Composed [ SchedulerRecord.Linear 4UL; SchedulerRecord.Exponential 0.5 ],
        [ "0.0.remaining_iters", Scalar.U64 4UL; "0.1.previous_lr", Scalar.F64 0.5 ]
    ]

let tests =
    testList
        "SchedulerFlat"
        [
            for scheduler, scalars in cases do
                testCase $"{SchedulerRecord.kind scheduler} by Burn's names, and back" (fun () ->
                    let flat = SchedulerFlat.ofScheduler scheduler
                    Expect.equal flat.Scalars scalars "the numbers"
                    Expect.equal (ok (SchedulerFlat.toScheduler flat)) scheduler "back"

                    // through a file
                    let document = documentOf (Flat.toRecord flat)
                    let bytes = bytesOf (ok (Burnpack.codec.Encode { Burn = Burnpack.latest } document))
                    let read = ok (Burnpack.codec.Decode (contextOf None) (inputOf bytes))

                    Expect.equal
                        (ok (SchedulerFlat.toScheduler (ok (Flat.ofRecord read.Root))))
                        scheduler
                        "from a file"

                    // and the kind is among those that its record may be of
                    let record = ok (SchedulerRecord.toRecord scheduler)
                    Expect.contains (SchedulerFlat.kinds record) (SchedulerRecord.kind scheduler) "the kinds")

                testCase $"{SchedulerRecord.kind scheduler} through the codec for it" (fun () ->
                    let codec = SchedulerFlat.codec (SchedulerRecord.kind scheduler) Burnpack.codec
                    let record = ok (SchedulerRecord.toRecord scheduler)
                    let bytes = bytesOf (ok (codec.Encode { Burn = Burnpack.latest } (documentOf record)))
                    let schema = Some(SchedulerRecord.schema (SchedulerRecord.kind scheduler))
                    expectSame (ok (codec.Decode (contextOf schema) (inputOf bytes))).Root record "read back"
                    let named = ok (Burnpack.codec.Decode (contextOf None) (inputOf bytes))
                    Expect.equal (ok (Flat.ofRecord named.Root)).Scalars scalars "by Burn's names"

                    let other =
                        if SchedulerRecord.kind scheduler = SchedulerKind.Step then
                            SchedulerKind.Noam
                        else
                            SchedulerKind.Step

                    error ((SchedulerFlat.codec other Burnpack.codec).Decode (contextOf None) (inputOf bytes))
                    |> ignore)

            testCase "without a group of parameters it is the same" (fun () ->
                let flat = { Tensors = []; Scalars = [ "current_iter", Scalar.U64 5UL ] }
                Expect.equal (ok (SchedulerFlat.toScheduler flat)) (SchedulerRecord.Cosine 5UL) "saved by hand")

            testCase "Burn's file is a cosine" (fun () ->
                let bytes = File.ReadAllBytes(Path.Combine(root, "tests", "golden", "burnpack", "cosine.bpk"))
                let read = ok (Burnpack.codec.Decode (contextOf None) (inputOf bytes))
                let scheduler = ok (SchedulerFlat.toScheduler (ok (Flat.ofRecord read.Root)))
                Expect.equal scheduler (SchedulerRecord.Cosine 11UL) "at its step")

            testCase "a sequence, another name or half a step is an error" (fun () ->
                for scalars in
                    [
                        [ "0.step", Scalar.U64 1UL; "0.0.current_iter", Scalar.U64 1UL ]
                        [ "0.other", Scalar.U64 1UL ]
                        [ "0.step", Scalar.F64 0.5 ]
                        [ "0.iter_idx", Scalar.U64 5_000_000_000UL ]
                        [ "0.remaining_iters", Scalar.F64 1. ]
                    ] do
                    error (SchedulerFlat.toScheduler { Tensors = []; Scalars = scalars }) |> ignore)
        ]
