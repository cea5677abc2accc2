namespace Records.Core

open System
open System.IO.Hashing
open System.Runtime.InteropServices

/// XXH3-128 over the XXH3-128 of each MiB: one pass, and the blocks could be hashed side by side.
[<Sealed>]
type internal BlockHash() =
    let blocks = XxHash128()
    let block = XxHash128()
    let mutable used = 0

    /// A hash as the 16 bytes that it is written as: the highest first.
    static let append (hash: UInt128) (target: XxHash128) =
        let mutable digest =
            if BitConverter.IsLittleEndian then
                Buffers.Binary.BinaryPrimitives.ReverseEndianness hash
            else
                hash

        target.Append(MemoryMarshal.AsBytes(ReadOnlySpan<UInt128> &digest))

    static member val Block = 1 <<< 20

    member _.Append(bytes: ReadOnlySpan<byte>) =
        let mutable rest = bytes

        while not rest.IsEmpty do
            let piece = rest.Slice(0, min rest.Length (BlockHash.Block - used))
            rest <- rest.Slice piece.Length

            if piece.Length = BlockHash.Block then
                append (XxHash128.HashToUInt128 piece) blocks
            else
                block.Append piece
                used <- used + piece.Length

                if used = BlockHash.Block then
                    append (block.GetCurrentHashAsUInt128()) blocks
                    block.Reset()
                    used <- 0

    /// The hash of these bytes, without a state to keep where they are few.
    static member Of(bytes: ReadOnlySpan<byte>) : UInt128 =
        if bytes.IsEmpty || bytes.Length > BlockHash.Block then
            let hash = BlockHash()
            hash.Append bytes
            hash.Digest()
        else
            let mutable digest = XxHash128.HashToUInt128 bytes

            if BitConverter.IsLittleEndian then
                digest <- Buffers.Binary.BinaryPrimitives.ReverseEndianness digest

            XxHash128.HashToUInt128(MemoryMarshal.AsBytes(ReadOnlySpan<UInt128> &digest))

    /// The hash of all that was appended. Nothing can be appended any more.
    member _.Digest() : UInt128 =
        if used > 0 then
            append (block.GetCurrentHashAsUInt128()) blocks
            used <- 0

        blocks.GetCurrentHashAsUInt128()
