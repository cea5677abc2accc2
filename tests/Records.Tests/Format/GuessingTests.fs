module Records.Tests.GuessingTests

open System
open System.IO
open System.IO.Compression
open System.Threading
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Deflating

/// Nothing that another inflater says is of use: what is asked of it is that it is not asked.
let private never () : IInflated = failtest "left to the other inflater"

let private all (inflated: IInflated) =
    use result = new MemoryStream()
    let window = Array.zeroCreate<byte> 70_001
    let mutable more = true

    while more do
        let count = inflated.Read(Span window)
        result.Write(window, 0, count)
        more <- count > 0

    result.ToArray()

let private inflateWith idle otherwise chunk degree (bytes: byte[]) =
    let forward () = (inputOf bytes).Start()
    let source = forward ()
    let result = all (Guessing(chunk, idle, forward (), source, bytes.LongLength, degree, otherwise source))
    struct (result, source.Position)

let private inflateOr otherwise chunk degree bytes =
    inflateWith (Idle(fun () -> Pieces())) otherwise chunk degree bytes

/// By guesses alone, or the rest of it.
let private inflate degree bytes =
    let struct (result, position) = inflateOr (fun _ -> never) Guessing.Chunk degree bytes
    Expect.equal position bytes.LongLength "the source is left behind it"
    result

/// Bits of a deflate stream, one behind the other.
type private Bits() =
    let bytes = ResizeArray<byte>()
    let mutable count = 0

    member _.Write(value: int, length) =
        for bit in 0 .. length - 1 do
            if count % 8 = 0 then
                bytes.Add 0uy

            bytes[count / 8] <- bytes[count / 8] ||| byte (((value >>> bit) &&& 1) <<< (count % 8))
            count <- count + 1

    /// A code, whose first bit is the highest.
    member this.Code(code: int, length) =
        for bit in length - 1 .. -1 .. 0 do
            this.Write((code >>> bit) &&& 1, 1)

    member _.ToArray() = bytes.ToArray()

/// Several MiB of weights.
let private model = lazy (weights 1 1_300_000)

