module Records.Tests.ChunksTests

open System
open Expecto
open Records.Core
open Records.Tests.Support

let private bytes = Array.init 100 byte

let private chunked size =
    Array.chunkBySize size bytes
    |> Array.map (fun chunk -> ReadOnlyMemory chunk)
    |> Chunks.slice size

let private random seed length =
    let bytes = Array.zeroCreate<byte> length
    Random(seed: int).NextBytes bytes
    bytes

let private inParts size (bytes: byte[]) =
    let parts = bytes |> Array.chunkBySize size |> Seq.map (fun part -> ReadOnlyMemory part)
    { Length = None; Parts = parts }

let tests =
    testList
        "Chunks"
        [
            testCase "every stretch is what one array would give" (fun () ->
                for size in [ 1; 7; 10; 33; 99; 100 ] do
                    let slice = chunked size
                    Expect.equal slice.Length 100L "the length of all"

                    for offset in 0..100 do
                        for count in 0 .. 100 - offset do
                            let expected = Array.sub bytes offset count
                            let read = slice.Source.Read(int64 offset, count).ToArray()
                            let filled = Array.zeroCreate<byte> count
                            slice.Source.Fill(int64 offset, Span filled)

                            if read <> expected || filled <> expected then
                                failtest $"{count} bytes from {offset} on in chunks of {size}")

            testCase "reading past the end throws" (fun () ->
                let slice = chunked 7
                Expect.throws (fun () -> slice.Source.Read(95L, 6) |> ignore) "six of five bytes"
                Expect.throws (fun () -> slice.Source.Fill(101L, Span(Array.zeroCreate<byte> 1))) "past it all")

            testCase "more than one array can hold is looked at in parts that are no copies" (fun () ->
                let chunk = ReadOnlyMemory(Array.zeroCreate<byte> Chunks.size)
                let slice = Chunks.slice Chunks.size (Array.replicate 9 chunk)
                let before = GC.GetAllocatedBytesForCurrentThread()
                let parts = Slice.parts slice |> Seq.map _.Length |> List.ofSeq
                Expect.equal (List.sumBy int64 parts) (9L * int64 Chunks.size) "all of it"
                Expect.isLessThanOrEqual (List.max parts) (1 <<< 20) "a MiB at a time"
                let forward = Forward.ofSource slice.Source
                Expect.isLessThanOrEqual (forward.Peek 9).Length (1 <<< 20) "at the start"
                forward.Take 57L |> ignore
                Expect.isGreaterThanOrEqual (forward.Peek 9).Length 9 "in its midst"
                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                Expect.isLessThan allocated (16L <<< 20) "next to nothing"

                Expect.throwsT<OutOfMemoryException>
                    (fun () -> slice.Source.Read(100L, Int32.MaxValue - 50) |> ignore)
                    "more than an array may have, and not taken for less than a chunk")

            testCase "a part of a slice lies in it" (fun () ->
                let slice = Slice.sub 10L 30L (chunked 7)
                Expect.equal (wholeOf (Slice.sub 5L 10L slice)) (Array.sub bytes 15 10) "a part of a part"
                Expect.equal (Slice.sub 30L 0L slice).Length 0L "nothing at its end"

                for offset, length in
                    [ -1L, 1L; 0L, -1L; 0L, 31L; 30L, 1L; 31L, 0L; 29L, 2L; 1L, System.Int64.MaxValue ] do
                    Expect.throws (fun () -> Slice.sub offset length slice |> ignore) $"{length} from {offset} on")

            testCase "memory is filled in order" (fun () ->
                let mutable next = 0uy

                let slice =
                    Chunks.filled 10L (fun target ->
                        for index in 0 .. target.Length - 1 do
                            target.Span[index] <- next
                            next <- next + 1uy)

                Expect.equal (wholeOf slice) [| 0uy .. 9uy |] "ten bytes"
                Expect.equal (wholeOf (Chunks.filled 0L (fun _ -> failtest "nothing to fill"))) [||] "none")

            testCase "parts are gathered in their order" (fun () ->
                let lengths = [ 0; 1; 65535; 65536; 65537; 1 <<< 18; (1 <<< 18) + 1; 1 <<< 20; (1 <<< 22) + 9999 ]

                for length in lengths do
                    for partSize in [ 1000; 1 <<< 20 ] do
                        let bytes = random length length
                        let slice = Chunks.gather (inParts partSize bytes)
                        Expect.isTrue (wholeOf slice = bytes) $"{length} bytes"
                        Expect.isTrue slice.Source.Outlives "which stay")

            testCase "payloads are gathered one after the other, and none takes another's memory" (fun () ->
                let sizes = Random 1
                let gather = Chunks.gathering () (fun () -> ValueNone)

                let gathered =
                    [
                        for index in 1..200 do
                            let length = int (Math.Exp(9.0 + 5.0 * sizes.NextDouble()))
                            let bytes = random index length
                            let slice = gather (inParts 30000 bytes)
                            Expect.isTrue (wholeOf slice = bytes) "as it was"
                            bytes, slice
                    ]

                for bytes, slice in gathered do
                    Expect.isTrue (wholeOf slice = bytes) $"{bytes.Length} bytes, of which others take nothing")

            testCase "a payload that fails leaves what was gathered, and what comes after it" (fun () ->
                let gather = Chunks.gathering () (fun () -> ValueNone)
                let first, second = random 1 300000, random 2 3000000
                let before = gather (inParts 30000 first)

                let broken =
                    seq {
                        ReadOnlyMemory(random 3 500000)
                        RecordError.raise (RecordError.Unsupported([], "this"))
                    }

                Expect.throws (fun () -> gather { Length = None; Parts = broken } |> ignore) "the failure"
                let after = gather (inParts 30000 second)
                Expect.isTrue (wholeOf before = first) "before"
                Expect.isTrue (wholeOf after = second) "after")

            testCase "memory is asked for as it is filled" (fun () ->
                let part = ReadOnlyMemory(Array.zeroCreate<byte> 10000)
                let start = GC.GetAllocatedBytesForCurrentThread()
                let mutable read = 0L
                // an array of the pool, and small objects
                let slack = 200000L

                let parts =
                    seq {
                        for _ in 1..3000 do
                            let asked = GC.GetAllocatedBytesForCurrentThread() - start
                            Expect.isLessThanOrEqual asked (6L * read + slack) $"after {read} bytes"
                            read <- read + int64 part.Length
                            part
                    }

                let slice = Chunks.gather { Length = Some Int64.MaxValue; Parts = parts }
                Expect.equal slice.Length read "all of it")

            testCase "many payloads take little more memory than they are" (fun () ->
                let part = ReadOnlyMemory(Array.zeroCreate<byte>(1 <<< 16))
                // layers of a transformer: four matrices, and two that are four times as large
                let layer = [ 16; 16; 16; 16; 64; 64 ]
                let gather = Chunks.gathering () (fun () -> ValueNone)
                let start = GC.GetAllocatedBytesForCurrentThread()

                for count in List.concat (List.replicate 5 layer) do
                    gather { Length = None; Parts = Seq.replicate count part } |> ignore

                let asked = GC.GetAllocatedBytesForCurrentThread() - start
                let gathered = int64 (5 * List.sum layer) <<< 16
                Expect.isLessThan asked (gathered * 9L / 8L) "what is left free among it")

            testCase "what is known to come is what is asked for, and what comes besides has room" (fun () ->
                let part = ReadOnlyMemory(Array.init (1 <<< 16) byte)

                for count, said in [ 48, 48; 48, 50; 48, 20 ] do
                    let left = ref said

                    let parts =
                        seq {
                            for _ in 1..count do
                                left.Value <- left.Value - 1
                                part
                        }

                    let start = GC.GetAllocatedBytesForCurrentThread()

                    let ahead () =
                        ValueSome(int64 (max 0 left.Value) <<< 16)

                    let slice = Chunks.gathering () ahead { Length = None; Parts = parts }
                    let asked = GC.GetAllocatedBytesForCurrentThread() - start
                    Expect.isTrue (wholeOf slice = Array.concat [ for _ in 1..count -> part.ToArray() ]) "all of it"

                    if said >= count then
                        // an array of the pool, and small objects
                        Expect.isLessThan asked ((int64 said <<< 16) + 200000L) "nothing twice")

            testCase "what is held in memory is not copied again" (fun () ->
                let u8 slice =
                    match
                        Shape.create [ slice.Length ]
                        |> Result.bind (fun shape -> TensorData.create Dtype.U8 shape slice)
                    with
                    | Ok data -> data
                    | Error error -> failtest (RecordError.message error)

                let held = memory bytes
                Expect.isTrue (obj.ReferenceEquals((View.hold (u8 held)).Bytes.Source, held.Source)) "the same"
                let slice = { Source = remote bytes; Offset = 20L; Length = 30L }
                let copy = (View.hold (u8 slice)).Bytes
                Expect.equal (wholeOf copy) (Array.sub bytes 20 30) "a copy of the rest"
                Expect.isTrue copy.Source.Outlives "which stays")
        ]
