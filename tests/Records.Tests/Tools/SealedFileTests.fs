/// Seals where they meet files: read-back, conversion, verification, and what the tool and C# say of them.
module Records.Tests.SealedFileTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Cli
open Records.Tests.Support

let private root =
    structOf
        [
            "weight", parameter (idText 5UL) (f32 [ 2L ] [ 1f; 2f ])
            "bias", Record.Tensor(f32 [ 3L ] [ 3f; 4f; 5f ])
        ]

let private schema = Schema.ofRecord root
let private quiet: Watch = { Report = None; Token = token }

let private recorders =
    [
        "mpk", Recorder.namedMsgPack
        "mpk.gz", Recorder.gzip Recorder.namedMsgPack
        "bin", Recorder.bincode
        "bin.gz", Recorder.gzip Recorder.bincode
        "json", Recorder.prettyJson
        "json.gz", Recorder.gzip Recorder.prettyJson
        "bpk", Recorder.burnpack
    ]

let private save folder name recorder =
    let path = Path.Combine(folder, (name: string))
    ok (Recorder.saveNow recorder (File.exactly File.defaults path) quiet (documentOf root))
    path

let private convert change (source: string) (target: string) =
    let extension = Formats.extensionOf target |> Option.get

    let conversion =
        { Conversion.into extension Recorder.defaultLimits with Schema = Some(fun _ -> schema) }

    ok (ConvertFile.run (change conversion) source target true quiet) |> ignore

let private verdict path =
    Verify.file Recorder.defaultLimits (Some(fun _ -> schema)) path

let private flip (path: string) at =
    let bytes = File.ReadAllBytes path
    bytes[at] <- bytes[at] ^^^ 4uy
    File.WriteAllBytes(path, bytes)

/// Where the bytes of the last tensor are, which all formats but JSON and compressed ones have as they are.
let private tensorAt (path: string) =
    let bytes = File.ReadAllBytes path

    bytes
        .AsSpan()
        .IndexOf(ReadOnlySpan(Array.collect (fun (value: single) -> BitConverter.GetBytes value) [| 3f; 4f; 5f |]))

let private readingBack =
    [
        for name, recorder in recorders do
            test $"{name}: what was saved is read back, and then has its name" {
                inFolder (fun folder ->
                    let path = save folder $"model.{name}" (Recorder.readBack recorder)
                    Expect.isEmpty (verdict path).Problems "it is good"
                    Expect.hasLength (Directory.GetFiles folder) 1 "and alone")
            }

        test "a disk that wrote something else is noticed, and the older file stays" {
            inFolder (fun folder ->
                for name, recorder in recorders do
                    let path = save folder $"model.{name}" recorder
                    let before = File.ReadAllBytes path

                    // the bytes arrive, one of them wrong
                    let disk =
                        { Disk.real with
                            Write =
                                fun handle bytes offset ->
                                    let wrong = bytes.ToArray()
                                    wrong[wrong.Length / 3] <- wrong[wrong.Length / 3] ^^^ 1uy
                                    Disk.real.Write handle (ReadOnlyMemory wrong) offset
                        }

                    let place =
                        { new IPlace with
                            member _.Sink _ =
                                Ok(File.sinkOn disk true Durability.Flushed path)

                            member _.Open _ = File.source false path
                        }

                    match Recorder.saveNow (Recorder.readBack recorder) place quiet (documentOf root) with
                    | Error(RecordError.Io(_, "read back", _)) -> ()
                    | other -> failtest $"{name}: {other}"

                    expectBytes (File.ReadAllBytes path) before name
                    ok (Recorder.saveNow recorder place quiet (documentOf root))
                    Expect.isNonEmpty (verdict path).Problems $"{name}: not read back, it is there and bad"

                Expect.isEmpty (Directory.GetFiles(folder, ".*")) "nothing is left over")
        }

        test "what cannot be read back, or has no seal, says so" {
            let recorder = Recorder.readBack Recorder.namedMsgPack
            use stream = new MemoryStream()
            let place = Memory.sinkPlace (Memory.streamSink stream)

            match error (Recorder.saveNow recorder place quiet (documentOf root)) with
            | RecordError.Unsupported _ -> ()
            | other -> failtest (RecordError.message other)

            Expect.equal stream.Length 0L "nothing was written"

            match error (Recorder.saveNow (Recorder.unsealed recorder) place quiet (documentOf root)) with
            | RecordError.Unsupported _ -> ()
            | other -> failtest (RecordError.message other)
        }
    ]

