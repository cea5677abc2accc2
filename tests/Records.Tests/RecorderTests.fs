module Records.Tests.RecorderTests

open System
open System.IO
open System.Threading
open Expecto
open Records.Core
open Records.Tests.Support

let private quiet = { Report = None; Token = token }

/// Two layers and a constant, large enough for several parts.
let private model =
    let layer seed =
        let random = Random seed

        structOf
            [
                "weight", parameter "0400000000000" (f32 [ 64L; 100L ] [ for _ in 1..6400 -> random.NextSingle() ])
                "bias",
                Record.Option(Some(parameter "tv6qn2b78khg2" (f32 [ 100L ] [ for _ in 1..100 -> random.NextSingle() ])))
            ]

    structOf [ "fc1", layer 1; "fc2", layer 2; "dropout", Record.Constant Constant.Single ]

let private schema = Schema.ofRecord model

let private recorders =
    [ for extension, recorder in Models.recorders -> extension, Recorder.schema schema recorder ]

let private save recorder path root =
    Recorder.saveNow recorder (File.at path) quiet (documentOf root)

let private load recorder path =
    Recorder.loadNow recorder quiet (File.at path)

let private formatName (recorder: Recorder) =
    match recorder.Compression with
    | Some transform -> transform.Name
    | None -> recorder.Codec.Name

let private reported work =
    let seen = ResizeArray<Progress>()
    work { Report = Some seen.Add; Token = token }
    List.ofSeq seen

let private expectMonotonous (seen: Progress list) total =
    Expect.isNonEmpty seen "something was reported"

    for before, after in List.pairwise seen do
        Expect.isGreaterThanOrEqual after.Bytes before.Bytes "never back"

    Expect.equal (List.last seen).Bytes total "all of it"

    for progress in seen do
        match progress.Total with
        | Some known -> Expect.equal known total "the total"
        | None -> ()

let private half = Recorder.precision Precision.Half

