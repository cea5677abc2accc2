/// Deflated bytes, which are inflated in several places at a time as .NET's inflater does from the start.
module Records.Fuzz.Inflating

open System
open System.IO
open System.IO.Compression
open System.Text
open Records.Core
open Records.Tests.Deflating
open Records.Fuzz.Oracle

/// What becomes of more than this is not looked at.
let private most = 1 <<< 20

/// What the bytes become in one way: nothing where they are no whole stream, or where something is behind it.
[<NoEquality; NoComparison>]
type private Outcome =
    | Whole of byte[]
    | Wrong
    | TooMuch

let private outcome (start: unit -> IInflated) =
    let window = Array.zeroCreate<byte> 50_001
    use result = new MemoryStream()

    try
        let inflated = start ()
        let mutable more = true

        while more && result.Length <= int64 most do
            let count = inflated.Read(Span window)
            result.Write(window, 0, count)
            more <- count > 0

        if more then
            TooMuch
        elif inflated.Rest = 0L && not inflated.Starved then
            Whole(result.ToArray())
        else
            Wrong
    with :? InvalidDataException ->
        Wrong

/// Guesses in chunks as small as this find blocks in small files.
let private guesses (bytes: byte[]) chunk =
    let forward () = (input bytes).Start()

    let onOneThread source () =
        Inflate.start 1 ValueNone source bytes.LongLength ValueNone

    let guessed () : IInflated =
        let source = forward ()
        Guessing(chunk, Idle(fun () -> Pieces()), forward (), source, bytes.LongLength, 2, onOneThread source)

    match outcome (fun () -> onOneThread (forward ()) ()), outcome guessed with
    | Whole one, Whole other when one = other -> ()
    | Wrong, Wrong
    | TooMuch, _
    | _, TooMuch -> ()
    | Whole one, Whole other ->
        find $"In chunks of {chunk} they become {other.Length} bytes, or others than the {one.Length} that they are."
    | Whole one, _ -> find $"In chunks of {chunk} they are wrong, and {one.Length} bytes otherwise."
    | _, Whole other -> find $"In chunks of {chunk} they become {other.Length} bytes, and are wrong otherwise."

/// Inflated alone: what becomes of it before it is wrong, too much or at its end, and whether nothing is wrong.
let private alone (bytes: byte[]) =
    let target = Array.zeroCreate<byte>(most + 1)
    use inflate = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress)
    let mutable count = 0
    let mutable more = true

    try
        while more && count < target.Length do
            let read = inflate.Read(target, count, min 1000 (target.Length - count))
            count <- count + read
            more <- read > 0

        struct (Array.truncate count target, true)
    with :? InvalidDataException ->
        struct (Array.truncate count target, false)

let private abreast (bytes: byte[]) length =
    let struct (one, isOneWhole) = alone (Array.truncate length bytes)
    let struct (other, isOtherWhole) = alone (Array.skip length bytes)
    // nothing beside what it may touch
    let target = Array.zeroCreate<byte>(one.Length + other.Length)
    let lengths = struct (length, bytes.Length - length)

    if
        max one.Length other.Length <= most
        && Abreast().Inflate(bytes, lengths, target, struct (one.Length, other.Length))
    then
        if not isOneWhole || not isOtherWhole then
            find "Two stretches of which one is wrong are inflated side by side."
        elif target <> Array.append one other then
            find "Two stretches become other bytes side by side."

/// The first two bytes say how long the first of two stretches is, if that many bytes there are; and all of them are one stream.
let check (bytes: byte[]) =
    if bytes.Length > 2 then
        let stream = bytes[2..]
        abreast stream (int (BitConverter.ToUInt16(bytes, 0)) % (stream.Length + 1))

        for chunk in [ 300; 5_000 ] do
            guesses stream chunk

/// Weights, texts and nothing, in blocks of every kind.
let seeds () =
    let text = Encoding.ASCII.GetBytes(String.Join(",", [ for number in 0..400 -> number * number ]))

    let contents =
        [
            "weights", weights 1 800
            "text", text
            "mixed", Array.concat [ weights 2 300; Array.zeroCreate 3_000; noise 3 300; weights 2 300 ]
        ]

    let kinds =
        [
            "default", 6, ZLibCompressionStrategy.Default
            "codes", 6, ZLibCompressionStrategy.HuffmanOnly
            "known", 6, ZLibCompressionStrategy.Fixed
            "stored", 0, ZLibCompressionStrategy.Default
        ]

    [
        for name, content in contents do
            for kind, level, strategy in kinds do
                let half = content.Length / 2
                let parts = stretches level strategy [ content[.. half - 1]; content[half..] ]
                // stretches for themselves, and one that copies from what is before it
                let apart = [ for part in [ content[.. half - 1]; content[half..] ] -> stretch level strategy part ]
                let length = BitConverter.GetBytes(uint16 parts.Head.Length)
                let ending = [| 3uy; 0uy |]
                $"{name}-{kind}", Array.concat ([ length ] @ parts @ [ ending ])
                $"{name}-{kind}-apart", Array.concat ([ BitConverter.GetBytes(uint16 apart.Head.Length) ] @ apart)
    ]
