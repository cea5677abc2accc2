/// [Record] types: what is stored with its value, in every format and setting.
module Records.Tests.CSharp.RecordTypeTests

open System
open System.Collections.Generic
open System.IO
open System.Text
open Expecto
open Records
open Records.Samples
open Records.Tests

let private recorders =
    [
        "mpk", Recorder.NamedMessagePack()
        "mpk.gz", Recorder.NamedMessagePack().Gzip()
        "bin", Recorder.Bincode()
        "bin.gz", Recorder.Bincode().Gzip()
        "json", Recorder.PrettyJson()
        "json.gz", Recorder.PrettyJson().Gzip()
    ]
    |> List.map (fun (extension, recorder) -> extension, recorder.Unsealed())

let private settings (recorder: Recorder) =
    [
        "full", recorder.FullPrecision()
        "half", recorder.HalfPrecision()
        "double", recorder.DoublePrecision()
    ]

let private bytesOf<'T when 'T :> IRecord<'T>> (recorder: FileRecorder) (record: 'T) =
    use stream = new MemoryStream()
    recorder.Record(record, stream)
    stream.ToArray()

let private inFolder work =
    let folder = Directory.CreateTempSubdirectory "records-"

    try
        work folder.FullName
    finally
        folder.Delete true

let private problems (work: unit -> 'T) =
    try
        work () |> ignore
        []
    with :? RecordException as problem ->
        [ for one in problem.Problems -> one.Message ]

let private kitchen = Support.golden "kitchen.full"

let private kitchens =
    [
        for extension, recorder in recorders do
            testCase $"the reference's kitchen.full.{extension} comes back byte for byte" (fun () ->
                let expected = File.ReadAllBytes $"{kitchen}.{extension}"
                let record = recorder.Load<Kitchen>($"{kitchen}.{extension}", Device.Cpu)
                Files.expectFile extension (bytesOf recorder record) expected "written again")

        testCase "the kitchen's values are what the reference wrote" (fun () ->
            for extension, recorder in recorders do
                let record = recorder.Load<Kitchen>($"{kitchen}.{extension}", Device.Cpu)
                Expect.isNull record.None "none"
                Expect.equal (record.List.Count, record.EmptyList.Length, record.Array.Length) (2, 0, 2) "lists"
                Expect.equal record.S "h\u00e9llo \"q\" \n/\u0001" "a text"
                Expect.equal (record.B, record.Single, record.Double) (true, 0.1f, 1e300) "numbers"
                Expect.equal (record.Us, record.U64, record.U32) (251un, 1UL <<< 40, 70000u) "without a sign"
                Expect.equal (record.U16, record.U8, record.Type) (250us, 200uy, 7uy) "small ones"
                Expect.equal (record.I64, record.I32, record.I16, record.I8) (-3L, 126, -126s, -5y) "with a sign"
                Expect.equal (float32 record.H, float32 record.Bf) (1.5f, -2.0f) "halves"
                Expect.equal (record.Neg, record.Big) (Int64.MinValue |> nativeint, UInt64.MaxValue) "the ends"
                Expect.equal record.OptNum (Nullable 5u) "an optional number"
                Expect.equal [ for pair in record.Map -> pair.Key, pair.Value ] [ "k", 300u ] "a map"
                Expect.equal (List.ofSeq record.RawTensor.Shape) [ 3L ] "a tensor without an id"
                Expect.equal record.Quant.Dtype Dtype.QFloat "a quantised one"

                match record.ActA, record.ActB with
                | :? KitchenActivation.Gelu, (:? KitchenActivation.PRelu as prelu) ->
                    Expect.isNotNull prelu.Value.Alpha "the variant's parameter"
                | other -> failtest $"{other}")
    ]

let private roundTrips =
    [
        for extension, recorder in recorders do
            for short, recorder in settings recorder do
                for version in [ "0.8"; "0.12"; "0.13"; "0.14"; "0.16"; "0.20"; "0.21" ] do
                    testCase $"a training state comes back from {short} {extension} of Burn {version}" (fun () ->
                        let recorder = recorder.ForBurn version
                        let state = TrainingState.Init()

                        // The newest of its fields is one that Burn 0.20 has no place for.
                        let state =
                            if version = "0.21" then
                                state
                            else
                                let states =
                                    state.Optim
                                    |> Seq.map (fun pair ->
                                        let kept = pair.Value
                                        KeyValuePair(pair.Key, AdamState(kept.Time, kept.Moment1, kept.Moment2)))

                                TrainingState(state.Model, AdamRecord states, state.Epoch, "a note")

                        inFolder (fun folder ->
                            let path = Path.Combine(folder, "state")
                            recorder.Record(state, path)
                            let loaded = recorder.Load<TrainingState>(path, Device.Cpu)
                            Expect.equal (loaded.Epoch, loaded.Note) (12, state.Note) "its numbers and texts"

                            Expect.equal
                                [
                                    for pair in loaded.Optim ->
                                        string pair.Key, pair.Value.Time, List.ofSeq pair.Value.Moment1.Shape
                                ]
                                [ string (ParamId.Of 7UL), 3UL, [ 2L; 3L ]; string (ParamId.Of 2UL), 3UL, [ 4L ] ]
                                "its optimizer, in order"

                            let written = File.ReadAllBytes $"{path}.{extension}"
                            Files.expectFile extension (bytesOf recorder loaded) written "written again"))

        testCase "every way to save and load takes it" (fun () ->
            inFolder (fun folder ->
                let state = TrainingState.Init()
                let recorder = NamedMpkFileRecorder<FullPrecisionSettings>()
                let path = Path.Combine(folder, "state")
                recorder.RecordAsync(state, path).Wait()
                Expect.equal (recorder.LoadAsync<TrainingState>(path, Device.Cpu).Result.Epoch) 12 "async"

                for mapped in [ false; true ] do
                    use opened = recorder.Open<TrainingState>(path, Device.Cpu, mapped)
                    Expect.equal opened.Record.Epoch 12 "opened"
                    Expect.equal (opened.Record.Optim[ParamId.Of 7UL].Moment1.ToArray().Length) 6 "and a tensor read"

                let bytes = BinBytesRecorder<HalfPrecisionSettings>()
                let loaded = bytes.Load<TrainingState>(bytes.Record state, Device.Cpu)
                Expect.equal (Unchecked.nonNull(loaded.Optim[ParamId.Of 2UL].MaxMoment2).Dtype) Dtype.F16 "bytes"

                let loaded =
                    bytes.LoadAsync<TrainingState>(ReadOnlyMemory(bytes.RecordAsync(state).Result), Device.Cpu)

                Expect.equal loaded.Result.Note null "bytes, async"))

        testCase "maps, tuples, arrays and enums come back" (fun () ->
            let shelf = Shelf.Init()

            for extension, recorder in recorders do
                let bytes = bytesOf recorder shelf
                use stream = new MemoryStream(bytes)

                inFolder (fun folder ->
                    let path = Path.Combine(folder, $"shelf.{extension}")
                    File.WriteAllBytes(path, bytes)
                    let loaded = recorder.Load<Shelf>(path, Device.Cpu)
                    Files.expectFile extension (bytesOf recorder loaded) bytes extension

                    Expect.equal
                        [ for pair in loaded.ById -> string pair.Key ]
                        [ "30b82c23-788d-4d63-a743-ada258d5f101" ]
                        "a UUID keeps its text"

                    Expect.equal
                        [ for pair in loaded.Grid -> pair.Key, pair.Value.Length ]
                        [ "b", 2; "a", 0 ]
                        "the order of the file"

                    Expect.equal
                        (List.ofSeq loaded.Rates, List.ofSeq loaded.Signed)
                        ([ 0.5; 0.25 ], [ -1n; nativeint Int64.MaxValue ])
                        "lists"

                    Expect.equal loaded.Count (Nullable 3un) "an optional number"
                    Expect.equal (loaded.Choice, loaded.Other) (shelf.Choice, shelf.Other) "enums equal by value"))
    ]

let private json (item: string) =
    Encoding.UTF8.GetBytes $"""{{"metadata":{{}},"item":{item},"_b":null}}"""

let private load<'T when 'T :> IRecord<'T>> (item: string) =
    inFolder (fun folder ->
        let path = Path.Combine(folder, "record.json")
        File.WriteAllBytes(path, json item)
        Recorder.PrettyJson().Load<'T>(path, Device.Cpu))

let private faults =
    [
        testCase "everything that is missing is told at once, with its path" (fun () ->
            Expect.equal
                (problems (fun () -> load<Readings> "{}"))
                [
                    "'epoch' is missing, expected I32."
                    "'small' is missing, expected U8."
                    "'rate' is missing, expected F64."
                    "'name' is missing, expected Text."
                    "'mean' is missing, expected a tensor."
                    "'map' is missing, expected a map."
                ]
                "")

        testCase "a number that does not fit is an error with its path" (fun () ->
            Expect.equal
                (problems (fun () -> load<Readings> """{"epoch": 4294967296}"""))
                [ "'epoch' holds 4294967296, which does not fit I32." ]
                ""

            Expect.equal
                (problems (fun () ->
                    load<Readings> """{"epoch": 1, "small": 2, "rate": 3, "name": "n", "map": {"k": 40000}}"""))
                [ "'map.k' holds 40000, which does not fit I16." ]
                "in a map")

        testCase "a text is no number" (fun () ->
            Expect.equal
                (problems (fun () -> load<Readings> """{"epoch": "one"}"""))
                [ "'epoch' is a text, expected I32." ]
                "")

        testCase "an untyped tree becomes a typed record, its numbers as wide as asked" (fun () ->
            let tensor = """{"bytes": [0, 0, 128, 63], "shape": [1], "dtype": "F32"}"""

            let tree =
                load<RecordTree>
                    $"""{{"epoch": 7, "small": 255, "rate": 1, "name": "n", "mean": {tensor}, "map": {{"b": -1, "a": 2}}}}"""

            let numbers = tree.As<Readings>()

            Expect.equal
                (numbers.Epoch, numbers.Small, numbers.Rate, numbers.Perhaps)
                (7, 255uy, 1.0, Nullable())
                "scalars"

            Expect.equal [ for pair in numbers.Map -> pair.Key, pair.Value ] [ "b", -1s; "a", 2s ] "in order"

            let tree =
                load<RecordTree> """{"epoch": 4294967296, "small": -1, "rate": true, "name": 3, "perhaps": 1.5}"""

            Expect.equal
                (problems tree.As<Readings>)
                [
                    "'epoch' holds 4294967296, which does not fit I32."
                    "'small' holds -1, which does not fit U8."
                    "'rate' is a scalar, expected F64."
                    "'name' is a scalar, expected Text."
                    "'perhaps' is a scalar, expected I32."
                    "'mean' is missing, expected a tensor."
                    "'map' is missing, expected a map."
                ]
                "all at once")

        testCase "a constructor is not called with what is not there" (fun () ->
            Expect.equal
                (problems (fun () -> load<Checked> """{"layer": {}}"""))
                [ "'name' is missing, expected Text." ]
                "its own checks would have failed")

        testCase "a null is not written" (fun () ->
            let numbers =
                Readings(
                    1,
                    2uy,
                    3.0,
                    Unchecked.defaultof<string>,
                    Nullable(),
                    Unchecked.defaultof<Tensor>,
                    Unchecked.defaultof<_>
                )

            Expect.equal
                (problems (fun () -> bytesOf (Recorder.NamedMessagePack()) numbers))
                [
                    "'name' is missing, expected Text."
                    "'mean' is missing, expected a tensor."
                    "'map' is missing, expected a map."
                ]
                "each is told")

        testCase "a record prints and compares as records do" (fun () ->
            Expect.equal (string (Choice.Number 1.5)) "Number { Value = 1.5 }" "its members"
            Expect.equal (Choice.Text "a") (Choice.Text "a") "by value"
            let state = TrainingState.Init()
            Expect.stringStarts (string state) "TrainingState { Model = MlpRecord {" "and what they hold"
            Expect.stringContains (string state) "Optim = AdamRecord of 2, Epoch = 12" "without printing every tensor")
    ]

let tests =
    testList "records" [ testList "kitchen" kitchens; testList "round trips" roundTrips; testList "faults" faults ]
