namespace Records.Core

open System
open System.Buffers

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Slice =

    let private partSize = 1L <<< 20

    /// The bytes in parts of 1 MiB at most, each valid until the next is asked for: where they are when they are in memory, read
    /// into one buffer as the sequence reaches them otherwise. A loop over them keeps its part alive; a span that is read after the loop does not.
    let parts (slice: Slice) =
        seq {
            // a range of its own would be an object for each of very many slices
            let mutable start = 0L

            if slice.Source.InMemory then
                while start < slice.Length do
                    slice.Source.Read(slice.Offset + start, int (min partSize (slice.Length - start)))
                    start <- start + partSize
            else
                let buffer = ArrayPool<byte>.Shared.Rent(int (min partSize slice.Length))

                try
                    while start < slice.Length do
                        let count = int (min partSize (slice.Length - start))
                        slice.Source.Fill(slice.Offset + start, Span(buffer, 0, count))
                        ReadOnlyMemory(buffer, 0, count)
                        start <- start + partSize
                finally
                    ArrayPool<byte>.Shared.Return buffer
        }

    /// The bytes in one piece. A slice above 2 GiB does not fit one piece: use parts. Of a mapped file they are there as long as the piece or the
    /// slice can be reached; a span of the piece is not enough.
    let whole (slice: Slice) =
        if slice.Length > int64 Array.MaxLength then
            Error(RecordError.TooLarge([], "bytes in one piece", slice.Length, int64 Array.MaxLength))
        else
            RecordError.catch (fun () -> slice.Source.Read(slice.Offset, int slice.Length))

    /// Length bytes of the slice from the offset on.
    let sub offset length (slice: Slice) =
        if offset < 0L || length < 0L || offset > slice.Length - length then
            invalidArg (nameof offset) $"{offset} + {length} bytes lie outside a slice of {slice.Length}."

        { slice with Offset = slice.Offset + offset; Length = length }

    /// A slice over bytes already in memory. They must not be changed while anyone uses the slice.
    let ofMemory (bytes: ReadOnlyMemory<byte>) =
        let source =
            { new ISource with
                member _.Name = "memory"
                member _.Length = int64 bytes.Length
                member _.InMemory = true
                member _.Outlives = true
                member _.Read(offset, length) = bytes.Slice(int offset, length)

                member _.Fill(offset, target) =
                    bytes.Span.Slice(int offset, target.Length).CopyTo target

                member _.Dispose() = ()
            }

        { Source = source; Offset = 0L; Length = int64 bytes.Length }
