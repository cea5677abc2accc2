namespace Records.Core

open System
open System.Buffers
open System.IO.Hashing

/// XXH3-128 over the XXH3-128 of each MiB: one pass, and the blocks could be hashed side by side. Blocks are hashed whole: what goes over a
/// stream piece by piece is compiled for speed only after a while, and a process that loads one model has ended by then.
[<Sealed>]
type internal BlockHash() =
    let mutable digests = Array.zeroCreate<byte> 16
    let mutable count = 0
    // the block in hand, where it did not come whole
    let mutable block = Array.empty<byte>
    let mutable used = 0

    let add (bytes: ReadOnlySpan<byte>) =
        if 16 * count = digests.Length then
            Array.Resize(&digests, 2 * digests.Length)

        XxHash128.Hash(bytes, Span(digests, 16 * count, 16)) |> ignore
        count <- count + 1

    let take (bytes: ReadOnlySpan<byte>) =
        if used + bytes.Length > block.Length then
            let larger = ArrayPool<byte>.Shared.Rent(max (used + bytes.Length) (min BlockHash.Block (4 * used)))
            Buffer.BlockCopy(block, 0, larger, 0, used)
            ArrayPool<byte>.Shared.Return block
            block <- larger

        bytes.CopyTo(Span(block, used, bytes.Length))
        used <- used + bytes.Length

    static member val Block = 1 <<< 20

    member _.Append(bytes: ReadOnlySpan<byte>) =
        let mutable rest = bytes

        while not rest.IsEmpty do
            let piece = rest.Slice(0, min rest.Length (BlockHash.Block - used))
            rest <- rest.Slice piece.Length

            if piece.Length = BlockHash.Block then
                add piece
            else
                take piece

                if used = BlockHash.Block then
                    add (ReadOnlySpan(block, 0, used))
                    used <- 0

    /// The hash of all that was appended since the one before.
    member _.Digest() : UInt128 =
        if used > 0 then
            add (ReadOnlySpan(block, 0, used))
            used <- 0

        ArrayPool<byte>.Shared.Return block
        block <- Array.empty
        let hash = XxHash128.HashToUInt128(ReadOnlySpan(digests, 0, 16 * count))
        count <- 0
        hash

    /// The hash of these bytes.
    static member Of(bytes: ReadOnlySpan<byte>) : UInt128 =
        let blocks = (bytes.Length + BlockHash.Block - 1) / BlockHash.Block
        let digests = Array.zeroCreate<byte>(16 * blocks)

        for index in 0 .. blocks - 1 do
            let start = index * BlockHash.Block
            let block = bytes.Slice(start, min BlockHash.Block (bytes.Length - start))
            XxHash128.Hash(block, Span(digests, 16 * index, 16)) |> ignore

        XxHash128.HashToUInt128(ReadOnlySpan digests)
