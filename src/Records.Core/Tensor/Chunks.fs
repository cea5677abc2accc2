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
                    elif start + count <= chunkSize then
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

    /// Bytes that are gathered in memory which was used before, and copied once into new memory of just their size.
    let private scratch = 1 <<< 24

    /// All parts in a row, in memory that grows with what is really there.
    let gather (payload: Payload) =
        let full = ResizeArray<ReadOnlyMemory<byte>>()
        let mutable chunk = ArrayPool<byte>.Shared.Rent 4096
        let mutable used = 0

        let grow () =
            if chunk.Length = size then
                full.Add(ReadOnlyMemory chunk)
                chunk <- Array.zeroCreate (1 <<< 20)
                used <- 0
            else
                let wanted = min size (4 * used)

                let larger =
                    if wanted <= scratch then
                        ArrayPool<byte>.Shared.Rent wanted
                    else
                        Array.zeroCreate wanted

                Buffer.BlockCopy(chunk, 0, larger, 0, used)

                if chunk.Length <= scratch then
                    ArrayPool<byte>.Shared.Return chunk

                chunk <- larger

        for part in payload.Parts do
            let mutable rest = part

            while not rest.IsEmpty do
                if used = chunk.Length then
                    grow ()

                let count = min rest.Length (chunk.Length - used)
                rest.Span.Slice(0, count).CopyTo(Span(chunk, used, count))
                used <- used + count
                rest <- rest.Slice count

        let last =
            if full.Count = 0 && chunk.Length <= scratch then
                let exact = GC.AllocateUninitializedArray<byte> used
                Buffer.BlockCopy(chunk, 0, exact, 0, used)
                ArrayPool<byte>.Shared.Return chunk
                ReadOnlyMemory exact
            else
                ReadOnlyMemory(chunk, 0, used)

        if full.Count = 0 then
            Slice.ofMemory last
        else
            full.Add last
            slice size (full.ToArray())
