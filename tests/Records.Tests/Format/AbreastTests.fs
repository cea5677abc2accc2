module Records.Tests.AbreastTests

open System
open System.IO
open System.IO.Compression
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Deflating

/// What .NET's inflater makes of a stretch: as many bytes, or nothing.
let private inflatedByOther (bytes: byte[]) size =
    use inflate = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress)
    let target = Array.zeroCreate<byte>(size + 1)

    try
        if inflate.ReadAtLeast(Span target, size + 1, throwOnEndOfStream = false) = size then
            Some(Array.truncate size target)
        else
            None
    with :? InvalidDataException ->
        None

let private inflate (one: byte[], size) (other: byte[], otherSize) =
    let target = Array.create (size + otherSize + 8) 0xEEuy
    let bytes = Array.concat [ one; other; [| 0xFFuy |] ]
    let good = Abreast().Inflate(bytes, struct (one.Length, other.Length), target, struct (size, otherSize))
    Expect.equal target[size + otherSize ..] (Array.create 8 0xEEuy) "nothing is written behind it"

    if good then
        Some(Array.truncate (size + otherSize) target)
    else
        None

/// Bytes of which each is half as frequent as the one before: their codes are as long as codes can be.
let private skewed seed count =
    let random = Random(seed: int)
    Array.init count (fun _ -> byte (Math.Min(40., -Math.Log2(1. - random.NextDouble()))))

let tests =
    testList
        "Abreast"
        [
            for name, level, strategy in
                [
                    "as we write weights", 6, ZLibCompressionStrategy.RunLengthEncoding
                    "as they are searched", 6, ZLibCompressionStrategy.Default
                    "codes only", 6, huffman
                    "codes that are known", 6, ZLibCompressionStrategy.Fixed
                    "stored", 0, ZLibCompressionStrategy.Default
                    "fast", 1, ZLibCompressionStrategy.Default
                    "small", 9, ZLibCompressionStrategy.Filtered
                ] do
                testCase $"two stretches of weights become what they were: {name}" (fun () ->
                    for first, second in [ 262_144, 262_144; 100_000, 262_144; 262_144, 7; 1, 90_001 ] do
                        let one, other = weights 1 first, weights 2 second

                        let found =
                            inflate
                                (stretch level strategy one, one.Length)
                                (stretch level strategy other, other.Length)

                        expectBytes (Option.get found) (Array.append one other) $"{first} and {second}")

            testCase "the longest codes are read" (fun () ->
                let one, other = skewed 1 300_000, skewed 2 300_000

                match inflate (stretch 6 huffman one, one.Length) (stretch 6 huffman other, other.Length) with
                | Some found -> expectBytes found (Array.append one other) "both"
                | None -> failtest "left to the other inflater")

            testCase "one that is mostly copies is left to the other inflater" (fun () ->
                let text =
                    Text.Encoding.ASCII.GetBytes(String.Join(",", Array.init 300_000 (fun index -> index % 1999)))

                let packed = stretch 6 ZLibCompressionStrategy.Default text
                Expect.isNone (inflate (packed, text.Length) (packed, text.Length)) "not worth it")

            testCase
                "a stretch of another size, cut off, with more behind it or that ends its stream is refused"
                (fun () ->
                    let one = weights 3 2_000
                    let packed = stretch 6 huffman one
                    let good = packed, one.Length
                    Expect.isSome (inflate good good) "as it is"

                    let ends = Array.append packed [| 3uy; 0uy |]

                    for bad in
                        [
                            packed, one.Length - 1
                            packed, one.Length + 1
                            Array.truncate (packed.Length - 1) packed, one.Length
                            Array.truncate (packed.Length / 2) packed, one.Length / 2
                            Array.append packed [| 0uy |], one.Length
                            ends, one.Length
                            // a last block that is stored, and ends with its stretch
                            Array.append packed [| 1uy; 0uy; 0uy; 255uy; 255uy |], one.Length
                            [||], one.Length
                        ] do
                        Expect.isNone (inflate good bad) "the second"
                        Expect.isNone (inflate bad good) "the first")

            testCase "a copy from before the stretch is refused" (fun () ->
                let one = weights 4 3_000
                let again = List.last (stretches 9 ZLibCompressionStrategy.Default [ one; one ])
                let packed = stretch 6 huffman one
                Expect.isNone (inflate (packed, one.Length) (again, one.Length)) "it would be in the other one"
                Expect.isNone (inflate (again, one.Length) (packed, one.Length)) "or nowhere")

            testCase "whatever bit is flipped, what it takes for good is what the other inflater makes of it" (fun () ->
                let random = Random 5

                for content, strategy in
                    [
                        weights 6 300, ZLibCompressionStrategy.Default
                        weights 6 300, ZLibCompressionStrategy.Fixed
                        skewed 6 700, ZLibCompressionStrategy.Default
                        Array.append (weights 7 100) (Array.zeroCreate 700), ZLibCompressionStrategy.Default
                    ] do
                    let packed = stretch 6 strategy content
                    let other = stretch 6 huffman (weights 8 300)

                    for bit in 0 .. 8 * packed.Length - 1 do
                        let changed = Array.copy packed
                        changed[bit / 8] <- changed[bit / 8] ^^^ (1uy <<< (bit % 8))

                        // and now and then a second
                        if bit % 3 = 0 then
                            let second = random.Next(8 * packed.Length)
                            changed[second / 8] <- changed[second / 8] ^^^ (1uy <<< (second % 8))

                        match inflate (changed, content.Length) (other, 1200) with
                        | Some found ->
                            match inflatedByOther changed content.Length with
                            | Some expected -> expectBytes (Array.truncate content.Length found) expected $"bit {bit}"
                            | None -> failtest $"bit {bit}: the other inflater refuses it"
                        | None -> ())

            testCase "whatever the bytes are, it ends and stays where it may write" (fun () ->
                let random = Random 9

                for _ in 1..3000 do
                    let bytes = Array.zeroCreate<byte>(random.Next 400)
                    random.NextBytes bytes

                    if bytes.Length > 0 then
                        // a block with codes of its own, or one that is stored
                        bytes[0] <- (bytes[0] &&& 0xF8uy) ||| byte (2 * random.Next 3)

                    inflate (bytes, random.Next 2000) (bytes, random.Next 2000) |> ignore)
        ]
