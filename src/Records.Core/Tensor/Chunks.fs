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

    /// Memory for so many bytes, filled piece after piece by the function, as a slice.
    let filled (length: int64) (fill: Memory<byte> -> unit) =
        let allocate (index: int64) =
            let count = int (min (int64 size) (length - index * int64 size))
            let chunk = GC.AllocateUninitializedArray<byte> count
            fill (Memory chunk)
            ReadOnlyMemory chunk

        match int ((length + int64 size - 1L) / int64 size) with
        | 0 -> Slice.ofMemory ReadOnlyMemory.Empty
        | 1 -> Slice.ofMemory (allocate 0L)
        | count -> slice size (Array.init count (int64 >> allocate))

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

    /// The same bytes, read now and held in memory.
    let materialise (bytes: Slice) =
        if bytes.Source.Outlives then
            bytes
        else
            let mutable offset = bytes.Offset

            filled bytes.Length (fun target ->
                bytes.Source.Fill(offset, target.Span)
                offset <- offset + int64 target.Length)
