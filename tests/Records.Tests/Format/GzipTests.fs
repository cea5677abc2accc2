module Records.Tests.GzipTests

open System
open System.IO
open System.IO.Compression
open Expecto
open Records.Core
open Records.Tests.Support

let private compress (bytes: byte[]) =
    bytesOf (Gzip.transform.Forward 1 { Length = None; Parts = [ ReadOnlyMemory bytes ] })

let private limits = Recorder.defaultLimits

let private backward = Gzip.transform.Backward(Unpacking.Alone limits)

let private inflateBy degree limits (input: Input) =
    Gzip.transform.Backward { Unpacking.Alone limits with Parallelism = degree } input
    |> Result.bind (fun inner ->
        RecordError.catch (fun () ->
            let forward = inner.Start()
            use result = new MemoryStream()
            let mutable more = true

            while more do
                let window = forward.Peek 1000
                more <- window.Length > 0
                result.Write window.Span
                forward.Advance window.Length

            result.ToArray()))

/// All that is inflated, or the error: the same on one thread and on several.
let private inflateWithin limits (bytes: byte[]) =
    let results =
        [
            for degree in [ 1; 2; 3 ] do
                inflateBy degree limits (inputOf bytes)
                inflateBy degree limits (Forward.input (remote bytes))
        ]

    for result in results.Tail do
        match results.Head, result with
        | Ok first, Ok second -> expectBytes second first "on several threads, and from a file"
        | Error _, Error _ -> ()
        | first, second -> failtest $"{first} on one thread, {second} on several"

    results.Head

let private inflate bytes = inflateWithin limits bytes

let private sample =
    let random = Random 11
    Array.init 3000 (fun index -> if index % 3 = 0 then byte (random.Next 256) else byte index)

/// The sample behind a header with these flags and fields.
let private withHeader flags (fields: byte[]) =
    let plain = compress sample
    let header = Array.truncate 10 plain
    header[3] <- flags
    let header = Array.append header fields

    let sum =
        if flags &&& 2uy = 0uy then
            [||]
        else
            BitConverter.GetBytes(uint16 (IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan header)))

    Array.concat [ header; sum; Array.skip 10 plain ]

/// Two MiB of each: what is there twice is near, far, in one place or nowhere.
let private kinds =
    let random = Random 12

    let normal () =
        random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5

    let ofSingles count make =
        Array.init count (fun index -> BitConverter.GetBytes(make index: single))
        |> Array.concat

    let many = 1 <<< 19
    let row = Array.init 5000 (fun _ -> single (normal ()))

    [
        "weights", ofSingles many (fun _ -> single (normal ()))
        "halves as floats", ofSingles many (fun _ -> single (Half.op_Explicit (normal ()): Half))
        "rows again and again", ofSingles many (fun index -> row[index % row.Length])
        "ones", ofSingles many (fun _ -> 1f)
        "zeros", Array.zeroCreate (1 <<< 21)
        "mostly zeros", ofSingles many (fun _ -> if random.Next 10 = 0 then single (normal ()) else 0f)
        "noise", Array.init (1 <<< 21) (fun _ -> byte (random.Next 256))
        "small bytes", Array.init (1 <<< 21) (fun _ -> byte (int (normal () * 10.)))
        "text",
        Text.Encoding.ASCII.GetBytes(String.Join(",", Array.init 700_000 (fun _ -> random.Next 256)))
        |> Array.truncate (1 <<< 21)
        "half weights, half rows",
        Array.append
            (ofSingles (many / 2) (fun _ -> single (normal ())))
            (ofSingles (many / 2) (fun index -> row[index % row.Length]))
    ]

/// Five and a half blocks of everything.
let private large = Array.concat [ for _, bytes in kinds -> Array.truncate 576_717 bytes ]

let private indexOf (file: byte[]) =
    match GzipIndex.find (memory file).Source with
    | ValueSome(struct (index, start)) -> Some(index, int start)
    | ValueNone -> None

