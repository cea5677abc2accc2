module Records.Tests.GzipTests

open System
open System.IO
open System.IO.Compression
open System.Threading
open System.Threading.Tasks
open Expecto
open Records.Core
open Records.Tests.Gzips
open Records.Tests.Support

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

            // the pool is the process's: nothing else may be at work meanwhile
            testCase "loads that fill the pool do not wait for each other" (fun () ->
                let weights = Records.Tests.Deflating.weights 1 500_000
                let blocks = Array.truncate (5 <<< 19) large
                let single = bytesOf (Gzip.single 1 { Length = None; Parts = [ ReadOnlyMemory weights ] })
                let workers, ports = ThreadPool.GetMaxThreads()
                let fewest, _ = ThreadPool.GetMinThreads()
                let few = 1 + max fewest Environment.ProcessorCount

                for file, content in [ compress blocks, blocks; single, weights ] do
                    Expect.isTrue (ThreadPool.SetMaxThreads(few, ports)) "few threads"

                    try
                        let begun = ref 0
                        let gate = new ManualResetEventSlim()

                        let load _ =
                            Task.Run(fun () ->
                                Interlocked.Increment begun |> ignore
                                gate.Wait()
                                ok (inflateBy 2 limits (inputOf file)))

                        let loads = Array.init (2 * few) load

                        // all threads that there are, but for the one that may be running this
                        SpinWait.SpinUntil((fun () -> Volatile.Read &begun.contents >= few - 1), 10_000)
                        |> ignore

                        gate.Set()
                        Expect.isTrue (Task.WhenAll(loads).Wait(TimeSpan.FromSeconds 60.0)) "all of them end"

                        for load in loads do
                            expectBytes load.Result content "what it should be"
                    finally
                        // those that wait for ever go on
                        ThreadPool.SetMaxThreads(workers, ports) |> ignore)
            |> testSequenced

            testCase "a tensor that would inflate beyond the limit is refused before it is inflated" (fun () ->
                // one member alone: what an index says is refused before that
                let zeros = Array.zeroCreate<byte> 300_000_000
                let bomb = bytesOf (Gzip.single 1 { Length = None; Parts = [ ReadOnlyMemory zeros ] })
                let forward = (ok (backward (inputOf bomb))).Start()

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
