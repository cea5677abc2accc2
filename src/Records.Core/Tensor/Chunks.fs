namespace Records.Core

open System
open System.Buffers

/// Memory that one array cannot hold: equal chunks in a row.
[<RequireQualifiedAccess>]
module Chunks =

    /// Bytes of one chunk when nobody says otherwise: a quarter GiB.
    let size = 1 <<< 28

    /// A slice over equal chunks, the last of which may be shorter.
    let slice (chunkSize: int) (chunks: ReadOnlyMemory<byte>[]) =
        let length = chunks |> Array.sumBy (fun chunk -> int64 chunk.Length)

        let source =
            { new ISource with
                member _.Name = "memory"
                member _.Length = length
                member _.InMemory = true
                member _.Outlives = true

                member this.Read(offset, count) =
                    let start = int (offset % int64 chunkSize)

                    if count = 0 then
                        ReadOnlyMemory.Empty
                    elif count <= chunkSize - start then
                        chunks[int (offset / int64 chunkSize)].Slice(start, count)
                    else
                        let copy = Array.zeroCreate count
                        this.Fill(offset, copy.AsSpan())
                        ReadOnlyMemory copy

                member _.Fill(offset, target) =
                    if offset < 0L || offset > length - int64 target.Length then
                        raise (ArgumentOutOfRangeException(nameof offset))

                    let mutable from = offset
                    let mutable rest = target

                    while not rest.IsEmpty do
                        let chunk = chunks[int (from / int64 chunkSize)].Span.Slice(int (from % int64 chunkSize))
                        let count = min chunk.Length rest.Length
                        chunk.Slice(0, count).CopyTo rest
                        from <- from + int64 count
                        rest <- rest.Slice count

                member _.Dispose() = ()
            }

        { Source = source; Offset = 0L; Length = length }

    /// Memory for so many bytes, not filled yet: the pieces in their order, and all of them as a slice.
    let reserve (length: int64) : Memory<byte>[] * Slice =
        let allocate (index: int64) =
            GC.AllocateUninitializedArray<byte>(int (min (int64 size) (length - index * int64 size)))

        match int ((length + int64 size - 1L) / int64 size) with
        | 0 -> [||], Slice.ofMemory ReadOnlyMemory.Empty
        | 1 ->
            let chunk = allocate 0L
            [| Memory chunk |], Slice.ofMemory (ReadOnlyMemory chunk)
        | count ->
            let chunks = Array.init count (int64 >> allocate)
            Array.map Memory chunks, slice size (Array.map ReadOnlyMemory chunks)

    /// Memory for so many bytes, filled piece after piece by the function, as a slice.
    let filled (length: int64) (fill: Memory<byte> -> unit) =
        let pieces, whole = reserve length
        Array.iter fill pieces
        whole

    /// What is no longer than this is copied out of memory that was used before, into an array of just its size.
    let private small = 1 <<< 16

    /// New memory is so many times what found no room in the old, or as much as all before it together, up to so much.
    let private growth = 4
    let private shared = 1 <<< 25

    /// Free stretches that are kept, the largest: a payload that none of them holds is copied from each to the next.
    let private stretches = 2

    /// A function that puts the parts of one payload after the other into memory, each payload in a row. It is asked how much there is at most after
    /// the parts so far, when that has to be known. Where nobody knows, a payload begins where memory is free, moves on where that ends, and what it
    /// leaves is for those after it, which write first to what was written to already; new memory then grows with what is really there, and lives as
    /// long as any payload in it.
    let internal gathering () : (unit -> int64 voption) -> Payload -> Slice =
        // from the smallest to the largest
        let free = ResizeArray<Memory<byte>>()
        let mutable gathered = 0L

        let sort () =
            free.Sort(fun left right -> compare left.Length right.Length)

        // so much found no room, and so much more comes
        let allocate used more =
            let length =
                match more with
                | ValueSome more -> int64 used + more
                | ValueNone -> max (int64 growth * int64 used) (min gathered (int64 shared))

            Memory(GC.AllocateUninitializedArray<byte>(int (min (int64 size) length)))

        let take place used : ReadOnlyMemory<byte> =
            let stretch = free[place]
            // numbers of any kind begin where they may
            let rest = stretch.Slice(min stretch.Length ((used + 63) &&& ~~~63))
            free.RemoveAt place

            if rest.Length > small then
                free.Add rest

            sort ()
            free.RemoveRange(0, max 0 (free.Count - stretches))
            gathered <- gathered + int64 used
            Memory.op_Implicit (stretch.Slice(0, used))

        fun ahead payload ->
            let scratch = ArrayPool<byte>.Shared.Rent small

            try
                let full = ResizeArray<ReadOnlyMemory<byte>>()
                let mutable place = -1
                let mutable target = Memory(scratch, 0, small)
                let mutable used = 0

                for part in payload.Parts do
                    let mutable rest = part

                    while not rest.IsEmpty do
                        if used = size then
                            full.Add(take place used)
                            place <- -1
                            target <- Memory(scratch, 0, small)
                            used <- 0
                        elif used = target.Length then
                            let more =
                                // whoever was wrong once is not asked again
                                if place >= 0 then
                                    ValueNone
                                else
                                    ahead () |> ValueOption.map (fun more -> int64 rest.Length + more)

                            // what failed before may have left its own behind the others
                            if place < 0 then
                                sort ()

                            place <- if more.IsSome then free.Count else place + 1

                            if place = free.Count then
                                free.Add(allocate used more)

                            target.CopyTo free[place]
                            target <- free[place]
                        else
                            let count = min rest.Length (target.Length - used)
                            rest.Slice(0, count).CopyTo(target.Slice used)
                            used <- used + count
                            rest <- rest.Slice count

                let last =
                    if place < 0 then
                        ReadOnlyMemory(target.Slice(0, used).ToArray())
                    else
                        take place used

                if full.Count = 0 then
                    Slice.ofMemory last
                else
                    full.Add last
                    slice size (full.ToArray())
            finally
                ArrayPool<byte>.Shared.Return scratch

    /// All parts in a row, in memory that grows with what is really there.
    let gather (payload: Payload) =
        gathering () (fun () -> ValueNone) payload