let tests =
    testList
        "Gzip"
        [
            testCase "the header is flate2's: no name, no time, level and system unknown" (fun () ->
                Expect.equal
                    (Array.truncate 10 (compress sample))
                    [| 0x1Fuy; 0x8Buy; 8uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0xFFuy |]
                    "ten bytes")

            testCase "others inflate what we write" (fun () ->
                for bytes in [ [||]; [| 1uy |]; sample; Array.zeroCreate 5_000_000 ] do
                    expectBytes (Files.inflated (compress bytes)) bytes "GZipStream")

            testCase "we inflate what we write" (fun () ->
                for bytes in [ [||]; [| 1uy |]; sample; Array.zeroCreate 5_000_000 ] do
                    expectBytes (ok (inflate (compress bytes))) bytes "and check it")

            testCase "we inflate what others write" (fun () ->
                for level in
                    [ CompressionLevel.Fastest; CompressionLevel.SmallestSize; CompressionLevel.NoCompression ] do
                    use stream = new MemoryStream()

                    (use gzip = new GZipStream(stream, level, true)
                     gzip.Write(ReadOnlySpan sample))

                    expectBytes (ok (inflate (stream.ToArray()))) sample $"{level}")

            testCase "many parts are one stream" (fun () ->
                let parts = seq { for part in Array.chunkBySize 7 sample -> ReadOnlyMemory part }

                expectBytes
                    (ok (inflate (bytesOf (Gzip.transform.Forward 1 { Length = None; Parts = parts }))))
                    sample
                    "in a row")

            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with maxTest = 10 }
                "pieces compressed side by side are one member that others inflate"
                (fun (sizes: byte list) ->
                    let random = Random 5

                    let parts =
                        [
                            for size in List.truncate 4 sizes ->
                                // gaussian bytes compress a little, as models do
                                let part =
                                    Array.init (int size * 8_000) (fun _ -> byte (random.Next 16 * random.Next 16))

                                ReadOnlyMemory part
                        ]

                    let together =
                        [|
                            for part in parts do
                                yield! part.ToArray()
                        |]

                    let payload = { Length = None; Parts = parts }
                    let bytes = bytesOf (Gzip.transform.Forward 3 payload)
                    expectBytes (Files.inflated bytes) together "GZipStream"
                    expectBytes (ok (inflate bytes)) together "we"
                    let alone = bytesOf (Gzip.transform.Forward 1 payload)
                    Expect.isLessThanOrEqual bytes.Length (alone.Length * 101 / 100 + 64) "hardly larger")

            testCase "a source that fails while pieces are in hand is told, and nobody is left waiting" (fun () ->
                let failing =
                    seq {
                        ReadOnlyMemory(Array.zeroCreate<byte> 5_000_000)
                        RecordError.raise (RecordError.Missing([ "weight" ], "a tensor"))
                    }

                let payload = Gzip.transform.Forward 2 { Length = None; Parts = failing }

                match RecordError.catch (fun () -> Seq.iter ignore payload.Parts) with
                | Error(RecordError.Missing _) -> ()
                | other -> failtest $"{other}"

                // a reader that leaves early
                Expect.equal (Seq.length (Seq.truncate 3 payload.Parts)) 3 "what was asked for")

            for name, bytes in kinds do
                testCase $"{name}: hardly larger than when all of it is searched" (fun () ->
                    use output = new MemoryStream()
                    let options = ZLibCompressionOptions(CompressionLevel = 6)

                    using (new DeflateStream(output, options, leaveOpen = true)) (fun deflate ->
                        deflate.Write(ReadOnlySpan bytes))

                    // a block knows nothing of the one before: what repeats all the time is there once in each
                    let again = if name.Contains "rows" then 4 * 5000 else 0

                    Expect.isLessThanOrEqual
                        (compress bytes).Length
                        (int output.Length * 101 / 100 + 600 + again)
                        "by no more than a hundredth")

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
                    let file = compress large
                    let index, _ = Option.get (indexOf file)

                    for stretch in 0 .. index.Lengths.Length - 1 do
                        let broken = Array.copy file
                        let at = 10 + Array.sum index.Lengths[.. stretch - 1]
                        broken[at] <- broken[at] ||| 1uy

                        for degree in [ 1; 2 ] do
                            Expect.isError
                                (inflateBy degree limits (inputOf broken))
                                $"stretch {stretch}, {degree} at a time")

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

            testCase "compressed bytes that say nothing are read over" (fun () ->
                let plain = compress sample
                // empty stored blocks
                let nothing = Array.replicate 300_000 [| 0uy; 0uy; 0uy; 255uy; 255uy |] |> Array.concat

                let file = Array.concat [ Array.truncate 10 plain; nothing; Array.skip 10 plain ]

                expectBytes (ok (inflate file)) sample "a megabyte and a half of them")

            testCase "what stops a source is told whoever inflates" (fun () ->
                let indexed = compress large
                let bare = Array.truncate (snd (Option.get (indexOf indexed))) indexed

                for file in [ indexed; bare ] do
                    for degree in [ 1; 2; 3 ] do
                        for good in [ 5; 100_000; file.Length / 2; file.Length - 200 ] do
                            let inner = (Forward.input (remote file)).Start

                            let start () =
                                let forward = inner ()

                                { new IForward with
                                    member _.Position = forward.Position
                                    member _.Remaining = forward.Remaining

                                    member _.Peek count =
                                        if forward.Position + int64 count > int64 good then
                                            RecordError.raise (RecordError.Missing([], "the rest"))

                                        forward.Peek count

                                    member _.Advance count = forward.Advance count
                                    member _.Take length = forward.Take length
                                }

                            match inflateBy degree limits { Name = "failing"; Start = start } with
                            | Error(RecordError.Missing _) -> ()
                            | other -> failtest $"{degree}, {good}: {other}")

            testCase "a file cut off at any byte is an error" (fun () ->
                let bytes = compress (Array.truncate 300 sample)

                for length in 0 .. bytes.Length - 1 do
                    match inflate (Array.truncate length bytes) with
                    | Ok _ -> failtest $"{length} of {bytes.Length} bytes"
                    | Error _ -> ())

            testCase "a flipped bit anywhere is an error or changes nothing" (fun () ->
                let content = Array.truncate 300 sample
                let bytes = compress content

                for at in 0 .. bytes.Length - 1 do
                    for bit in 0..7 do
                        let changed = Array.copy bytes
                        changed[at] <- changed[at] ^^^ (1uy <<< bit)

                        match inflate changed with
                        // time, level and system in the header; the mark of the last block; bits after it
                        | Ok read -> expectBytes read content $"bit {bit} of byte {at}"
                        | Error _ -> ())

            for name, flags, fields in
                [
                    "an extra field", 4uy, [| 3uy; 0uy; 1uy; 2uy; 3uy |]
                    "a name", 8uy, "model.mpk\000"B
                    "a comment", 16uy, "by hand\000"B
                    "a checksum of the header", 2uy, [||]
                    "a text flag", 1uy, [||]
                    "all of them", 31uy, Array.concat [ [| 1uy; 0uy; 9uy |]; "n\000"B; "c\000"B ]
                ] do
                testCase $"a header with {name} is read" (fun () ->
                    expectBytes (ok (inflate (withHeader flags fields))) sample name)

            for name, bytes in
                [
                    "reserved flags", withHeader 0x20uy [||]
                    "a name that never ends",
                    Array.concat [ withHeader 8uy [||] |> Array.truncate 10; Array.create 100_000 65uy ]
                    "an extra field beyond the file", withHeader 4uy [| 255uy; 255uy |]
                    "another method",
                    (compress sample
                     |> Array.mapi (fun index value -> if index = 2 then 7uy else value))
                    "a wrong checksum of the header",
                    (let bytes = withHeader 2uy [||]
                     bytes[10] <- bytes[10] ^^^ 1uy
                     bytes)
                    "no last block",
                    (use stream = new MemoryStream()

                     // one block, marked as the last at its very beginning
                     (use gzip = new GZipStream(stream, CompressionLevel.Optimal, true)
                      gzip.Write(ReadOnlySpan [| 1uy; 2uy |]))

                     let bytes = stream.ToArray()
                     bytes[10] <- bytes[10] &&& 0xFEuy
                     bytes)
                    "two members", Array.append (compress sample) (compress sample)
                    "a byte after the end", Array.append (compress sample) [| 0uy |]
                    "zeros after the end", Array.append (compress sample) (Array.zeroCreate 512)
                    "no gzip at all", "{}"B
                    "nothing", [||]
                ] do
                testCase $"{name}: refused" (fun () -> inflate bytes |> error |> ignore)

            testCase "what inflates beyond the limit is refused" (fun () ->
                let size = 300_000_000
                let bomb = compress (Array.zeroCreate size)

                match inflateWithin { limits with InflatedBytes = 1_000_000L } bomb with
                | Error(RecordError.TooLarge(_, "inflated bytes", _, 1_000_000L)) -> ()
                | _ -> failtest "a limit in bytes"

                match inflateWithin { limits with InflateRatio = 100L } bomb with
                | Error(RecordError.TooLarge(_, "compression ratio", _, 100L)) -> ()
                | _ -> failtest "a limit in proportion"

                match inflate bomb with
                | Error(RecordError.TooLarge(_, "compression ratio", _, 250L)) -> ()
                | _ -> failtest "a limit in proportion unless said otherwise"

                let large = { limits with InflateRatio = 2000L }
                Expect.equal (ok (inflateWithin large bomb)).Length size "when asked for"

                let small = compress (Array.zeroCreate 30_000_000)
                Expect.equal (ok (inflate small)).Length 30_000_000 "zeros are honest up to 256 MiB")

            testCase "a tensor that would inflate beyond the limit is refused before it is inflated" (fun () ->
                let forward = (ok (backward (inputOf (compress (Array.zeroCreate 300_000_000))))).Start()

                let before = GC.GetAllocatedBytesForCurrentThread()

                match RecordError.catch (fun () -> forward.Take 290_000_000L) with
                | Error(RecordError.TooLarge(_, "compression ratio", _, _)) -> ()
                | _ -> failtest "a typed error"

                Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) 100_000L "nothing is allocated")

            testCase "a length that lies inside a compressed file costs little" (fun () ->
                // a tensor of nearly 4 GiB, of which a few bytes are there
                let item = Array.concat [ [| 0x83uy; 0xA5uy |]; "bytes"B; [| 0xC6uy; 0xF0uy; 0uy; 0uy; 0uy |]; sample ]
                let file = Array.concat [ [| 0x82uy; 0xA8uy |]; "metadata"B; [| 0x80uy; 0xA4uy |]; "item"B; item ]
                let before = GC.GetAllocatedBytesForCurrentThread()
                let recorder = Recorder.gzip Recorder.namedMsgPack
                Recorder.decode recorder (inputOf (compress file)) |> error |> ignore
                Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) (32L <<< 20) "memory")

            testCase "gzip inside gzip is said to be unsupported" (fun () ->
                let input = ok (backward (inputOf (compress (compress sample))))

                match RecordError.catch (fun () -> (ok (backward input)).Start()) with
                | Error(RecordError.Unsupported _) -> ()
                | _ -> failtest "a clear word")
        ]
