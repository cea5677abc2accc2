/// Where stretches of a compressed file of ours begin, and who says so wrongly.
module Records.Tests.GzipIndexTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Gzips
open Records.Tests.Support

let tests =
    testList
        "Gzip index"
        [
            testCase "several blocks have an index, and are the same however many are made at a time" (fun () ->
                let file = compress large
                let index, start = Option.get (indexOf file)
                Expect.equal index.Lengths.Length 6 "blocks"
                Expect.equal (Array.sum index.Lengths) (start - 10 - 2 - 8) "between header, end and trailer"
                expectBytes (ok (inflate file)) large "by the index and without"
                expectBytes (ok (inflate (Array.truncate start file))) large "the member alone"
                expectBytes (Files.inflated file) large "GZipStream"
                Expect.isNone (indexOf (compress (Array.truncate (1 <<< 20) large))) "one block has none"

                for degree in [ 2; 7 ] do
                    let payload: Payload = { Length = None; Parts = [ ReadOnlyMemory large ] }
                    expectBytes (bytesOf (Gzip.transform.Forward degree payload)) file $"{degree} at a time")

            testCase
                "a stretch that ends the stream is an error, as it is for whoever reads without the index"
                (fun () ->
                    // a MiB of nothing is one block, and all of its stretch
                    let file = compress (Array.zeroCreate (3 <<< 20))
                    let index, _ = Option.get (indexOf file)

                    for stretch in 0 .. index.Lengths.Length - 1 do
                        let broken = Array.copy file
                        let at = 10 + Array.sum index.Lengths[.. stretch - 1]
                        broken[at] <- broken[at] ||| 1uy

                        for degree in [ 1; 2 ] do
                            Expect.isError
                                (inflateBy degree limits (inputOf broken))
                                $"stretch {stretch}, {degree} at a time")

            testCase
                "what an index says that a file becomes is held against the limits before any of it is inflated"
                (fun () ->
                    let file = compress large

                    let start most =
                        let how = { Unpacking.Alone { limits with InflatedBytes = most } with Parallelism = 2 }
                        let input = ok (Gzip.transform.Backward how (inputOf file))
                        RecordError.catch input.Start

                    ok (start large.LongLength) |> ignore

                    match start (large.LongLength - 1L) with
                    | Error(RecordError.TooLarge(_, "inflated bytes", bytes, _)) ->
                        Expect.equal bytes large.LongLength "all of it"
                    | _ -> failtest "refused at once")

            testCase "stretches are larger than a block only where there are many" (fun () ->
                let find size count =
                    let index: GzipIndex = { Size = size; LastSize = 1; Lengths = Array.create count 40_000 }
                    RecordError.catch (fun () -> indexOf (GzipIndex.bytes index))

                let block = Deflate.blockSize

                for size, count in [ block, 2; 2 * block, 8_001; 1 <<< 26, 8_001 ] do
                    Expect.isSome (ok (find size count)) $"{count} of {size}"

                for size, count in [ 2 * block, 2; 2 * block, 8_000; 1 <<< 26, 8_000 ] do
                    find size count |> error |> ignore)

            testCase "what is wrong is the end: nothing behind it is read" (fun () ->
                let file = compress large
                let index, _ = Option.get (indexOf file)
                let broken = Array.copy file
                // the third stretch is no deflated data
                Array.fill broken (10 + Array.sum index.Lengths[..1]) 100 0xFFuy

                for degree in [ 1; 2 ] do
                    let how = { Unpacking.Alone limits with Parallelism = degree }
                    let forward = (ok (Gzip.transform.Backward how (inputOf broken))).Start()
                    let read = ResizeArray<byte>()

                    for _ in 1..20 do
                        match RecordError.catch (fun () -> forward.Peek 1) with
                        | Ok bytes ->
                            read.AddRange(bytes.ToArray())
                            forward.Advance bytes.Length
                        | Error _ -> ()

                    let all = read.ToArray()
                    Expect.isLessThanOrEqual all.Length (2 <<< 20) "two stretches"
                    expectBytes all (Array.truncate all.Length large) "as they are"
                    Expect.isError (RecordError.catch (fun () -> forward.Peek 1)) "still")

            testCase "a file without a seal has no index either" (fun () ->
                let shape = shapeOf [ 1_000_000L ]
                let values = View.ofArray (Array.init 1_000_000 single)
                let weight = Record.Tensor { Dtype = Dtype.F32; Shape = shape; Bytes = values }
                let document = documentOf (structOf [ "weight", weight ])
                let recorder = Recorder.gzip Recorder.namedMsgPack |> Recorder.parallelism 2

                let encoded recorder =
                    bytesOf (ok (Recorder.encode recorder document))

                let ours = encoded recorder
                let burns = encoded (Recorder.unsealed recorder)

                let marked (bytes: byte[]) =
                    bytes.AsSpan().IndexOf("RecIndex"B.AsSpan()) >= 0

                Expect.isTrue (marked ours) "sealed"
                Expect.isFalse (marked burns) "not sealed"
                let size = (Files.inflated burns).Length
                Expect.equal (BitConverter.ToInt32(burns, burns.Length - 4)) size "the member's trailer is the end")

            testCase "checksum and size are each held against what is inflated" (fun () ->
                let file = compress sample
                ok (inflate file) |> ignore

                for bit in 0..63 do
                    let at = file.Length - 8 + bit / 8
                    let changed = Array.copy file
                    changed[at] <- changed[at] ^^^ (1uy <<< (bit % 8))
                    let message = RecordError.message (error (inflate changed))
                    Expect.stringContains message (if bit < 32 then "checksum" else "size") $"bit {bit}")

            testCase "a damaged index is an error" (fun () ->
                let file = compress (Array.zeroCreate 2_500_000)
                let _, start = Option.get (indexOf file)

                for at in start .. file.Length - 1 do
                    inflateBy 2 limits (inputOf (Array.truncate at file))
                    |> fun result ->
                        if at = start then
                            ok result |> ignore
                        else
                            error result |> ignore

                    let changed = Array.copy file
                    changed[at] <- changed[at] ^^^ 1uy
                    inflateBy 2 limits (inputOf changed) |> error |> ignore

                inflate (Array.append file [| 0uy |]) |> error |> ignore
                inflate (Array.append file (Array.skip start file)) |> error |> ignore)

            // found by fuzzing: one thread looked at the length of an index and never at what it says
            testCase "an index that lies is an error whoever reads" (fun () ->
                let file = compress large
                let index, start = Option.get (indexOf file)

                let lying change =
                    let changed = Array.append (Array.truncate start file) (GzipIndex.bytes (change index))

                    for degree in [ 1; 2; 7 ] do
                        inflateBy degree limits (inputOf changed) |> error |> ignore

                let moved by =
                    fun (index: GzipIndex) ->
                        { index with
                            Lengths =
                                index.Lengths
                                |> Array.mapi (fun at length ->
                                    if at = 1 then length + by
                                    elif at = 2 then length - by
                                    else length)
                        }

                lying (moved 1)
                lying (moved -5)
                lying (fun index -> { index with LastSize = index.LastSize - 1 })
                lying (fun index -> { index with LastSize = index.LastSize + 1 })
                lying (fun index -> { index with Size = index.Size * 2 })
                lying (fun index -> { index with Lengths = Array.append index.Lengths [| 1 |] })
                lying (fun index -> { index with Lengths = Array.rev index.Lengths }))

            testCase "an index has room for any file" (fun () ->
                for count in [ 2; 3; 15_999; 16_000; 16_001; 100_001 ] do
                    let lengths = Array.init count (fun index -> 1000 + index % 7)
                    let total = int64 (count - 1) * int64 Deflate.blockSize + 5L
                    let index = Option.get (GzipIndex.make Deflate.blockSize total lengths)
                    Expect.isLessThanOrEqual index.Lengths.Length 16_000 "stretches"
                    Expect.equal (Array.sumBy int64 index.Lengths) (Array.sumBy int64 lengths) "of the same bytes"

                    Expect.equal
                        (int64 (index.Lengths.Length - 1) * int64 index.Size + int64 index.LastSize)
                        total
                        "and the same contents"

                    let bytes = GzipIndex.bytes index
                    let found, start = Option.get (indexOf (Array.append [| 7uy |] bytes))
                    Expect.equal (found.Size, found.LastSize, start) (index.Size, index.LastSize, 1) "found"
                    Expect.equal found.Lengths index.Lengths "again"

                Expect.isNone (GzipIndex.make Deflate.blockSize 5L [| 1 |]) "of one block there is none")
        ]