let private converting =
    [
        test "converting keeps what its source was: sealed or not" {
            inFolder (fun folder ->
                for source, recorder in recorders do
                    for target, _ in recorders do
                        let recorder = Recorder.schema schema recorder
                        let sealed' = save folder $"sealed.{source}" recorder
                        let bare = save folder $"bare.{source}" (Recorder.unsealed recorder)

                        let at name =
                            Path.Combine(folder, $"{name}.{target}")

                        convert id sealed' (at "a")
                        convert id bare (at "b")
                        convert (fun conversion -> { conversion with Unsealed = true }) sealed' (at "c")
                        Expect.isTrue (verdict (at "a")).Sealed $"{source} to {target}"
                        Expect.isFalse (verdict (at "b")).Sealed $"{source} to {target}"
                        Expect.isEmpty (verdict (at "a")).Problems $"{source} to {target}"
                        Expect.isEmpty (verdict (at "b")).Problems $"{source} to {target}"
                        expectBytes (File.ReadAllBytes(at "c")) (File.ReadAllBytes(at "b")) $"{source} to {target}"

                        if source = target then
                            expectBytes (File.ReadAllBytes(at "a")) (File.ReadAllBytes sealed') "the same file"
                            expectBytes (File.ReadAllBytes(at "b")) (File.ReadAllBytes bare) "the same file")
        }

        test "a file that is not what its seal says is not converted" {
            inFolder (fun folder ->
                for name, recorder in recorders do
                    let path = save folder $"model.{name}" (Recorder.schema schema recorder)
                    flip path ((File.ReadAllBytes path).Length / 2)
                    let target = Path.Combine(folder, "other.json")

                    let conversion =
                        { Conversion.into "json" Recorder.defaultLimits with Schema = Some(fun _ -> schema) }

                    error (ConvertFile.run conversion path target true quiet) |> ignore
                    Expect.isFalse (File.Exists target) $"{name}: nothing is written")
        }
    ]

let private verifying =
    [
        test "every tensor that is wrong is told, and what is wrong beside them" {
            inFolder (fun folder ->
                for name in [ "mpk"; "bin"; "bpk" ] do
                    let recorder = recorders |> List.find (fst >> (=) name) |> snd
                    let path = save folder $"model.{name}" recorder
                    let bytes = File.ReadAllBytes path
                    let other = Array.collect (fun (value: single) -> BitConverter.GetBytes value) [| 1f; 2f |]
                    flip path (tensorAt path)
                    flip path (bytes.AsSpan().IndexOf(ReadOnlySpan other))
                    let told = verdict path
                    Expect.isTrue told.Sealed "it is sealed"

                    let paths =
                        [
                            for problem in told.Problems do
                                match problem.Error with
                                | RecordError.Malformed("seal", path, _, _, _) -> path
                                | other -> failtest $"{name}: {RecordError.message other}"
                        ]

                    Expect.equal (List.sort paths) [ [ "bias" ]; [ "weight" ] ] name)
        }

        test "a sealed bin is checked without a schema" {
            inFolder (fun folder ->
                let path = save folder "model.bin" Recorder.bincode
                let told = Verify.file Recorder.defaultLimits None path
                Expect.equal (told.Problems.Length, told.Tensors, told.Bytes, told.Sealed) (0, 2, 20L, true) "good"
                flip path (tensorAt path)
                let told = Verify.file Recorder.defaultLimits None path

                match told.Problems with
                | [ { Error = RecordError.Malformed("seal", [ "bias" ], _, _, _) } ] -> ()
                | other -> failtest $"{other.Length} problems")
        }

        test "a sealed file is looked at without being held" {
            inFolder (fun folder ->
                let tensor = Record.Tensor(tensorOf Dtype.U8 [ 14L <<< 20 ] (Array.zeroCreate<byte>(14 <<< 20)))
                let root = structOf [ "large", tensor ]

                for name, recorder in
                    [
                        "model.mpk", Recorder.namedMsgPack
                        "model.bin", Recorder.bincode
                        "model.bpk", Recorder.burnpack
                    ] do
                    let path = Path.Combine(folder, name)
                    let watch = { Report = None; Token = token }
                    ok (Recorder.saveNow recorder (File.at path) watch (documentOf root))
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    let told = Verify.file Recorder.defaultLimits None path
                    let taken = GC.GetAllocatedBytesForCurrentThread() - before
                    Expect.equal (told.Problems.Length, told.Sealed) (0, true) name
                    Expect.isLessThan taken (8L <<< 20) $"{name}: of 14 MiB")
        }

        test "the tool says whether there is a seal" {
            inFolder (fun folder ->
                let path = save folder "model.mpk" Recorder.namedMsgPack
                Expect.stringContains (Tool.good [ "verify"; path ]) "2 tensors, 20 bytes, sealed." "verify"
                Expect.stringContains (Tool.good [ "inspect"; path ]) "# sealed: yes\n" "inspect"
                Expect.stringContains (Tool.good [ "inspect"; path; "--json" ]) "\"sealed\":true" "inspect as JSON"
                let bare = Path.Combine(folder, "bare.mpk")
                Tool.good [ "convert"; path; bare; "--unsealed" ] |> ignore
                let wanted = save folder "wanted.mpk" (Recorder.unsealed Recorder.namedMsgPack)
                expectBytes (File.ReadAllBytes bare) (File.ReadAllBytes wanted) "Burn's bytes"
                flip path (tensorAt path)
                let outcome = Tool.run [ "verify"; path ]
                Expect.equal outcome.Code 1 "bad"
                Expect.stringContains outcome.Errors "'bias'" "which tensor")
        }
    ]

let private face =
    [
        test "in C#, unsealed and read back" {
            inFolder (fun folder ->
                let bytes = bytesOf (ok (Recorder.encode Recorder.namedMsgPack (documentOf root)))
                let recorder = Records.Recorder.NamedMessagePack()
                let inMemory = Records.NamedMpkBytesRecorder<Records.FullPrecisionSettings>()
                let tree = inMemory.Load<Records.RecordTree>(bytes, Records.Device.Cpu)
                let path = Path.Combine(folder, "model.mpk")
                recorder.ReadBack().Record(tree, path)
                Expect.isTrue (verdict path).Sealed "sealed"
                recorder.Unsealed().Record(tree, path)
                Expect.isFalse (verdict path).Sealed "not sealed"
                let bare = Text.Encoding.Latin1.GetString(inMemory.Unsealed().Record tree)
                Expect.isFalse (bare.Contains Seal.key) "nor in memory"
                let sealed' = inMemory.Record tree
                sealed'[sealed'.Length / 2] <- sealed'[sealed'.Length / 2] ^^^ 1uy

                Expect.throwsT<Records.RecordException>
                    (fun () -> inMemory.Load<Records.RecordTree>(sealed', Records.Device.Cpu) |> ignore)
                    "refused")
        }
    ]

let tests =
    testList
        "sealed files"
        [
            testList "read back" readingBack
            testList "convert" converting
            testList "verify" verifying
            testList "face" face
        ]
