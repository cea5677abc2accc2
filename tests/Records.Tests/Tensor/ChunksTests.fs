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

            testCase "parts are gathered into memory of their own" (fun () ->
                let large = 1 <<< 24

                for length in [ 0; 1; 4095; 4096; 4097; 16384; 16385; large - 1; large; large + 1; large + 9999 ] do
                    for partSize in [ 1000; 1 <<< 20 ] do
                        let gather seed =
                            let bytes = Array.zeroCreate<byte> length
                            Random(seed: int).NextBytes bytes

                            let parts =
                                bytes |> Array.chunkBySize partSize |> Seq.map (fun part -> ReadOnlyMemory part)

                            bytes, Chunks.gather { Length = None; Parts = parts }

                        let first, firstSlice = gather 1
                        let second, secondSlice = gather 2
                        Expect.isTrue (wholeOf firstSlice = first) $"{length} bytes, of which others take nothing"
                        Expect.isTrue (wholeOf secondSlice = second) $"{length} bytes more"
                        Expect.isTrue secondSlice.Source.Outlives "which stay")

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
