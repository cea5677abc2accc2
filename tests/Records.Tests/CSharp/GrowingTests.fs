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

let private id (layer: Linear) = layer.Weight.Id.ToString()

let private everyFormat name check =
    testList name [ for extension, recorder in recorders -> testCase extension (fun () -> inFolder (check recorder)) ]

let private layer () = Linear.Init(2L, 1L)

let tests =
    testList
        "growing in C#"
        [
            everyFormat "a file of version 1 loads into version 3 through both migrations" (fun recorder file ->
                let old = GrowingFirst(layer (), 3)
                recorder.Record(old.IntoRecord(), file)
                let record = recorder.Load<GrowingRecord>(file, Device.Cpu)
                Expect.equal (Grown.Ids record) [| id old.Fc |] "the layer of version 1"
                let model = Growing.Init(1).LoadRecord(record)
                Expect.equal (id model.Layers[0]) (id old.Fc) "into a module"
                Expect.equal model.Rate 7 "whose constants stay")

            everyFormat "a file of version 2 takes one step, and one of version 3 none" (fun recorder file ->
                let first, second = layer (), layer ()
                recorder.Record(GrowingSecond(first, second).IntoRecord(), file)
                let model = Growing.Init(2).LoadRecord(recorder.Load<GrowingRecord>(file, Device.Cpu))
                Expect.equal (id model.Layers[1]) (id second) "both layers"
                recorder.Record(model.IntoRecord(), file)
                let ids = [| id first; id second |]
                Expect.equal (Grown.Ids(recorder.Load<GrowingRecord>(file, Device.Cpu))) ids "version 3"
                use opened = recorder.Open<GrowingRecord>(file, Device.Cpu)
                Expect.equal (Grown.Ids opened.Record) ids "opened")

            everyFormat "a file of a later version is an error that says so" (fun recorder file ->
                recorder.Record(Growing.Init(1).IntoRecord(), file)
                let said = problem (fun () -> recorder.Load<GrowingSecondRecord>(file, Device.Cpu))

                Expect.equal
                    said
                    "the file has version 3 of GrowingSecond, and 2 is the newest that is known here."
                    "which type, which version")

            everyFormat "types inside have versions of their own" (fun recorder file ->
                let block value =
                    GrownBlockFirst(Weights.Of([| value |], 1L))

                recorder.Record(GrownTowerFirst([| block 1f; block 2f |], layer ()).IntoRecord(), file)
                let record = recorder.Load<GrownTowerRecord>(file, Device.Cpu)
                Expect.equal (Grown.Gains record) [| 1f; 2f |] "each block"
                recorder.Record(record, file)
                let again = recorder.Load<GrownTowerRecord>(file, Device.Cpu)
                Expect.equal (Grown.Gains again) [| 1f; 2f |] "newly written")

            everyFormat "a version is found beside fields that have none" (fun recorder file ->
                let block value =
                    GrownBlock(Weights.Of([| value |], 1L), null)

                let model = Growing([| layer (); layer () |], [| block 3f; block 4f |], 7)
                recorder.Record(model.IntoRecord(), file)
                Expect.equal (Grown.Gains(recorder.Load<GrowingRecord>(file, Device.Cpu))) [| 3f; 4f |] "the blocks")

            everyFormat "a migration may be from a tree" (fun recorder file ->
                let old = RegrownFirst(Weights.Of([| 1f; 2f |], 2L))
                recorder.Record(old.IntoRecord(), file)
                let record = recorder.Load<RegrownRecord>(file, Device.Cpu)
                Expect.equal (Grown.Id record) (old.W.Id.ToString()) "its parameter")

            everyFormat "a record that stores values has versions too" (fun recorder file ->
                recorder.Record(CountsFirst(3, 0.5), file)
                Expect.equal (recorder.Load<Counts>(file, Device.Cpu)) (Counts(3L, 0.5, "from before")) "both steps"
                recorder.Record(Counts(4L, 0.25, "new"), file)
                Expect.equal (recorder.Load<Counts>(file, Device.Cpu)) (Counts(4L, 0.25, "new")) "none"

                let said = problem (fun () -> recorder.Load<CountsFirst>(file, Device.Cpu))
                Expect.stringStarts said "the file has version 3 of " "a type that never had another")

            testCase "F# and C# say the same of a version" (fun () ->
                inFolder (fun file ->
                    let recorder = Recorder.Bincode()
                    recorder.Record(GrownTowerFirst([||], null).IntoRecord(), file)
                    let plain = Support.inputOf (File.ReadAllBytes(file + ".bin"))
                    let limits = Records.Core.Recorder.defaultLimits

                    Expect.isTrue
                        (Support.ok (Records.Core.Inspect.input limits None plain)).Versions.IsEmpty
                        "no trace"

                    recorder.Record(GrownTower([||], null).IntoRecord(), file)
                    let grown = Support.inputOf (File.ReadAllBytes(file + ".bin"))

                    Expect.equal
                        (Support.ok (Records.Core.Inspect.input limits None grown)).Versions
                        (Map [ "blocks.*", 2 ])
                        "the annex of a bin, found without a schema"))

            testCase "a tree keeps the version of its file" (fun () ->
                inFolder (fun file ->
                    let recorder = Recorder.NamedMessagePack()
                    let old = GrowingSecond(layer (), null)
                    recorder.Record(old.IntoRecord(), file)
                    let tree = recorder.Load<RecordTree>(file, Device.Cpu)
                    let other = file + "-other"
                    recorder.Record(tree, other)

                    Support.expectBytes
                        (File.ReadAllBytes(other + ".mpk"))
                        (File.ReadAllBytes(file + ".mpk"))
                        "annex and all"

                    Expect.equal (Grown.Ids(tree.As<GrowingRecord>())) [| id old.Fc1 |] "and becomes the newest type"))

            testCase "a former name is read, both names are an error" (fun () ->
                for _, recorder in
                    recorders
                    |> List.filter (fun (extension, _) -> not (extension.StartsWith "bin")) do
                    inFolder (fun file ->
                        let old = OldNames(layer ())
                        recorder.Record(old.IntoRecord(), file)
                        let there = NewNames(layer (), layer ())
                        let loaded = there.LoadRecord(recorder.Load<NewNamesRecord>(file, Device.Cpu))
                        Expect.equal (id loaded.Fc) (id old.Kernel) "under its old name"
                        Expect.equal (id loaded.Extra) (id there.Extra) "what it lacks stays"
                        recorder.Record(BothNames(layer (), layer (), layer ()).IntoRecord(), file)

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
                for _, recorder in
                    recorders
                    |> List.filter (fun (extension, _) -> not (extension.StartsWith "bin")) do
                    inFolder (fun file ->
                        recorder.Record(OldCount(3, 0.125), file)
                        let read = recorder.Load<NewCount>(file, Device.Cpu)
                        Expect.equal read (NewCount(3, 0.125, 8L, 0.5f, "none")) "step, decay and note"
                        recorder.Record(NewCount(1, 2.0, 3L, 4f, "n"), file)

                        Expect.equal
                            (recorder.Load<NewCount>(file, Device.Cpu))
                            (NewCount(1, 2.0, 3L, 4f, "n"))
                            "none"))
        ]
