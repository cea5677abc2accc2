namespace Records.Core

open System
open System.Buffers.Binary

/// Where the stretches of a gzip file begin that can be inflated each for itself.
[<NoEquality; NoComparison>]
type internal GzipIndex =
    {
        /// Inflated bytes of every stretch but the last.
        Size: int
        /// Inflated bytes of the last.
        LastSize: int
        /// Compressed bytes of each.
        Lengths: int[]
    }

    /// Inflated bytes of all of them.
    member this.Total = int64 this.Size * int64 (this.Lengths.Length - 1) + int64 this.LastSize

/// The index of our own files: in an empty member behind the one that holds everything.
[<RequireQualifiedAccess>]
module internal GzipIndex =

    let private name = "gzip"

    /// Stretches that one extra field has room for; with more of them two at a time are taken for one.
    let private most = 16000

    /// Inflated bytes of the largest stretch, which is a terabyte's.
    let private largest = 1 <<< 26

    let private mark = "RecIndex"B

    let private headLength = GzipMember.headLength

    /// Sizes, count and mark, and the end of the member.
    let private tailLength = 12 + mark.Length + GzipMember.nothing.Length

    /// Bytes of the member of so many stretches.
    let private lengthOf stretches = headLength + 4 * stretches + tailLength

    /// The index of a file of so many bytes in blocks of this size, each of these lengths when compressed. None where one
    /// block is all there is.
    let rec make size (total: int64) (lengths: int[]) : GzipIndex option =
        if lengths.Length < 2 || size > largest then
            None
        elif lengths.Length > most then
            lengths |> Array.chunkBySize 2 |> Array.map Array.sum |> make (2 * size) total
        else
            let last = total - int64 size * int64 (lengths.Length - 1)
            Some { Size = size; LastSize = int last; Lengths = lengths }

    /// The member, its subfield called RI.
    let bytes (index: GzipIndex) =
        let count = index.Lengths.Length
        let field = Array.zeroCreate<byte>(4 * count + 12 + mark.Length)

        Array.append index.Lengths [| index.Size; index.LastSize; count |]
        |> Array.iteri (fun place number -> BinaryPrimitives.WriteInt32LittleEndian(Span(field, 4 * place, 4), number))

        mark.CopyTo(field, 4 * count + 12)
        GzipMember.holding "RI"B (ReadOnlySpan field)

    let private damaged offset actual : 'T =
        RecordError.raise (RecordError.Malformed(name, [], offset, "an index as it was written", actual))

    /// The index that a file ends with, and where its member begins. Fails for one that cannot be right.
    let find (file: ISource) : struct (GzipIndex * int64) voption =
        let read (offset: int64) (count: int) =
            let bytes = Array.zeroCreate<byte> count
            file.Fill(offset, Span bytes)
            bytes

        let tailAt = file.Length - int64 tailLength

        if tailAt < 0L then
            ValueNone
        else
            let tail = read tailAt tailLength

            if not (tail.AsSpan(12).SequenceEqual(ReadOnlySpan(Array.append mark GzipMember.nothing))) then
                ValueNone
            else
                let number (bytes: byte[]) at =
                    BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan(bytes, at, 4))

                let size, lastSize, count = number tail 0, number tail 4, number tail 8

                if
                    count < 2
                    || count > most
                    || size < 1
                    || size > largest
                    // larger than a block only where there were too many of those
                    || size > Deflate.blockSize && count <= most / 2
                    || lastSize < 1
                    || lastSize > size
                then
                    damaged tailAt "sizes that none has"

                let start = file.Length - int64 (lengthOf count)

                if start < 0L then
                    damaged tailAt "one longer than the file"

                let stored = read start (lengthOf count)
                let lengths = Array.init count (fun index -> number stored (headLength + 4 * index))
                let index = { Size = size; LastSize = lastSize; Lengths = lengths }

                let tooFew index length =
                    let contents = if index = count - 1 then lastSize else size
                    // twice what deflate can make of them: nothing is allocated for more
                    int64 contents > 2048L * int64 length

                if Array.exists id (Array.mapi tooFew lengths) then
                    damaged start "lengths that no stretch has"

                // stretches are of the length of their contents at most, but for what stores a block as it is
                if Array.exists (fun length -> length < 1 || length > size + size / 64 + 1024) lengths then
                    damaged start "lengths that no stretch has"

                if not (stored.AsSpan().SequenceEqual(ReadOnlySpan(bytes index))) then
                    damaged start "other bytes around it"

                ValueSome(struct (index, start))
