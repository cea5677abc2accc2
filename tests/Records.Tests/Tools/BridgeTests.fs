module Records.Tests.Tools.BridgeTests

open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private golden name =
    File.ReadAllBytes(Path.Combine(root, "tests", "golden", "burnpack", name))

let private unpack (bytes: byte[]) =
    ok (Burnpack.codec.Decode (contextOf None) (inputOf bytes))

let private pack document =
    bytesOf (ok (Burnpack.codec.Encode { Burn = Burnpack.latest } document))

let private mpk document =
    bytesOf (ok (MsgPack.codec.Encode { Burn = BurnVersion.latest } document))

let private unmpk (bytes: byte[]) =
    ok (MsgPack.codec.Decode (contextOf None) (inputOf bytes))

/// As a tool does it: every step through a file, nothing known but its bytes.
let private there kind bytes =
    pack (ok (Bridge.toBurnpack kind (unmpk bytes)))

let private back bytes =
    mpk (ok (Bridge.toRecorders (unpack bytes)))

let private schedulers =
    [
        SchedulerRecord.Constant
        SchedulerRecord.Noam 12UL
        SchedulerRecord.Linear 3UL
        SchedulerRecord.Cosine System.UInt64.MaxValue
        SchedulerRecord.Exponential 0.25
        SchedulerRecord.Step -1
        SchedulerRecord.Step 4
        SchedulerRecord.Composed [ SchedulerRecord.Linear 4UL; SchedulerRecord.Cosine 1UL ]
    ]

let tests =
    testList
        "Bridge"
        [
            testCase "an optimizer of Burn 0.22 becomes one of its recorders, and the same file again" (fun () ->
                let bytes = golden "adam.bpk"
                let recorded = ok (Bridge.toRecorders (unpack bytes))
                let entries = ok (OptimizerTree.entries recorded.Root)

                Expect.equal
                    [ for entry in entries -> entry.Id ]
                    [ ParamId.ofUInt64 42UL; ParamId.ofUInt64 7UL ]
                    "the parameters"

                expectBytes (there None (mpk recorded)) bytes "and back")

            for scheduler in schedulers do
                testCase $"{scheduler}: to burnpack and back" (fun () ->
                    let kind = SchedulerRecord.kind scheduler
                    let bytes = mpk (documentOf (ok (SchedulerRecord.toRecord scheduler)))
                    let packed = there (Some kind) bytes

                    Expect.equal
                        (ok (SchedulerFlat.toScheduler (ok (Flat.ofRecord (unpack packed).Root))))
                        scheduler
                        "by name"

                    if kind <> SchedulerKind.Constant then
                        expectBytes (back packed) bytes "the same file")

            testCase "a number that could be anyone's is asked about" (fun () ->
                let document = documentOf (Record.Scalar(Scalar.U64 3UL))

                Expect.stringContains
                    (RecordError.message (error (Bridge.toBurnpack None document)))
                    "Linear"
                    "the kinds"

                let packed = ok (Bridge.toBurnpack None (documentOf (Record.Scalar(Scalar.F64 0.5))))
                Expect.isTrue (Bridge.toRecorders packed).IsOk "a rate is an exponential's alone")

            testCase "models are what they were" (fun () ->
                let document = unpack (golden "0.20.bpk")
                expectSame (ok (Bridge.toRecorders document)).Root document.Root "from burnpack"
                expectSame (ok (Bridge.toBurnpack None document)).Root document.Root "to burnpack")
        ]
