module Records.Tests.FileTests

open System
open System.IO
open System.Runtime.CompilerServices
open System.Threading
open Expecto
open Records.Core
open Records.Tests.Support

let private payload (parts: byte[] list) : Payload =
    { Length = None; Parts = seq { for part in parts -> ReadOnlyMemory part } }

let private sink options extension path =
    ok ((File.place options path).Sink extension)

let private write path payload =
    (sink File.defaults "mpk" path).Write(payload, token).GetAwaiter().GetResult()

let private openAt options extension path =
    (File.place options path).Open extension

let private old = [| 1uy .. 100uy |]

/// A folder with an old model.mpk in it, which must be all there is afterwards.
let private unharmed work =
    inFolder (fun folder ->
        let path = Path.Combine(folder, "model.mpk")
        File.WriteAllBytes(path, old)
        work path
        Expect.equal (File.ReadAllBytes path) old "the old file, byte for byte"
        Expect.equal (Directory.GetFileSystemEntries folder) [| path |] "and nothing beside it")

let private unix name work =
    if OperatingSystem.IsWindows() then
        ptestCase name work
    else
        testCase name work

let private both name work =
    [
        for mapped in [ false; true ] do
            testCase (name + (if mapped then ", mapped" else "")) (fun () -> work mapped)
    ]

let private saving =
    [
        testCase "saving creates the folders on the way" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "a", "b.c", "model")
                ok (write path (payload [ [| 1uy; 2uy |]; [||]; [| 3uy |] ]))
                Expect.equal (File.ReadAllBytes(path + ".mpk")) [| 1uy; 2uy; 3uy |] "the parts in a row"))

        testCase "parts of every size arrive" (fun () ->
            inFolder (fun folder ->
                let random = Random 3

                let parts =
                    [
                        for size in [ 1; 262143; 262144; 262145; 5; 0; 1_000_000; 100_000; 200_000; 7 ] ->
                            Array.init size (fun _ -> byte (random.Next 256))
                    ]

                for durability in [ Durability.Flushed; Durability.Renamed ] do
                    for length in [ None; Some(int64 (List.sumBy Array.length parts)) ] do
                        let options = { File.defaults with Durability = durability }
                        let path = Path.Combine(folder, $"{durability}")
                        let payload = { payload parts with Length = length }
                        ok ((sink options "bin" path).Write(payload, token).Result)
                        expectBytes (File.ReadAllBytes(path + ".bin")) (Array.concat parts) "the file"))

        testCase "a payload that fails midway leaves the old file" (fun () ->
            let failing: Payload =
                {
                    Length = None
                    Parts =
                        seq {
                            ReadOnlyMemory(Array.zeroCreate<byte> 1_000_000)
                            RecordError.raise (RecordError.Missing([ "fc1" ], "a weight"))
                        }
                }

            unharmed (fun path ->
                match write path failing with
                | Error(RecordError.Missing([ "fc1" ], _)) -> ()
                | _ -> failtest "the payload's own error"))

        testCase "an exception in a payload flies, and the old file stays" (fun () ->
            let failing: Payload =
                {
                    Length = None
                    Parts =
                        seq {
                            yield ReadOnlyMemory [| 1uy |]
                            invalidOp "a bug"
                        }
                }

            unharmed (fun path ->
                Expect.throwsT<InvalidOperationException> (fun () -> write path failing |> ignore) "not ours to catch"))

        testCase "cancelling at any part leaves the old file" (fun () ->
            for stop in 0..4 do
                unharmed (fun path ->
                    use source = new CancellationTokenSource()

                    let parts =
                        seq {
                            for index in 0..4 do
                                if index = stop then
                                    source.Cancel()

                                ReadOnlyMemory(Array.zeroCreate<byte> 300_000)
                        }

                    let sink = sink File.defaults "mpk" path

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            sink.Write({ Length = None; Parts = parts }, source.Token).GetAwaiter().GetResult()
                            |> ignore)
                        $"cancelled at part {stop}"))

        testCase "a first save that fails leaves nothing" (fun () ->
            inFolder (fun folder ->
                let failing = { Length = None; Parts = seq { RecordError.raise (RecordError.Missing([], "x")) } }
                write (Path.Combine(folder, "model")) failing |> error |> ignore
                Expect.isEmpty (Directory.GetFileSystemEntries folder) "not even a temporary file"))

        unix "a symbolic link stays one, and its target is replaced" (fun () ->
            inFolder (fun folder ->
                let target = Path.Combine(folder, "sub", "real.mpk")
                Directory.CreateDirectory(Path.Combine(folder, "sub")) |> ignore
                File.WriteAllBytes(target, old)
                let link = Path.Combine(folder, "model.mpk")
                File.CreateSymbolicLink(link, target) |> ignore
                ok (write link (payload [ [| 9uy |] ]))
                Expect.equal (File.ReadAllBytes target) [| 9uy |] "the target"
                Expect.isNotNull (FileInfo(link).LinkTarget) "the link"))

        unix "permissions stay as they were" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.mpk")
                File.WriteAllBytes(path, old)
                let mode = UnixFileMode.UserRead ||| UnixFileMode.UserWrite ||| UnixFileMode.GroupRead
                File.SetUnixFileMode(path, mode)
                ok (write path (payload [ [| 9uy |] ]))
                Expect.equal (File.GetUnixFileMode path) mode "rw-r-----"))

        testCase "a read-only file is refused" (fun () ->
            unharmed (fun path ->
                let file = FileInfo path
                file.IsReadOnly <- true

                match write path (payload [ [| 9uy |] ]) with
                | Error(RecordError.Io(_, "replace", _)) -> ()
                | other -> failtest $"{other}"

                file.IsReadOnly <- false))

        testCase "a folder of that name is refused" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.mpk")
                Directory.CreateDirectory path |> ignore
                write path (payload [ [| 9uy |] ]) |> error |> ignore
                Expect.equal (Directory.GetFileSystemEntries folder) [| path |] "nothing else"))

        testCase "a file in place of a folder is an error" (fun () ->
            unharmed (fun path -> write (Path.Combine(path, "model")) (payload [ [| 9uy |] ]) |> error |> ignore))

        testCase "Burn's rule for names is followed when asked for" (fun () ->
            inFolder (fun folder ->
                let options = { File.defaults with BurnPaths = true }
                let sink = sink options "mpk" (Path.Combine(folder, "model.v1"))
                ok (sink.Write(payload [ old ], token).Result)
                Expect.isTrue (File.Exists(Path.Combine(folder, "model.mpk"))) "the dot is cut off"
                use source = ok (openAt options "mpk" (Path.Combine(folder, "model.v2")))
                Expect.equal source.Length 100L "and so it is for reading"))
    ]