let tests =
    testList
        "Recorder"
        [
            testCase "a recorder is a value: what is said of it gives another" (fun () ->
                let halved = Recorder.namedMsgPack |> half |> Recorder.gzip
                Expect.equal halved.Precision Precision.Half "the new one"
                Expect.equal Recorder.namedMsgPack.Precision Precision.Full "the old one"
                Expect.equal (Recorder.extension halved) "mpk.gz" "its extension"
                Expect.equal halved.Name "NamedMpkGzFileRecorder" "Burn's name for it"
                Expect.equal (Recorder.extension (Recorder.gzip Recorder.prettyJson)) "json.gz" "json's"
                Expect.equal (Recorder.gzip Recorder.bincode).Name "BinGzFileRecorder" "bin's")

            testCase "metadata is what Burn would write" (fun () ->
                let metadata recorder =
                    (ok (
                        Recorder.decode
                            (Recorder.schema schema recorder)
                            (inputOf (bytesOf (ok (Recorder.encode recorder (documentOf model)))))
                    ))
                        .Metadata

                Expect.equal
                    (metadata (half Recorder.bincode))
                    (Map
                        [
                            "float", "half::binary16::f16"
                            "int", "i16"
                            "format",
                            "burn_core::record::file::BinFileRecorder<burn_core::record::settings::HalfPrecisionSettings>"
                            "version", "0.21.0"
                            "settings", "HalfPrecisionSettings"
                        ])
                    "half"

                let memory =
                    Recorder.bincode
                    |> Recorder.inMemory "BinBytesRecorder"
                    |> Recorder.forBurn (burn 20)

                let found = metadata memory

                Expect.equal
                    found["format"]
                    "burn_core::record::memory::BinBytesRecorder<burn_core::record::settings::FullPrecisionSettings>"
                    "in memory"

                Expect.equal found["version"] "0.20.0" "as asked for")

            testCase "a long tensor in JSON is told as it is read, and not as its numbers are counted" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    let bytes = Array.init (1 <<< 19) byte
                    let tensor = Record.Tensor(tensorOf Dtype.F32 [ bytes.LongLength / 4L ] bytes)
                    ok (save Recorder.prettyJson path tensor)

                    let seen =
                        reported (fun watch ->
                            let document = ok (Recorder.loadNow Recorder.prettyJson watch (File.at path))
                            expectSame document.Root tensor "the tensor")

                    expectMonotonous seen (FileInfo($"{path}.json").Length)

                    for before, after in List.pairwise seen do
                        Expect.isLessThanOrEqual (after.Bytes - before.Bytes) (1L <<< 17) "a window or two"))

            for extension, recorder in recorders do
                testCase $"{extension}: what is saved is loaded, and its metadata alone too" (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "a", "model")
                        ok (save recorder path model)
                        Expect.isTrue (File.Exists $"{path}.{extension}") "its name"
                        let document = ok (load recorder path)
                        expectSame document.Root model "the record"
                        Expect.equal (ok (Recorder.metadata recorder (File.at path))) document.Metadata "the metadata"))

                testCase $"{extension}: what is opened reads its tensors when they are touched" (fun () ->
                    inFolder (fun folder ->
                        for mapped in [ false; true ] do
                            let path = Path.Combine(folder, "model")
                            ok (save recorder path model)
                            let place = File.place { File.defaults with Mapped = mapped } path
                            use opened = ok (Recorder.openNow recorder quiet place)
                            expectSame opened.Document.Root model "the record"))

                testCase $"{extension}: every other format is named" (fun () ->
                    for other, writer in recorders do
                        if formatName writer <> formatName recorder then
                            let bytes = bytesOf (ok (Recorder.encode writer (documentOf model)))

                            match Recorder.decode recorder (inputOf bytes) with
                            | Error(RecordError.WrongFormat("memory", expected, actual)) ->
                                Expect.equal expected (formatName recorder) "expected"
                                Expect.equal actual (formatName writer) "actual"
                            | other' -> failtest $"{extension} read {other}: {other'}")

                testCase $"{extension}: a file cut off at any byte is an error that says where" (fun () ->
                    let small = structOf [ "weight", parameter "0400000000000" (f32 [ 2L ] [ 1f; 2f ]) ]
                    let recorder = Recorder.schema (Schema.ofRecord small) recorder
                    let bytes = bytesOf (ok (Recorder.encode recorder (documentOf small)))

                    // one that ends where its seal begins is a whole file without
                    let plain = bytesOf (ok (Recorder.encode (Recorder.unsealed recorder) (documentOf small)))

                    for length in List.except [ plain.Length ] [ 0 .. bytes.Length - 1 ] do
                        match Recorder.decode recorder (inputOf (Array.truncate length bytes)) with
                        | Error(RecordError.Malformed(_, _, offset, _, _)) ->
                            Expect.isLessThanOrEqual offset 2000L "an offset in the file"
                        | Error(RecordError.Mismatch _ | RecordError.Missing _) -> ()
                        // a checksum and a size that are both wrong
                        | Error(RecordError.Many problems) ->
                            for problem in problems do
                                match problem with
                                | RecordError.Malformed _ -> ()
                                | other -> failtest $"{length} bytes: {other}"
                        | other -> failtest $"{length} bytes: {other}")

                testCase $"{extension}: progress of a save never goes back and ends at the file's size" (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "model")

                        let seen =
                            reported (fun watch ->
                                ok (Recorder.saveNow recorder (File.at path) watch (documentOf model)))

                        let size =
                            if recorder.Compression.IsSome then
                                (List.last seen).Bytes
                            else
                                FileInfo($"{path}.{extension}").Length

                        expectMonotonous seen size))

                testCase $"{extension}: progress of a load never goes back and ends at the file's size" (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "model")
                        ok (save recorder path model)

                        let seen =
                            reported (fun watch -> Recorder.loadNow recorder watch (File.at path) |> ok |> ignore)

                        expectMonotonous seen (FileInfo($"{path}.{extension}").Length)))

                testCase $"{extension}: a save cancelled at any report leaves the old file" (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "model")
                        ok (save recorder path (Record.List []))
                        let old = File.ReadAllBytes $"{path}.{extension}"

                        let reports =
                            (reported (fun watch ->
                                ok (Recorder.saveNow recorder (File.at (path + "2")) watch (documentOf model))))
                                .Length

                        File.Delete $"{path}2.{extension}"

                        for stop in [ 0 .. max 1 (reports / 5) .. reports - 1 ] do
                            use source = new CancellationTokenSource()
                            let mutable count = 0

                            let report _ =
                                if count = stop then
                                    source.Cancel()

                                count <- count + 1

                            // the last report comes when everything is written: cancelling then is too late or not
                            try
                                Recorder.saveNow
                                    recorder
                                    (File.at path)
                                    { Report = Some report; Token = source.Token }
                                    (documentOf model)
                                |> ignore
                            with :? OperationCanceledException ->
                                ()

                            if stop < reports - 1 then
                                expectBytes (File.ReadAllBytes $"{path}.{extension}") old $"stopped at {stop}"
                                Expect.hasLength (Directory.GetFiles folder) 1 "nothing beside it"))

            for extension, recorder in recorders do
                testCase $"{extension}: the tensors in hand are named by their paths" (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "model")

                        let named work =
                            [
                                for step in reported work do
                                    Option.toList step.Path
                            ]
                            |> List.concat
                            |> List.distinct

                        let known = [ for path, _ in Record.tensors model -> path ]

                        let saved =
                            named (fun watch ->
                                ok (Recorder.saveNow recorder (File.at path) watch (documentOf model)))

                        let recorder = Recorder.schema schema recorder

                        let loaded =
                            named (fun watch -> Recorder.loadNow recorder watch (File.at path) |> ok |> ignore)

                        for path in saved @ loaded do
                            Expect.contains known path "the path of a tensor"

                        Expect.isNonEmpty saved "some are named"))

            testCase "a token cancelled before stops at once" (fun () ->
                let cancelled = CancellationToken true
                let place = File.at "/nowhere/model"
                let watch = { Report = None; Token = cancelled }

                Expect.throwsT<OperationCanceledException>
                    (fun () -> Recorder.saveNow Recorder.bincode place watch (documentOf model) |> ignore)
                    "saving"

                Expect.throwsT<OperationCanceledException>
                    (fun () -> Recorder.loadNow Recorder.bincode watch place |> ignore)
                    "loading"

                let twin = Recorder.save Recorder.bincode place cancelled (documentOf model)

                Expect.throwsT<Tasks.TaskCanceledException>
                    (fun () -> twin.GetAwaiter().GetResult() |> ignore)
                    "the twin")

            testTask "the asynchronous twins save and load" {
                let folder = Directory.CreateTempSubdirectory "records-test-"
                let place = File.at (Path.Combine(folder.FullName, "model"))
                let! saved = Recorder.save Recorder.namedMsgPack place token (documentOf model)
                ok saved
                let! loaded = Recorder.load (Recorder.schema schema Recorder.namedMsgPack) token place
                expectSame (ok loaded).Root model "the record"
                folder.Delete true
            }

            for extension, recorder in recorders do
                testCase $"{extension}: a value too large for half is an error, and the disk is as it was" (fun () ->
                    inFolder (fun folder ->
                        let large =
                            structOf
                                [ "fc1", structOf [ "weight", parameter "a" (f32 [ 4L ] [ 1f; 1e30f; 2f; -1e30f ]) ] ]

                        let path = Path.Combine(folder, "model")
                        ok (save (half recorder) path model)
                        let old = File.ReadAllBytes $"{path}.{extension}"

                        match save (half recorder) path large with
                        | Error(RecordError.OutOfRange([ "fc1"; "weight" ], 2L, "1E+30", "F16")) -> ()
                        | other -> failtest $"{other}"

                        expectBytes (File.ReadAllBytes $"{path}.{extension}") old "the old file"
                        Expect.hasLength (Directory.GetFiles folder) 1 "nothing beside it"
                        ok (save (half recorder |> Recorder.allowOverflow) path large)
                        let read = ok (load (Recorder.schema (Schema.ofRecord large) recorder) path)
                        let _, data = Seq.head (Record.tensors read.Root)

                        Expect.equal
                            (wholeOf data.Bytes)
                            [| 0uy; 0x3Cuy; 0uy; 0x7Cuy; 0uy; 0x40uy; 0uy; 0xFCuy |]
                            "infinity, as Burn does"))

            testCase "a full file loaded through half settings is loaded exactly" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    ok (save Recorder.namedMsgPack path model)
                    let document = ok (load (half Recorder.namedMsgPack |> Recorder.schema schema) path)
                    expectSame document.Root model "no rounding"))

            testCase "floats and integers go to the settings' types, others stay" (fun () ->
                let root =
                    structOf
                        [
                            "f", Record.Tensor(tensorOf Dtype.BF16 [ 1L ] [| 0x80uy; 0x3Fuy |])
                            "i", Record.Tensor(tensorOf Dtype.U8 [ 1L ] [| 200uy |])
                            "b", Record.Tensor(tensorOf (Dtype.Bool BoolStore.U8) [ 1L ] [| 1uy |])
                        ]

                for precision, dtypes in
                    [
                        Precision.Full, [ Dtype.F32; Dtype.I32 ]
                        Precision.Half, [ Dtype.F16; Dtype.I16 ]
                        Precision.Double, [ Dtype.F64; Dtype.I64 ]
                    ] do
                    let recorder = Recorder.namedMsgPack |> Recorder.precision precision
                    let bytes = bytesOf (ok (Recorder.encode recorder (documentOf root)))
                    let read = ok (Recorder.decode recorder (inputOf bytes))
                    let actual = [ for _, data in Record.tensors read.Root -> data.Dtype ]
                    Expect.equal actual (dtypes @ [ Dtype.Bool BoolStore.U8 ]) $"{precision}")

            testCase "a stream is a place too" (fun () ->
                let bytes = bytesOf (ok (Recorder.encode Recorder.namedMsgPack (documentOf model)))
                let source = ok (Memory.ofStream (new MemoryStream(bytes)))

                let document =
                    ok (Recorder.loadNow (Recorder.schema schema Recorder.namedMsgPack) quiet (Memory.place source))

                expectSame document.Root model "the record")
        ]
