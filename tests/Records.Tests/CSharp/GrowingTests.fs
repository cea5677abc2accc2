/// C# types that grow: former names, what older files lack, versions and the ways between them.
module Records.Tests.CSharp.GrowingTests

open System
open System.IO
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

let private inFolder work =
    let folder = Directory.CreateTempSubdirectory "records-"

    try
        work (Path.Combine(folder.FullName, "file"))
    finally
        folder.Delete true

let private problem (work: unit -> 'T) =
    try
        work () |> ignore
        failtest "it was read"
    with :? RecordException as problem ->
        problem.Message

let private linear (layer: LinearRecord | null) =
    match layer with
    | null -> None
    | layer -> Some(layer.Weight.Id, List.ofArray (Weights.Floats layer.Weight.Value))

let private everyFormat name check =
    testList name [ for extension, recorder in recorders -> testCase extension (fun () -> inFolder (check recorder)) ]

let private first () =
    GrowingFirst(Linear.Init(2, 1), 3)

let tests =
    testList
        "growing in C#"
        [
            everyFormat "a file of version 1 loads into version 3 through both migrations" (fun recorder file ->
                let old = first().IntoRecord()
                recorder.Record(old, file) |> ignore
                let record = recorder.Load<GrowingRecord>(file, Device.Cpu)
                Expect.equal (Seq.length record.Layers) 1 "one layer"
                Expect.equal (linear (Seq.head record.Layers)) (linear old.Fc) "of version 1"
                let model = Growing.Init(1).LoadFile(file, recorder, Device.Cpu)
                Expect.equal model.Layers[0].Weight.Id old.Fc.Weight.Id "into a module"
                Expect.equal model.Rate 7 "whose constants stay")

            everyFormat "a file of version 2 takes one step, and one of version 3 none" (fun recorder file ->
                let old = GrowingSecond(Linear.Init(2, 1), Linear.Init(2, 1)).IntoRecord()
                recorder.Record(old, file) |> ignore
                let model = Growing.Init(2).LoadFile(file, recorder, Device.Cpu)
                Expect.equal model.Layers[1].Weight.Id old.Fc2.Weight.Id "both layers"
                recorder.Record(model.IntoRecord(), file) |> ignore
                let again = recorder.Load<GrowingRecord>(file, Device.Cpu)
                Expect.equal (linear again.Layers[1]) (linear old.Fc2) "version 3"
                use opened = recorder.Open<GrowingRecord>(file, Device.Cpu)
                Expect.equal opened.Record.Layers.Count 2 "opened")

            everyFormat "a file of a later version is an error that says so" (fun recorder file ->
                recorder.Record(Growing.Init(1).IntoRecord(), file) |> ignore
                let said = problem (fun () -> recorder.Load<GrowingSecondRecord>(file, Device.Cpu))

                Expect.equal
                    said
                    "the file has version 3 of GrowingSecond, and 2 is the newest that is known here."
                    "which type, which version")

            everyFormat "types inside have versions of their own" (fun recorder file ->
                let old =
                    GrownTowerFirst([| GrownBlockFirst(Weights.Of([| 1f |], 1L)); GrownBlockFirst(Weights.Of([| 2f |], 1L)) |], Linear.Init(1, 1))

                recorder.Record(old.IntoRecord(), file) |> ignore
                let record = recorder.Load<GrownTowerRecord>(file, Device.Cpu)

                Expect.equal
                    [ for block in record.Blocks -> List.ofArray (Weights.Floats block.Gain.Value) ]
                    [ [ 1f ]; [ 2f ] ]
                    "each block"

                recorder.Record(record, file) |> ignore
                let again = recorder.Load<GrownTowerRecord>(file, Device.Cpu)
                Expect.equal again.Blocks[1].Gain.Id record.Blocks[1].Gain.Id "newly written")

            everyFormat "a migration may be from a tree" (fun recorder file ->
                let old = RegrownFirst(Weights.Of([| 1f; 2f |], 2L)).IntoRecord()
                recorder.Record(old, file) |> ignore
                let record = recorder.Load<RegrownRecord>(file, Device.Cpu)
                Expect.equal record.Weights.Id old.W.Id "its parameter")

            everyFormat "a record that stores values has versions too" (fun recorder file ->
                recorder.Record(CountsFirst(3, 0.5), file) |> ignore
                Expect.equal (recorder.Load<Counts>(file, Device.Cpu)) (Counts(3L, 0.5, "from before")) "both steps"
                recorder.Record(Counts(4L, 0.25, "new"), file) |> ignore
                Expect.equal (recorder.Load<Counts>(file, Device.Cpu)) (Counts(4L, 0.25, "new")) "none"

                Expect.stringContains
                    (problem (fun () -> recorder.Load<CountsFirst>(file, Device.Cpu)))
                    "the file has version 3 of CountsFirst, and 1 is the newest"
                    "a type that never had another")

            testCase "F# and C# say the same of a version" (fun () ->
                inFolder (fun file ->
                    let recorder = Recorder.Bincode()
                    recorder.Record(GrownTowerFirst([||], null).IntoRecord(), file) |> ignore
                    let plain = Support.inputOf (File.ReadAllBytes(file + ".bin"))
                    let limits = Records.Core.Recorder.defaultLimits
                    Expect.isTrue (Support.ok (Records.Core.Inspect.input limits None plain)).Versions.IsEmpty "no trace"
                    recorder.Record(GrownTower([||], null).IntoRecord(), file) |> ignore
                    let grown = Support.inputOf (File.ReadAllBytes(file + ".bin"))

                    Expect.equal
                        (Support.ok (Records.Core.Inspect.input limits None grown)).Versions
                        (Map [ "blocks.*", 2 ])
                        "the annex of a bin, found without a schema"))

            testCase "a tree keeps the version of its file" (fun () ->
                inFolder (fun file ->
                    let recorder = Recorder.NamedMessagePack()
                    let old = GrowingSecond(Linear.Init(2, 1), null).IntoRecord()
                    recorder.Record(old, file) |> ignore
                    let tree = recorder.Load<RecordTree>(file, Device.Cpu)
                    let other = file + "-other"
                    recorder.Record(tree, other) |> ignore

                    Support.expectBytes
                        (File.ReadAllBytes(other + ".mpk"))
                        (File.ReadAllBytes(file + ".mpk"))
                        "annex and all"

                    Expect.equal (tree.As<GrowingRecord>().Layers.Count) 1 "and becomes the newest type"))

            testCase "a former name is read, both names are an error" (fun () ->
                for _, recorder in recorders |> List.filter (fun (extension, _) -> not (extension.StartsWith "bin")) do
                    inFolder (fun file ->
                        let old = OldNames(Linear.Init(2, 1)).IntoRecord()
                        recorder.Record(old, file) |> ignore
                        let there = NewNames(Linear.Init(2, 1), Linear.Init(3, 1))
                        let loaded = there.LoadFile(file, recorder, Device.Cpu)
                        Expect.equal loaded.Fc.Weight.Id old.Kernel.Weight.Id "under its old name"
                        Expect.equal loaded.Extra.Weight.Id there.Extra.Weight.Id "what it lacks stays"

                        let both = BothNames(Linear.Init(2, 1), Linear.Init(2, 1), Linear.Init(3, 1)).IntoRecord()
                        recorder.Record(both, file) |> ignore

                        Expect.equal
                            (problem (fun () -> recorder.Load<NewNamesRecord>(file, Device.Cpu)))
                            "'kernel' is there besides 'fc', its newer name, expected nothing there."
                            "both"

                        let tree = recorder.Load<RecordTree>(file, Device.Cpu)

                        Expect.stringContains
                            (problem (fun () -> tree.As<NewNamesRecord>()))
                            "'kernel' is there besides 'fc'"
                            "in a tree"))

            testCase "a record takes its own defaults for what a file lacks" (fun () ->
                for _, recorder in recorders |> List.filter (fun (extension, _) -> not (extension.StartsWith "bin")) do
                    inFolder (fun file ->
                        recorder.Record(OldCount(3, 0.125), file) |> ignore
                        let read = recorder.Load<NewCount>(file, Device.Cpu)
                        Expect.equal read (NewCount(3, 0.125, 8L, 0.5f, "none")) "step, decay and note"
                        recorder.Record(NewCount(1, 2.0, 3L, 4f, "n"), file) |> ignore
                        Expect.equal (recorder.Load<NewCount>(file, Device.Cpu)) (NewCount(1, 2.0, 3L, 4f, "n")) "none"))
        ]