let private finding =
    [
        testCase "our name comes first, then the very path" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.pt")
                File.WriteAllBytes(path, [| 1uy |])
                use exact = ok (openAt File.defaults "mpk" path)
                Expect.equal exact.Name path "the very path"
                File.WriteAllBytes(path + ".mpk", [| 2uy |])
                use named = ok (openAt File.defaults "mpk" path)
                Expect.equal named.Name (path + ".mpk") "our name"))

        testCase "a missing file's error names the file that Burn would have opened" (fun () ->
            for there, asked, extension in
                [
                    "model.mpk", "model.v1", "mpk"
                    "model.mpk.gz", "model", "mpk"
                    "model.mpk.gz", "model.v1", "mpk"
                    "ckpt-0.bin", "ckpt-0.5", "bin"
                ] do
                inFolder (fun folder ->
                    File.WriteAllBytes(Path.Combine(folder, there), [| 1uy |])

                    match openAt File.defaults extension (Path.Combine(folder, asked)) with
                    | Error(RecordError.NotFound(location, hint)) ->
                        Expect.equal location (Path.Combine(folder, $"{asked}.{extension}")) "the name looked for"
                        Expect.stringContains hint (Path.Combine(folder, there)) "what is there"
                    | _ -> failtest $"{asked} is not there"))

        testCase "nothing there is said so" (fun () ->
            inFolder (fun folder ->
                match openAt File.defaults "mpk" (Path.Combine(folder, "model")) with
                | Error(RecordError.NotFound(_, "")) -> ()
                | _ -> failtest "no hint"))

        testCase "a folder of that name is no file" (fun () ->
            inFolder (fun folder ->
                Directory.CreateDirectory(Path.Combine(folder, "model.mpk")) |> ignore

                match openAt File.defaults "mpk" (Path.Combine(folder, "model")) with
                | Error(RecordError.NotFound(_, hint)) -> Expect.stringContains hint "folder" "the reason"
                | _ -> failtest "a folder was opened"))
    ]

let private isMapped (path: string) =
    (File.ReadAllText "/proc/self/maps").Contains path

// Each in a frame of its own, so that nothing of it stays on another.

[<MethodImpl(MethodImplOptions.NoInlining)>]
let private openedMapped path =
    let source = ok (File.source true path)
    let bytes = source.Read(0L, 100)
    Expect.isTrue (isMapped path) "while it is open"
    source.Dispose()
    bytes

[<MethodImpl(MethodImplOptions.NoInlining)>]
let private heldMapped path =
    let bytes = openedMapped path
    GC.Collect()
    GC.WaitForPendingFinalizers()
    Expect.isTrue (isMapped path) "while its memory is held"

    let links = [ for link in Directory.GetFiles "/proc/self/fd" -> string (FileInfo(link).LinkTarget) ]

    Expect.isFalse (List.contains path links) "the file itself is not"
    GC.KeepAlive bytes