let tests =
    testList
        "Guessing"
        [
            testCase "no more is inflated at a time than was said, by whoever waits either" (fun () ->
                // stored blocks, which no guess finds: whoever reads knows where they begin
                let bytes = Array.concat [ weights 17 200_000; noise 18 3_000_000 ]
                let packed = deflated 6 ZLibCompressionStrategy.Default bytes

                for degree in 1..3 do
                    let made = ref 0

                    let idle =
                        Idle(fun () ->
                            Interlocked.Increment made |> ignore
                            Pieces())

                    let struct (result, _) = inflateWith idle (fun _ -> never) 300_000 degree packed
                    expectBytes result bytes "all of it"
                    Expect.isLessThanOrEqual made.Value degree "as many as were in use at once")

            for degree in [ 2; 3; 5 ] do
                for name, level, strategy in
                    [
                        "as others write them", 6, ZLibCompressionStrategy.Default
                        "small", 9, ZLibCompressionStrategy.Default
                        "codes only", 6, ZLibCompressionStrategy.HuffmanOnly
                    ] do
                    testCase $"weights are inflated in {degree} places: {name}" (fun () ->
                        let bytes = deflated level strategy model.Value
                        expectBytes (inflate degree bytes) model.Value "all of them")

            testCase "what is copied from before a piece is what was there" (fun () ->
                // every now and then what was there a little earlier, so that something is copied over every border
                let random = Random 2
                let bytes = Array.copy model.Value

                for at in 40_000..3_000 .. bytes.Length - 400 do
                    Array.blit bytes (at - random.Next(400, 32_000)) bytes at (random.Next(4, 300))

                expectBytes (inflate 2 (deflated 9 ZLibCompressionStrategy.Default bytes)) bytes "copies of copies")

            testCase "stored blocks, which are not found, are read by whoever knows where they begin" (fun () ->
                let bytes = Array.concat [ weights 3 400_000; noise 4 3_000_000; weights 5 400_000 ]
                expectBytes (inflate 2 (deflated 6 ZLibCompressionStrategy.Default bytes)) bytes "in the midst"
                expectBytes (inflate 2 (deflated 0 ZLibCompressionStrategy.Default bytes)) bytes "nothing else")

            testCase "what only looks like a block does not count" (fun () ->
                // deflated bytes as the contents of stored blocks: blocks begin there, and none of this stream's
                let inner = deflated 6 ZLibCompressionStrategy.Default model.Value
                expectBytes (inflate 3 (deflated 0 ZLibCompressionStrategy.Default inner)) inner "what is stored")

            testCase "much that becomes of little is made in pieces" (fun () ->
                let bytes = Array.concat [ weights 6 500_000; Array.zeroCreate 30_000_000; weights 7 500_000 ]

                expectBytes
                    (inflate 2 (deflated 6 ZLibCompressionStrategy.Default bytes))
                    bytes
                    "zeros between weights")

            testCase "a block longer than what is looked at is left to the other inflater" (fun () ->
                let bits = Bits()
                let content = noise 8 1_000_000
                let weights = weights 9 500_000

                let first = stretch 6 ZLibCompressionStrategy.Default weights
                // one last block with the codes that are known
                bits.Write(1, 1)
                bits.Write(1, 2)

                for value in content do
                    if value < 144uy then
                        bits.Code(0x30 + int value, 8)
                    else
                        bits.Code(0x190 + int value - 144, 9)

                bits.Code(0, 7)
                let bytes = Array.append first (bits.ToArray())
                let asked = ref 0

                let otherwise source () =
                    asked.Value <- asked.Value + 1
                    Inflate.start 2 ValueNone source bytes.LongLength ValueNone

                let struct (result, _) = inflateOr otherwise Guessing.Chunk 2 bytes
                expectBytes result (Array.append weights content) "all of it, and nothing twice"
                Expect.equal asked.Value 1 "the other inflater")

            testCase "what is mostly copies is left to the other inflater at once" (fun () ->
                let random = Random 10

                let text =
                    Text.Encoding.ASCII.GetBytes(String.Join(",", Array.init 1_500_000 (fun _ -> random.Next 5000)))

                let bytes = deflated 6 ZLibCompressionStrategy.Default text
                Expect.isGreaterThan bytes.Length (2 * Guessing.Chunk) "long enough"
                let asked = ref 0

                let otherwise source () =
                    asked.Value <- asked.Value + 1
                    Inflate.start 2 ValueNone source bytes.LongLength ValueNone

                let struct (result, _) = inflateOr otherwise Guessing.Chunk 2 bytes
                expectBytes result text "all of it"
                Expect.equal asked.Value 1 "the other inflater")

            testCase "a file that is cut off, changed or longer is the error that it is on one thread" (fun () ->
                use stream = new MemoryStream()

                using (new GZipStream(stream, CompressionLevel.Optimal, true)) (fun gzip ->
                    gzip.Write(ReadOnlySpan model.Value))

                let file = stream.ToArray()
                let random = Random 11

                let result degree bytes =
                    let how = { Unpacking.Alone Recorder.defaultLimits with Parallelism = degree }

                    Gzip.transform.Backward how (inputOf bytes)
                    |> Result.bind (fun inner ->
                        RecordError.catch (fun () ->
                            use result = new MemoryStream()

                            for part in (Forward.rest (inner.Start())).Parts do
                                result.Write part.Span

                            result.ToArray()))

                expectBytes (ok (result 2 file)) model.Value "as it is"

                let same name bytes =
                    match result 1 bytes, result 2 bytes with
                    | Error _, Error _ -> ()
                    | Ok one, Ok two -> expectBytes two one name
                    | one, two -> failtest $"{name}: {Result.isOk one} on one thread, {Result.isOk two} on two"

                for _ in 1..6 do
                    let length = random.Next file.Length
                    same $"cut off at {length}" (Array.truncate length file)

                for _ in 1..12 do
                    let changed = Array.copy file
                    let at = random.Next file.Length
                    changed[at] <- changed[at] ^^^ (1uy <<< random.Next 8)
                    same $"another bit at {at}" changed

                same "a byte more" (Array.append file [| 0uy |])
                same "two members" (Array.append file file))

            testCase "a copy from before the stream begins is an error, and never what lay in memory" (fun () ->
                // of these the second, which copies from the first, behind nothing
                let one = weights 13 3_000
                let mixed = Array.concat [ weights 14 1_000; Array.truncate 2_000 one; weights 15 1_000 ]
                let packed = stretches 9 ZLibCompressionStrategy.Default [ one; mixed ]
                // more than a chunk of it, so that the block is found by a guess
                let nothing = Array.replicate 20_000 [| 0uy; 0uy; 0uy; 255uy; 255uy |] |> Array.concat
                Expect.equal (Boundary.next packed[1] packed[1].Length 0 8) 0 "a block that is found"
                let bytes = Array.concat [ nothing; packed[1]; [| 3uy; 0uy |] ]

                let otherwise source () =
                    Inflate.start 2 ValueNone source bytes.LongLength ValueNone

                for chunk in [ 60_000; 90_000 ] do
                    Expect.throwsT<InvalidDataException>
                        (fun () -> inflateOr otherwise chunk 2 bytes |> ignore)
                        $"in chunks of {chunk}"

                // and behind what they copy from they are right
                let good = Array.concat [ packed[0]; nothing; packed[1]; [| 3uy; 0uy |] ]
                let struct (result, _) = inflateOr (fun _ -> never) 60_000 2 good
                expectBytes result (Array.append one mixed) "as they were")

            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with maxTest = 60 }
                "whatever the contents are and wherever they are cut, they become what the other inflater makes of them"
                (fun (seed: int) ->
                    let random = Random seed

                    let content =
                        Array.concat
                            [
                                for _ in 0 .. random.Next 8 do
                                    match random.Next 5 with
                                    | 0 -> noise (random.Next()) (random.Next 90_000)
                                    | 1 -> Array.zeroCreate (random.Next 400_000)
                                    | 2 ->
                                        let row = weights (random.Next()) (random.Next 3_000)
                                        yield! Array.create (random.Next 6) row
                                    | _ -> weights (random.Next()) (random.Next 60_000)
                            ]

                    let bytes = deflated (random.Next 10) ZLibCompressionStrategy.Default content

                    if bytes.Length > 0 then
                        let otherwise source () =
                            Inflate.start 2 ValueNone source bytes.LongLength ValueNone

                        let chunk = random.Next(3_000, 200_000)
                        let struct (result, position) = inflateOr otherwise chunk (random.Next(1, 5)) bytes
                        expectBytes result content $"in chunks of {chunk}"
                        Expect.equal position bytes.LongLength "the source is left behind it")

            testCase "bits that look like blocks are tried as long as it is worth it" (fun () ->
                let genuine = stretch 6 ZLibCompressionStrategy.HuffmanOnly (weights 16 500)

                // where the genuine block begins, and what is guessed
                let guessed copies =
                    let bits = Bits()

                    for _ in 1..copies do
                        // the beginning of a block with codes of 8 bits, and the literals 254 and 255 of 9
                        bits.Write(0b100, 3)
                        bits.Write(1 <<< 5, 10)
                        bits.Write(14, 4)

                        for symbol in [ 16; 17; 18; 0; 8; 7; 9; 6; 10; 5; 11; 4; 12; 3; 13; 2; 14; 1 ] do
                            bits.Write((if List.contains symbol [ 1; 8; 9; 16 ] then 2 else 0), 3)

                        bits.Code(1, 2)

                        for _ in 1..50 do
                            // five times what came before
                            bits.Code(3, 2)
                            bits.Write(2, 2)

                        for symbol in [ 1; 1; 1; 2; 2; 1; 0; 0 ] do
                            bits.Code(symbol, 2)

                        // all of them are literals to the ones before, which begin at the same bit of a byte
                        bits.Write(0, 7)

                    bits.Write(0, 1)
                    // the end of the block, and one of a kind that there is not
                    bits.Code(0xFE, 8)
                    bits.Write(0b110, 3)
                    bits.Write(0, 4)
                    let wrong = bits.ToArray()
                    let bytes = Array.concat [ wrong; genuine; Array.zeroCreate 64 ]

                    let chunk = { Start = 0L; Bytes = bytes; Size = bytes.Length - 64; Count = bytes.Length }

                    8L * wrong.LongLength, Pieces().Guessed chunk

                let start, found = guessed 2
                Expect.equal (found |> ValueOption.map (fun piece -> piece.Start)) (ValueSome start) "behind two"
                Expect.isTrue (snd (guessed 400)).IsNone "behind many, each of which reaches to the last")

            testCase "who reads only what a file begins with has one piece of it inflated" (fun () ->
                let indexed =
                    bytesOf (Gzip.transform.Forward 2 { Length = None; Parts = [ ReadOnlyMemory model.Value ] })

                let single = bytesOf (Gzip.single 2 { Length = None; Parts = [ ReadOnlyMemory model.Value ] })

                for name, bytes in [ "of ours", indexed; "of another's", single ] do
                    let furthest = ref 0L

                    let noting offset count =
                        furthest.Value <- max furthest.Value (offset + count)

                    let how = { Unpacking.Alone Recorder.defaultLimits with Parallelism = 2 }
                    let input = ok (Gzip.transform.Backward how (Forward.input (Watch.source (remote bytes) noting)))
                    // the index is at the end
                    furthest.Value <- 0L
                    let head = (input.Start().Peek 100).Slice(0, 100).ToArray()
                    expectBytes head (Array.truncate 100 model.Value) name
                    Expect.isLessThan furthest.Value (2L * int64 Guessing.Chunk) $"{name}: {bytes.Length} bytes in all")

            testCase "a block's beginning is found at whatever bit it is" (fun () ->
                // a stream whose blocks' beginnings are known: where an empty stored one ends
                let content = weights 12 20_000
                let packed = stretch 6 ZLibCompressionStrategy.Default content

                for shift in 0..7 do
                    let shifted = Bits()
                    shifted.Write(0, 400 + shift)

                    for value in packed do
                        shifted.Write(int value, 8)

                    let bytes = Array.append (shifted.ToArray()) (Array.zeroCreate 32)
                    Expect.equal (Boundary.next bytes bytes.Length 0 (8 * bytes.Length)) (400 + shift) $"{shift}"

                    Expect.equal
                        (Boundary.next bytes bytes.Length 0 (400 + shift))
                        -1
                        "not before the end of the search")
        ]
