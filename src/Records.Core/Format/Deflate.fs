namespace Records.Core

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Numerics
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks

/// Deflate (RFC 1951) in blocks that know nothing of each other and still make one stream.
[<RequireQualifiedAccess>]
module internal Deflate =

    /// Bytes of one block before compression: large enough that starting anew costs a stream less than a percent.
    let blockSize = 1 <<< 20

    /// Bytes that one block may become, with what is appended and not used.
    let private largest = blockSize + (blockSize >>> 6)

    /// An empty last block: what a stream ends with whose other blocks do not.
    let ending = [| 3uy; 0uy |]

    /// Pieces in hand at a time, however many are asked for. Each takes 1 MiB and 2 more for what becomes of it: all of them less than 32.
    let most = 8

    /// Level 6, as Burn's.
    let private searching = ZLibCompressionOptions(CompressionLevel = 6)

    /// Codes for bytes and for runs of them: what is left of compression where nothing is there twice.
    let private coding =
        ZLibCompressionOptions(CompressionLevel = 6, CompressionStrategy = ZLibCompressionStrategy.RunLengthEncoding)

    /// Deflated bytes into the target, ended on a whole byte and not the last of their stream: zlib's sync flush.
    let private into (target: byte[]) (options: ZLibCompressionOptions) (write: DeflateStream -> unit) =
        let output = new MemoryStream(target, 0, target.Length)
        let deflate = new DeflateStream(output, options, leaveOpen = true)
        write deflate
        deflate.Flush()
        let length = int output.Position
        // what disposing appends is not part of the block
        deflate.Dispose()
        length

    let private piece = 8 <<< 10
    let private pieces = 4

    /// Whether searching makes pieces from all over the block smaller.
    let private isSearchedInPart (bytes: byte[]) count =
        let target = ArrayPool<byte>.Shared.Rent(2 * piece * pieces)

        let size options =
            into target options (fun deflate ->
                for index in 0 .. pieces - 1 do
                    deflate.Write(bytes, (count / pieces - piece) / 2 + index * (count / pieces), piece))

        let searched = size searching
        let coded = size coding
        ArrayPool<byte>.Shared.Return target
        searched + searched / 400 < coded

    /// Whether more than one in a thousand of the eight bytes at every fourth place are there a second time, as near as
    /// deflate looks, and are no run: what pieces are too short to show.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let private repeats (bytes: byte[]) count =
        let words = ReadOnlySpan(bytes, 0, count)
        let seen = Array.zeroCreate<int> 8192
        let mutable found = 0
        let mutable at = 0

        while at <= count - 8 do
            let word = MemoryMarshal.Read<uint64>(words.Slice at)
            let slot = &seen[int ((word * 0x9E3779B97F4A7C15UL) >>> 51)]
            let last = slot - 1
            slot <- at + 1

            if
                last >= 0
                && at - last <= 32768
                && MemoryMarshal.Read<uint64>(words.Slice last) = word
            then
                if word <> BitOperations.RotateLeft(word, 8) then
                    found <- found + 1

            at <- at + 4

        found > count / 4000

    /// Weights are noise but for their exponents: searching them for what is there twice takes three times as long and finds
    /// nothing. A block that it makes smaller is searched.
    let private optionsFor (bytes: byte[]) count =
        if
            count < 4 * piece * pieces
            || isSearchedInPart bytes count
            || repeats bytes count
        then
            searching
        else
            coding

    let private block (bytes: byte[]) count =
        let buffer = ArrayPool<byte>.Shared.Rent largest
        struct (buffer, into buffer (optionsFor bytes count) (fun deflate -> deflate.Write(bytes, 0, count)))

    /// The parts as one deflate stream, up to so many blocks of them being compressed at a time, each on a thread of its own; one is
    /// compressed on the thread that asks. Seen is called with each block's bytes in order, before it is compressed, and made
    /// with the length of what it became.
    let blocks degree seen (made: int -> unit) (parts: seq<ReadOnlyMemory<byte>>) =
        let degree = min degree most

        seq {
            let working = Queue<Task<struct (byte[] * int)>>()
            let gathered = ref (ArrayPool<byte>.Shared.Rent blockSize)
            let mutable used = 0

            let start count =
                let bytes = gathered.Value
                // given back where it is compressed, and only there
                gathered.Value <- Array.empty
                seen (ReadOnlyMemory(bytes, 0, count))

                let compress () =
                    try
                        block bytes count
                    finally
                        ArrayPool<byte>.Shared.Return bytes

                working.Enqueue(
                    if degree = 1 then
                        Task.FromResult(compress ())
                    else
                        Task.Run compress
                )

                gathered.Value <- ArrayPool<byte>.Shared.Rent blockSize

            try
                for part in parts do
                    let mutable rest = part

                    while not rest.IsEmpty do
                        let count = min rest.Length (blockSize - used)
                        rest.Span.Slice(0, count).CopyTo(Span(gathered.Value, used, count))
                        rest <- rest.Slice count
                        used <- used + count

                        if used = blockSize then
                            if working.Count = degree then
                                let struct (buffer, length) = working.Dequeue().GetAwaiter().GetResult()
                                made length
                                ReadOnlyMemory(buffer, 0, length)
                                ArrayPool<byte>.Shared.Return buffer

                            start used
                            used <- 0

                if used > 0 then
                    start used

                while working.Count > 0 do
                    let struct (buffer, length) = working.Dequeue().GetAwaiter().GetResult()
                    made length
                    ReadOnlyMemory(buffer, 0, length)
                    ArrayPool<byte>.Shared.Return buffer

                ReadOnlyMemory ending
            finally
                ArrayPool<byte>.Shared.Return gathered.Value

                // A reader that leaves early, or parts that fail: what is in hand is waited for, and its outcome is nobody's business.
                for task in working do
                    Task.WhenAny(task).GetAwaiter().GetResult() |> ignore
                    task.Exception |> ignore
        }
