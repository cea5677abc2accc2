/// Integers in files of Burn up to 0.13, which do not say what they are: a module that holds integers gets them.
module Records.Tests.Tensor.UndecidedTests

open System
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support

type Counted = { Weight: Parameter; Steps: Parameter }

let private id = ParamId "0400000000000"

let private modelOf float int count =
    let zero dtype shape =
        let size = int64 (Dtype.size dtype).Value * Shape.count shape
        Parameter(id, ok (TensorData.create dtype shape (memory (Array.zeroCreate (int32 size)))))

    { Weight = zero float (shapeOf [ 2L ]); Steps = zero int (shapeOf [ count ]) }

let private saved (burn: BurnVersion) precision (recorder: Recorder) (steps: int64[]) =
    let weight = f32 [ 2L ] [ 0.5f; -1f ]
    let steps = ok (View.tensor Dtype.I64 [ int64 steps.Length ] steps)
    let root = structOf [ "weight", Record.Param(id, weight); "steps", Record.Param(id, steps) ]

    let recorder =
        recorder
        |> Recorder.precision precision
        |> Recorder.forBurn burn
        |> Recorder.schema Bind.schema<Counted>

    // read as any reader would: the file says what wrote it
    bytesOf (ok (Recorder.encode recorder (documentOf root))), { recorder with Burn = None }

let private load (recorder: Recorder) (bytes: byte[]) model =
    Recorder.decode recorder (inputOf bytes)
    |> Result.bind (fun document ->
        // held, as a loaded file is
        let root = Record.mapTensors (fun _ data -> View.hold data) document.Root
        Bind.load Bind.strict root model)

let private numbers = [| 3L; 0L; 127L; 250L; 300L; 30000L |]
let private signed = [| 3L; -1L; 0L; 127L; -128L; 30000L; -32768L; 32767L |]

let tests =
    testList
        "Undecided"
        [
            for extension, recorder in Models.recorders do
                testCase $"ints of every old Burn and setting reach a module of ints, from {extension}" (fun () ->
                    for minor in [ 7; 8; 11; 12; 13; 14; 20; 21 ] do
                        for precision in [ Precision.Full; Precision.Half; Precision.Double ] do
                            for steps in [ numbers; signed; [| 0L; -1L; 0L |]; [| 1L |]; [||] ] do
                                let bytes, recorder = saved (burn minor) precision recorder steps

                                for dtype in [ Dtype.I64; Dtype.I32; Dtype.I16 ] do
                                    let model = modelOf Dtype.F32 dtype steps.LongLength
                                    let loaded = ok (load recorder bytes model)
                                    let wide = ok (Cast.tensor [] false Dtype.I64 loaded.Steps.Value)

                                    Expect.equal
                                        (ok (View.toArray<int64> wide.Bytes))
                                        steps
                                        $"0.{minor} {precision} to {dtype}"

                                    let weight = ok (View.toArray<single> loaded.Weight.Value.Bytes)
                                    Expect.equal weight [| 0.5f; -1f |] "floats stay floats")

            testCase "ints of older Burns reach a C# module of ints" (fun () ->
                for burn in [ "0.8"; "0.11"; "0.12"; "0.13"; "0.14"; "0.21" ] do
                    for bincode in [ true; false ] do
                        let through =
                            [
                                Records.Samples.OldInts.Through<Records.FullPrecisionSettings>(burn, bincode)
                                Records.Samples.OldInts.Through<Records.HalfPrecisionSettings>(burn, bincode)
                                Records.Samples.OldInts.Through<Records.DoublePrecisionSettings>(burn, bincode)
                            ]

                        Expect.allEqual through [| 3; -1; 300 |] $"{burn}, bincode: {bincode}")

            testCase "floats that are not whole, or too large, are no ints" (fun () ->
                let old, recorder = saved (burn 11) Precision.Full Recorder.namedMsgPack [| 1L |]

                // the weights where the ints should be
                let fault model =
                    match load recorder old model with
                    | Error(RecordError.OutOfRange([ "weight" ], count, value, target)) -> count, value, target
                    | other -> failtest $"{other}"

                Expect.equal (fault (modelOf Dtype.I32 Dtype.I32 1L)) (1L, "0.5", "I32") "a half"

                let old, recorder = saved (burn 11) Precision.Full Recorder.bincode [| 40000L; 2147483647L |]

                match load recorder old (modelOf Dtype.F32 Dtype.I16 2L) with
                | Error(RecordError.OutOfRange([ "steps" ], 2L, "40000", "I16")) -> ()
                | other -> failtest $"{other}"

                // an int beyond 2^24 was rounded when it was written
                match load recorder old (modelOf Dtype.F32 Dtype.I32 2L) with
                | Error(RecordError.OutOfRange([ "steps" ], 1L, _, "I32")) -> ()
                | other -> failtest $"{other}")

            testCase "a file that says what its numbers are is taken at its word" (fun () ->
                for minor in [ 12; 14; 21 ] do
                    let bytes, recorder = saved (burn minor) Precision.Full Recorder.namedMsgPack [| 1L |]

                    match load recorder bytes (modelOf Dtype.I32 Dtype.I32 1L) with
                    | Error(RecordError.Mismatch([ "weight" ], _, _)) -> ()
                    | other -> failtest $"{other}"

                    match load recorder bytes (modelOf Dtype.F32 Dtype.F32 1L) with
                    | Error(RecordError.Mismatch([ "steps" ], _, _)) -> ()
                    | other -> failtest $"{other}")
        ]
