/// How many pieces of a compressed file are in hand at a time, whatever is asked for.
module Records.Tests.PiecesTests

open System
open Expecto
open Records.Core
open Records.Tests.Deflating
open Records.Tests.Gzips
open Records.Tests.Support

let private many = Int32.MaxValue

/// The file from afar, and how far it has been read.
let private measured (bytes: byte[]) =
    let furthest = ref 0L

    let source =
        remoteBy bytes.LongLength (fun offset count ->
            lock furthest (fun () -> furthest.Value <- max furthest.Value (offset + int64 count))
            Array.sub bytes (int offset) count)

    source, (fun () -> lock furthest (fun () -> furthest.Value))

/// How far a file has been read when so much of it is inflated. What lies at its end is read first, and not counted.
let private readFor (file: byte[]) (inflated: int) =
    // the last bytes are held, so that looking for an index and a seal there says nothing
    let tail = 1 <<< 16
    let source, furthest = measured file[.. file.Length - tail - 1]

    let whole =
        remoteBy file.LongLength (fun offset count ->
            if offset + int64 count <= source.Length then
                (source.Read(offset, count)).ToArray()
            else
                Array.sub file (int offset) count)

    let forward =
        (ok (Gzip.transform.Backward { Unpacking.Alone limits with Parallelism = many } (Forward.input whole))).Start()

    let mutable left = inflated

    while left > 0 do
        let window = forward.Peek 1
        Expect.isGreaterThan window.Length 0 "more"
        left <- left - window.Length
        forward.Advance window.Length

    furthest ()

let tests =
    testList
        "Pieces in hand"
        [
            testCase "no more than eight are compressed at a time" (fun () ->
                let block = weights 1 (Deflate.blockSize / 4)
                let mutable given = 0

                let parts =
                    seq {
                        for _ in 1..20 do
                            given <- given + 1
                            ReadOnlyMemory block
                    }

                let deflated = Deflate.blocks many ignore ignore parts
                use first = deflated.GetEnumerator()
                Expect.isTrue (first.MoveNext()) "a piece"
                Expect.equal given (Deflate.most + 1) "those in hand, and the one to be begun when one of them is done")

            testCase "no more than eight pieces of ours are inflated at a time" (fun () ->
                let file = compress (noise 1 (40 <<< 20))
                Expect.isSome (indexOf file) "stretches"
                // the first is one stretch, all others are two
                let most = int64 (1 + 2 * (Deflate.most + 3)) * int64 (Deflate.blockSize + (1 <<< 14))
                Expect.isLessThan (readFor file (3 <<< 20)) most "read so far")

            testCase "no more than eight pieces of somebody else's file are inflated at a time" (fun () ->
                let content: Payload = { Length = None; Parts = [ ReadOnlyMemory(weights 1 (5 <<< 20)) ] }
                let file = bytesOf (Gzip.single 1 content)
                // four are behind it then, and three wait
                let most = int64 (Deflate.most + 8) * int64 Guessing.Chunk
                Expect.isGreaterThan file.LongLength (most + (2L <<< 20)) "larger than what is in hand"
                Expect.isLessThan (readFor file (3 <<< 20)) most "read so far")

            testCase "of a file whose stretches are larger fewer are in hand" (fun () ->
                for power in 20..26 do
                    let size = 1 <<< power
                    let piece = 2L * int64 (Stretches.Together size) * int64 size
                    let most = Stretches.Most size
                    Expect.isTrue (most = 1 || int64 (most + 2) * piece <= (64L <<< 20)) $"{most} of {size}"

                Expect.isGreaterThanOrEqual (Stretches.Most Deflate.blockSize) Deflate.most "of those of most files")

            testCase "a save and a load are told of no more than there are processors" (fun () ->
                let told = ResizeArray()

                let transform =
                    { Gzip.transform with
                        Forward =
                            fun degree ->
                                told.Add degree
                                Gzip.transform.Forward degree
                        Backward =
                            fun how ->
                                told.Add how.Parallelism
                                Gzip.transform.Backward how
                    }

                let root =
                    structOf [ "weight", Record.Tensor(tensorOf Dtype.F32 [ 1L <<< 20 ] (weights 1 (1 <<< 20))) ]

                let watch = { Report = None; Token = token }

                for degree in [ 1; 2; many ] do
                    let recorder =
                        { Recorder.parallelism degree Recorder.namedMsgPack with Compression = Some transform }

                    told.Clear()
                    let bytes = ok (Recorder.toArray recorder watch (documentOf root))
                    let place = Memory.place (Memory.source (ReadOnlyMemory bytes))
                    expectSame (ok (Recorder.loadNow recorder watch place)).Root root $"{degree} at a time"
                    let most = min degree Environment.ProcessorCount
                    Expect.equal (List.ofSeq told) [ most; most ] $"asked for {degree}")

            testCase "tensors are all loaded, however many stretches of them are asked for at a time" (fun () ->
                let root =
                    structOf
                        [
                            for index in 1..6 ->
                                $"t{index}", Record.Tensor(tensorOf Dtype.F32 [ 1L <<< 20 ] (weights index (1 <<< 20)))
                        ]

                let watch = { Report = None; Token = token }

                let recorder =
                    Recorder.parallelism many Recorder.bincode
                    |> Recorder.schema (Schema.ofRecord root)

                let bytes = ok (Recorder.toArray recorder watch (documentOf root))
                expectSame (ok (Recorder.loadNow recorder watch (Memory.place (remote bytes)))).Root root "all of them")
        ]
