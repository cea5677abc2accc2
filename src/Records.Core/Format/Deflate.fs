namespace Records.Core

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Threading.Tasks

/// Deflate (RFC 1951) in blocks that are compressed side by side and still make one stream.
[<RequireQualifiedAccess>]
module internal Deflate =

    /// Bytes of one block before compression: large enough that starting anew costs a stream less than a percent.
    let blockSize = 1 <<< 20

    /// Bytes that one block may become, with what is appended and not used.
    let private largest = blockSize + (blockSize >>> 6)

    /// An empty last block: what a stream ends with whose other blocks do not.
    let ending = [| 3uy; 0uy |]

    /// The block as deflated bytes that end on a whole byte and are not the last of their stream: zlib's sync flush.
    let private block (bytes: byte[]) count =
        let buffer = ArrayPool<byte>.Shared.Rent largest
        let output = new MemoryStream(buffer, 0, buffer.Length)
        let deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen = true)
        deflate.Write(bytes, 0, count)
        deflate.Flush()
        let length = int output.Position
        // what disposing appends is not part of the block
        deflate.Dispose()
        struct (buffer, length)

    /// The parts as one deflate stream, up to so many blocks of them being compressed at a time. Seen is called with each
    /// block's bytes in order, before it is compressed. A block in hand takes twice its size.
    let blocks degree (seen: ReadOnlyMemory<byte> -> unit) (parts: seq<ReadOnlyMemory<byte>>) =
        seq {
            let working = Queue<Task<struct (byte[] * int)>>()
            let gathered = ref (ArrayPool<byte>.Shared.Rent blockSize)
            let mutable used = 0

            let start count =
                let bytes = gathered.Value
                seen (ReadOnlyMemory(bytes, 0, count))

                working.Enqueue(
                    Task.Run(fun () ->
                        try
                            block bytes count
                        finally
                            ArrayPool<byte>.Shared.Return bytes)
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
                                ReadOnlyMemory(buffer, 0, length)
                                ArrayPool<byte>.Shared.Return buffer

                            start used
                            used <- 0

                if used > 0 then
                    start used

                while working.Count > 0 do
                    let struct (buffer, length) = working.Dequeue().GetAwaiter().GetResult()
                    ReadOnlyMemory(buffer, 0, length)
                    ArrayPool<byte>.Shared.Return buffer

                ReadOnlyMemory ending
            finally
                ArrayPool<byte>.Shared.Return gathered.Value

                // A reader that leaves early, or parts that fail: what is in hand is waited for, and its outcome is nobody's business.
                for task in working do
                    Task.WhenAny(task).GetAwaiter().GetResult() |> ignore
        }