let private reading =
    [
        yield!
            both "a source gives what the file holds" (fun mapped ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "x.bin")
                    let bytes = Array.init 100_000 (fun index -> byte (index * 7))
                    File.WriteAllBytes(path, bytes)
                    use source = ok (File.source mapped path)
                    Expect.equal source.Length 100_000L "its length"
                    Expect.equal source.InMemory mapped "in memory when mapped"

                    for offset, count in [ 0, 0; 0, 1; 0, 100_000; 99_999, 1; 100_000, 0; 12_345, 50_000 ] do
                        expectBytes (source.Read(offset, count).ToArray()) (Array.sub bytes offset count) "read"
                        let filled = Array.zeroCreate<byte> count
                        source.Fill(offset, Span filled)
                        expectBytes filled (Array.sub bytes offset count) "filled"))

        yield!
            both "an empty file is a source of nothing" (fun mapped ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "x.bin")
                    File.WriteAllBytes(path, [||])
                    use source = ok (File.source mapped path)
                    Expect.equal source.Length 0L "empty"))

        yield!
            both "a closed source throws" (fun mapped ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "x.bin")
                    File.WriteAllBytes(path, old)
                    let source = ok (File.source mapped path)
                    source.Dispose()
                    source.Dispose()
                    Expect.throwsT<ObjectDisposedException> (fun () -> source.Read(0L, 4) |> ignore) "read"

                    Expect.throwsT<ObjectDisposedException>
                        (fun () -> source.Fill(0L, Span(Array.zeroCreate<byte> 4)))
                        "filled"))

        testCase "reading a mapped file past its end throws" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.mpk")
                File.WriteAllBytes(path, old)
                use source = ok (File.source true path)

                for offset, count in [ 100L, 1; 99L, 2; -1L, 1; 0L, -1; Int64.MaxValue, 2 ] do
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> source.Read(offset, count) |> ignore)
                        $"{count} bytes from {offset} on"

                Expect.equal (source.Read(100L, 0)).Length 0 "nothing at its end"))

        testCase "a mapped file is let go when it is closed and nobody has its memory any more" (fun () ->
            if OperatingSystem.IsLinux() then
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model.mpk")
                    File.WriteAllBytes(path, old)
                    heldMapped path
                    let mutable turns = 0

                    while isMapped path && turns < 50 do
                        GC.Collect()
                        GC.WaitForPendingFinalizers()
                        turns <- turns + 1

                    Expect.isFalse (isMapped path) "and then no more"))

        yield!
            both "a file replaced by rename keeps its old content for whoever has it open" (fun mapped ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model.mpk")
                    File.WriteAllBytes(path, old)
                    use source = ok (File.source mapped path)
                    ok (write path (payload [ Array.zeroCreate 50 ]))
                    Expect.equal (source.Read(0L, 100).ToArray()) old "what was opened"
                    Expect.equal (File.ReadAllBytes path).Length 50 "what is there now"))

        testCase "a file changed in place while open is an error" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.mpk")
                File.WriteAllBytes(path, old)
                File.SetLastWriteTimeUtc(path, DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc))
                use source = ok (File.source false path)
                Expect.equal (source.Read(0L, 100).ToArray()) old "as it was"

                (use other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)
                 other.WriteByte 99uy)

                match RecordError.catch (fun () -> source.Read(0L, 100)) with
                | Error(RecordError.Io(location, "read", _)) -> Expect.equal location path "which file"
                | _ -> failtest "the change went unseen"))

        for outcome in [ "a document"; "an error" ] do
            testCase $"a file changed while {outcome} is read from it is an error that says so" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model.mpk")
                    let watch = { Report = None; Token = CancellationToken.None }
                    let root = structOf [ "weight", parameter "0400000000000" (f32 [ 2L ] [ 1f; 2f ]) ]
                    let recorder = Recorder.schema (Schema.ofRecord root) Recorder.namedMsgPack
                    ok (Recorder.saveNow recorder (File.at path) watch (documentOf root))
                    File.SetLastWriteTimeUtc(path, DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc))

                    let decode context input =
                        let document = recorder.Codec.Decode context input

                        (use other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)
                         other.WriteByte 99uy)

                        if outcome = "a document" then
                            document
                        else
                            Error(RecordError.Unsupported([], "what was read"))

                    let codec = { recorder.Codec with Decode = decode }

                    match Recorder.openNow { recorder with Codec = codec } watch (File.at path) with
                    | Error(RecordError.Io(location, "read", _)) -> Expect.equal location path "which file"
                    | Ok _ -> failtest "the change went unseen"
                    | Error error -> failtest (RecordError.message error)

                    // and nobody holds it any more
                    (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)).Dispose()))

        testCase "a file cut short while open is an error" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.mpk")
                File.WriteAllBytes(path, old)
                use source = ok (File.source false path)

                (use other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)
                 other.SetLength 10L)

                match RecordError.catch (fun () -> source.Read(50L, 50)) with
                | Error(RecordError.Io(_, "read", _)) -> ()
                | _ -> failtest "bytes that are not there"))

        testCase "a missing file is an error" (fun () ->
            match File.source false "/nowhere/at/all" with
            | Error(RecordError.NotFound("/nowhere/at/all", _)) -> ()
            | _ -> failtest "no exception, no source")
    ]

let tests =
    testList "File" [ testList "saving" saving; testList "finding" finding; testList "reading" reading ]
