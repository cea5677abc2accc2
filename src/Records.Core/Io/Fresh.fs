namespace Records.Core

open System

/// Memory for tensors that come one after the other, without anyone knowing how much of them there will be: in chunks that grow with what was asked
/// for, and in large pages, which one array after the other would not be given. A chunk lives as long as any tensor in it.
[<RequireQualifiedAccess>]
module internal Fresh =

    let private smallestChunk = 1 <<< 21
    let private largestChunk = 1 <<< 25

    /// What is larger than this part of a chunk gets an array of its own: little is left unused at the end of each.
    let private share = 4

    /// The size of a large page, or a multiple: what the system has just cleared is in the processor's cache when it is written to.
    let private step = 1L <<< 22

    /// A function that gives memory for so many bytes, all of which will be written at once.
    let memory () : int -> Memory<byte> =
        let mutable chunk = Memory<byte>.Empty
        let mutable used = 0
        // how much of the chunk has been brought
        let mutable brought = 0L
        let mutable asked = 0L

        let piece (length: int) =
            let start = Pages.addressOf chunk
            let chunkEnd = start + int64 chunk.Length
            let stop = start + int64 (used + length)
            let stop = min chunkEnd ((stop + step - 1L) / step * step)

            if stop - start > brought then
                Pages.bring (start + brought) stop chunkEnd
                brought <- stop - start

            let piece = chunk.Slice(used, length)
            // numbers of any kind begin where they may
            used <- min chunk.Length ((used + length + 63) &&& ~~~63)
            piece

        fun length ->
            let size = int (max (int64 smallestChunk) (min asked (int64 largestChunk)))
            asked <- asked + int64 length

            if length < Pages.smallest then
                Memory(GC.AllocateUninitializedArray<byte> length)
            elif length <= chunk.Length - used then
                piece length
            elif length > size / share then
                let own = Memory(GC.AllocateUninitializedArray<byte> length)
                let start = Pages.addressOf own
                let stop = start + int64 length
                Pages.bring start stop stop
                own
            else
                chunk <- Memory(GC.AllocateUninitializedArray<byte> size)
                used <- 0
                brought <- 0L
                piece length
