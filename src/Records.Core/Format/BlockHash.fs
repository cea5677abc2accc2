namespace Records.Core

open System
open System.IO.Hashing

/// XXH3-128 over the XXH3-128 of each MiB: one pass, and the blocks could be hashed side by side.
[<Sealed>]
type internal BlockHash() =
    let blocks = XxHash128()
    let block = XxHash128()
    // a hash as it is hashed itself; on the heap, since what is called last in a method outlives what is on its stack
    let digest = Array.zeroCreate<byte> 16
    let mutable used = 0

    static member val Block = 1 <<< 20

    member _.Append(bytes: ReadOnlySpan<byte>) =
        let mutable rest = bytes

        while not rest.IsEmpty do
            let piece = rest.Slice(0, min rest.Length (BlockHash.Block - used))
            rest <- rest.Slice piece.Length

            if piece.Length = BlockHash.Block then
                XxHash128.Hash(piece, Span digest) |> ignore
                blocks.Append(ReadOnlySpan digest)
            else
                block.Append piece
                used <- used + piece.Length

                if used = BlockHash.Block then
                    block.GetHashAndReset(Span digest) |> ignore
                    blocks.Append(ReadOnlySpan digest)
                    used <- 0

    /// The hash of these bytes, without a state to keep where they are few.
    static member Of(bytes: ReadOnlySpan<byte>) : UInt128 =
        if bytes.IsEmpty || bytes.Length > BlockHash.Block then
            let hash = BlockHash()
            hash.Append bytes
            hash.Digest()
        else
            let digest = Array.zeroCreate<byte> 16
            XxHash128.Hash(bytes, Span digest) |> ignore
            XxHash128.HashToUInt128(ReadOnlySpan digest)

    /// The hash of all that was appended. Nothing can be appended any more.
    member _.Digest() : UInt128 =
        if used > 0 then
            block.GetHashAndReset(Span digest) |> ignore
            blocks.Append(ReadOnlySpan digest)
            used <- 0

        blocks.GetCurrentHashAsUInt128()
