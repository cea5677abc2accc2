namespace Records.Core

open System
open System.Buffers

/// Bytes that are written one after the other, in blocks that stay where they are: nothing is copied as they become more, and they may be more
/// than an array holds.
[<Sealed>]
type internal Blocks() =
    // less than what the heap takes for large
    let largest = 1 <<< 16
    let full = ResizeArray<ReadOnlyMemory<byte>>()
    let mutable before = 0L
    let mutable block = Array.zeroCreate<byte> 4096
    let mutable used = 0

    let next least =
        if used > 0 then
            full.Add(ReadOnlyMemory(block, 0, used))
            before <- before + int64 used

        block <- GC.AllocateUninitializedArray<byte>(max least (min largest (2 * block.Length)))
        used <- 0

    let room hint =
        if block.Length - used < max hint 1 then
            next hint

    member _.Length = before + int64 used

    /// The bytes of one block, the last one included.
    member _.Item(index: int) : ReadOnlyMemory<byte> =
        if index < full.Count then
            full[index]
        else
            ReadOnlyMemory(block, 0, used)

    /// All of them, one after the other.
    member this.All: seq<ReadOnlyMemory<byte>> = Seq.init (full.Count + 1) (fun index -> this[index])

    member _.Write(bytes: ReadOnlySpan<byte>) =
        let mutable rest = bytes

        while not rest.IsEmpty do
            room 1
            let count = min rest.Length (block.Length - used)
            rest.Slice(0, count).CopyTo(Span(block, used, count))
            used <- used + count
            rest <- rest.Slice count

    interface IBufferWriter<byte> with
        member _.Advance count = used <- used + count

        member _.GetMemory hint =
            room hint
            Memory(block, used, block.Length - used)

        member _.GetSpan hint =
            room hint
            Span(block, used, block.Length - used)
