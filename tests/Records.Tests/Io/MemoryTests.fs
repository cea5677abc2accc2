module Records.Tests.MemoryTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

/// A stream that gives a few bytes at a time, and seeks only when told that it can.
type private Dribble(bytes: byte[], step: int, seeks: bool) =
    inherit Stream()
    let inner = new MemoryStream(bytes)
    override _.CanRead = true
    override _.CanSeek = seeks
    override _.CanWrite = false

    override _.Length =
        if seeks then
            inner.Length
        else
            raise (NotSupportedException())

    override _.Position
        with get () =
            if seeks then
                inner.Position
            else
                raise (NotSupportedException())
        and set value = inner.Position <- value

    override _.Read(buffer: byte[], offset: int, count: int) =
        inner.Read(buffer, offset, min step count)

    override _.Read(target: Span<byte>) =
        inner.Read(target.Slice(0, min step target.Length))

    override _.Flush() = ()
    override _.Seek(offset, origin) = inner.Seek(offset, origin)
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) = raise (NotSupportedException())

type private Broken() =
    inherit Dribble([||], 1, false)
    override _.Read(_: Span<byte>) : int = raise (IOException "the line is dead")

let private bytes size =
    Array.init size (fun index -> byte (index * 31 + index / 251))

let private check (source: ISource) (expected: byte[]) =
    Expect.equal source.Length (int64 expected.Length) "its length"
    let random = Random 5

    for _ in 1..50 do
        let offset = random.Next(expected.Length + 1)
        let count = random.Next(min 3000 (expected.Length - offset) + 1)
        expectBytes (source.Read(int64 offset, count).ToArray()) (Array.sub expected offset count) "read"
        let filled = Array.zeroCreate<byte> count
        source.Fill(int64 offset, Span filled)
        expectBytes filled (Array.sub expected offset count) "filled"

    let all = Array.zeroCreate<byte> expected.Length
    source.Fill(0L, Span all)
    expectBytes all expected "all of it"

let tests =
    testList
        "Memory"
        [
            testCase "bytes are their own source" (fun () ->
                let bytes = bytes 1000
                check (Memory.source (ReadOnlyMemory bytes)) bytes)

            testCase "a stream that can seek is read from its position on" (fun () ->
                let bytes = bytes 5000
                let stream = new MemoryStream(bytes)
                stream.Position <- 1234L
                check (ok (Memory.ofStream stream)) (Array.skip 1234 bytes)
                Expect.isTrue stream.CanRead "still open")

            testCase "a stream that stands behind its end has nothing" (fun () ->
                let stream = new MemoryStream(bytes 10)
                stream.Position <- 100L
                let source = ok (Memory.ofStream stream)
                Expect.equal source.Length 0L "no bytes"
                let recorder = Recorder.schema Schema.Tensor Recorder.namedMsgPack
                Expect.isError (Recorder.decode recorder (Forward.input source)) "an error, and no exception")

            testCase "a stream that gives little at a time is read whole" (fun () ->
                let bytes = bytes 5000
                check (ok (Memory.ofStream (new Dribble(bytes, 7, true)))) bytes
                check (ok (Memory.ofStream (new Dribble(bytes, 7, false)))) bytes)

            testCase "a stream that cannot seek is read to its end" (fun () ->
                let mib = 1 <<< 20

                for size in [ 0; 1; mib - 1; mib; mib + 1; 3 * mib; 5 * mib + 17 ] do
                    let bytes = bytes size
                    let source = ok (Memory.ofStream (new Dribble(bytes, 100_000, false)))
                    check source bytes
                    Expect.isTrue source.Outlives "in memory for good")

            testCase "a small stream does not take large memory" (fun () ->
                let before = GC.GetAllocatedBytesForCurrentThread()
                let source = ok (Memory.ofStream (new Dribble(bytes 1_500_000, 1_000_000, false)))
                let used = GC.GetAllocatedBytesForCurrentThread() - before
                Expect.equal source.Length 1_500_000L "all of it"
                Expect.isLessThan used (32L <<< 20) "memory that follows the stream")

            testCase "a stream that fails is an error" (fun () ->
                match Memory.ofStream (new Broken()) with
                | Error(RecordError.Io("stream", "read", _)) -> ()
                | _ -> failtest "an exception or a source")

            testCase "a stream that ends early is an error" (fun () ->
                let stream = new MemoryStream()
                stream.Write(bytes 100)
                stream.Position <- 0L
                let source = ok (Memory.ofStream stream)
                stream.SetLength 50L

                match RecordError.catch (fun () -> source.Read(0L, 100)) with
                | Error(RecordError.Io("stream", "read", _)) -> ()
                | _ -> failtest "bytes that are not there")

            testCase "a stream is written in parts and stays open" (fun () ->
                let stream = new MemoryStream()
                let payload = { Length = None; Parts = seq { for _ in 1..3 -> ReadOnlyMemory [| 1uy; 2uy |] } }
                ok ((Memory.streamSink stream).Write(payload, token).Result)
                Expect.equal (stream.ToArray()) [| 1uy; 2uy; 1uy; 2uy; 1uy; 2uy |] "in a row"
                Expect.isTrue stream.CanWrite "still open")

            testCase "a payload's error is the sink's" (fun () ->
                let failing = { Length = None; Parts = seq { RecordError.raise (RecordError.Missing([ "a" ], "x")) } }

                match (Memory.streamSink (new MemoryStream())).Write(failing, token).Result with
                | Error(RecordError.Missing([ "a" ], _)) -> ()
                | _ -> failtest "the payload's own error"

                match Memory.toArray failing with
                | Error(RecordError.Missing([ "a" ], _)) -> ()
                | _ -> failtest "the payload's own error")

            testCase "a place of bytes is for reading only" (fun () ->
                let place = Memory.place (Memory.source (ReadOnlyMemory(bytes 10)))
                Expect.equal (ok (place.Open "mpk")).Length 10L "opened"

                match place.Sink "mpk" with
                | Error(RecordError.Unsupported _) -> ()
                | _ -> failtest "a sink")
        ]
