namespace Records.Core

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.IO.Hashing

/// One gzip member (RFC 1952) with the header that flate2 writes: no name, no time, level and system unknown.
[<RequireQualifiedAccess>]
module Gzip =

    let private name = "gzip"

    let private header = [| 0x1Fuy; 0x8Buy; 8uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0xFFuy |]

    /// Checksum and size of what was compressed.
    let private trailerSize = 8L

    /// More than deflate can do to any input, so that honest files of zeros are never refused.
    let private mostPerByte = 1032L

    let private trailer checksum size =
        let trailer = Array.zeroCreate<byte> 8
        BinaryPrimitives.WriteUInt32LittleEndian(Span(trailer, 0, 4), checksum)
        BinaryPrimitives.WriteUInt32LittleEndian(Span(trailer, 4, 4), size)
        ReadOnlyMemory trailer

    /// Compressed piece by piece, on the thread that asks.
    let private serial (seen: ReadOnlyMemory<byte> -> unit) (parts: seq<ReadOnlyMemory<byte>>) =
        seq {
            use output = new MemoryStream()
            let deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen = true)
            let mutable isEmpty = true

            // what the compressor has given so far; its memory is used again once the reader has moved on
            let drain () =
                let ready = ReadOnlyMemory(output.GetBuffer(), 0, int output.Length)
                output.SetLength 0L
                ready

            for part in parts do
                seen part
                isEmpty <- isEmpty && part.IsEmpty
                let mutable rest = part

                while not rest.IsEmpty do
                    let piece = rest.Slice(0, min rest.Length (1 <<< 20))
                    deflate.Write piece.Span
                    rest <- rest.Slice piece.Length

                    if output.Length > 0L then
                        drain ()

            deflate.Dispose()

            // DeflateStream writes nothing at all for no bytes: an empty last block is what others read
            if isEmpty then
                ReadOnlyMemory Deflate.ending

            if output.Length > 0L then
                drain ()
        }

    let private forward degree (payload: Payload) : Payload =
        let parts =
            seq {
                ReadOnlyMemory header
                let checksum = Crc32()
                let size = ref 0u

                let seen (part: ReadOnlyMemory<byte>) =
                    checksum.Append part.Span
                    size.Value <- size.Value + uint32 part.Length

                yield! (if degree < 2 then serial else Deflate.blocks degree) seen payload.Parts
                trailer (checksum.GetCurrentHashAsUInt32()) size.Value
            }

        { Length = None; Parts = parts }

    /// The compressed bytes as the stream that the inflater wants. The last byte is given alone, so that an inflater
    /// which stops early is seen to have left something behind.
    [<Sealed>]
    type private Compressed(source: IForward) =
        inherit Stream()

        member _.Rest =
            match source.Remaining with
            | ValueSome rest -> rest - trailerSize
            | ValueNone -> 0L

        override this.Read(target: Span<byte>) =
            let rest = this.Rest

            if rest <= 0L then
                0
            else
                let wanted = int (min (int64 target.Length) (max 1L (rest - 1L)))
                let bytes = source.Peek wanted
                let count = min wanted bytes.Length
                bytes.Span.Slice(0, count).CopyTo target
                source.Advance count
                count

        override this.Read(buffer: byte[], offset: int, count: int) = this.Read(Span(buffer, offset, count))

        override _.CanRead = true
        override _.CanSeek = false
        override _.CanWrite = false
        override _.Length = raise (NotSupportedException())

        override _.Position
            with get () = raise (NotSupportedException())
            and set _ = raise (NotSupportedException())

        override _.Flush() = ()
        override _.Seek(_, _) = raise (NotSupportedException())
        override _.SetLength _ = raise (NotSupportedException())
        override _.Write(_: byte[], _: int, _: int) = raise (NotSupportedException())

    let private malformed offset expected actual : 'T =
        RecordError.raise (RecordError.Malformed(name, [], offset, expected, actual))

    /// Reads past the header, whatever optional fields it has.
    let private skipHeader (source: IForward) =
        let read count =
            let bytes = source.Peek count

            if bytes.Length < count then
                malformed source.Position $"{count} bytes of header" $"the end after {bytes.Length}"

            let copy = bytes.Slice(0, count).ToArray()
            source.Advance count
            copy

        let fixedPart = read 10

        if fixedPart[0] <> 0x1Fuy || fixedPart[1] <> 0x8Buy then
            malformed 0L "the bytes 1f 8b" $"{fixedPart[0]:x2} {fixedPart[1]:x2}"

        if fixedPart[2] <> 8uy then
            malformed 2L "the method 8" (string fixedPart[2])

        let flags = fixedPart[3]

        if flags &&& 0xE0uy <> 0uy then
            malformed 3L "no reserved flag" $"flags 0x{flags:x2}"

        let rec skipText left =
            if left = 0 then
                malformed source.Position "a name that ends" "none in 64 KiB"

            if (read 1)[0] <> 0uy then
                skipText (left - 1)

        if flags &&& 4uy <> 0uy then
            read (int (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(read 2))))
            |> ignore

        if flags &&& 8uy <> 0uy then
            skipText 65536

        if flags &&& 16uy <> 0uy then
            skipText 65536

        if flags &&& 2uy <> 0uy then
            read 2 |> ignore

    /// The inflated bytes, front to back. Its end is reached only past a right checksum and size.
    [<Sealed>]
    type private Inflating(limits: Limits, source: IForward) =
        let compressed = new Compressed(source)
        let inflate = new DeflateStream(compressed, CompressionMode.Decompress)
        let checksum = Crc32()
        let compressedSize = compressed.Rest
        let mutable window = Array.zeroCreate<byte>(1 <<< 16)
        let mutable start = 0
        let mutable filled = 0
        let mutable position = 0L
        let mutable inflated = 0L
        let mutable ended = false

        let finish () =
            if compressed.Rest > 0L then
                // where exactly it ended, the inflater does not say
                malformed source.Position "the end after one member" "more bytes"

            let trailer = source.Peek(int trailerSize)

            if int64 trailer.Length < trailerSize then
                malformed source.Position "a checksum and a size" $"the end after {trailer.Length} bytes"

            let expected = BinaryPrimitives.ReadUInt32LittleEndian trailer.Span
            let actual = checksum.GetCurrentHashAsUInt32()

            let size = BinaryPrimitives.ReadUInt32LittleEndian(trailer.Span.Slice 4)

            let wrong =
                [
                    if expected <> actual then
                        RecordError.Malformed(name, [], source.Position, $"the checksum {expected:x8}", $"{actual:x8}")
                    if size <> uint32 inflated then
                        let actual = string (uint32 inflated)
                        RecordError.Malformed(name, [], source.Position + 4L, $"a size of {size}", actual)
                ]

            if not wrong.IsEmpty then
                RecordError.raise (RecordError.ofList wrong)

            ended <- true

        member private _.Inflate(target: Memory<byte>) =
            if ended then
                0
            else
                let count =
                    try
                        inflate.Read target.Span
                    with :? InvalidDataException ->
                        malformed source.Position "deflated data" "other bytes"

                if count = 0 then
                    finish ()
                else
                    checksum.Append(target.Span.Slice(0, count))
                    inflated <- inflated + int64 count

                    if inflated > limits.InflatedBytes then
                        RecordError.raise (RecordError.TooLarge([], "inflated bytes", inflated, limits.InflatedBytes))

                    let consumed = compressedSize - compressed.Rest

                    if inflated > (16L <<< 20) && inflated / (max 1L consumed) > limits.InflateRatio then
                        let ratio = inflated / (max 1L consumed)
                        RecordError.raise (RecordError.TooLarge([], "compression ratio", ratio, limits.InflateRatio))

                count

        /// Fills the target as far as the data goes.
        member private this.FillFrom(target: Memory<byte>) =
            let mutable count = min (filled - start) target.Length
            window.AsSpan(start, count).CopyTo target.Span
            start <- start + count
            let mutable more = true

            while more && count < target.Length do
                let read = this.Inflate(target.Slice count)
                count <- count + read
                more <- read > 0

            count

        interface IForward with
            member _.Position = position
            member _.Remaining = ValueNone

            member this.Peek count =
                if filled - start < count then
                    window.AsSpan(start, filled - start).CopyTo(window.AsSpan())
                    filled <- filled - start
                    start <- 0

                    if window.Length < count then
                        Array.Resize(&window, count)

                    let mutable more = true

                    while more && filled < count do
                        let read = this.Inflate(Memory(window, filled, window.Length - filled))
                        filled <- filled + read
                        more <- read > 0

                ReadOnlyMemory(window, start, filled - start)

            member _.Advance count =
                start <- start + count
                position <- position + int64 count

            member this.Take length =
                let possible = int64 (filled - start) + (max 0L compressed.Rest + 65536L) * mostPerByte

                if length > possible then
                    ValueNone
                else
                    let short = ref false

                    // Memory in steps that grow with what has really been there: a lying length costs little.
                    let rec grow (bytes: byte[]) have =
                        let got = this.FillFrom(Memory(bytes, have, bytes.Length - have))

                        if have + got < bytes.Length then
                            short.Value <- true
                            Slice.ofMemory ReadOnlyMemory.Empty
                        elif int64 bytes.Length = length then
                            Slice.ofMemory (ReadOnlyMemory bytes)
                        else
                            let size = int (min length (4L * int64 bytes.Length))
                            let larger = GC.AllocateUninitializedArray<byte> size
                            Buffer.BlockCopy(bytes, 0, larger, 0, bytes.Length)
                            grow larger bytes.Length

                    let slice =
                        if length > int64 Chunks.size then
                            Chunks.filled length (fun target ->
                                if not short.Value && this.FillFrom target < target.Length then
                                    short.Value <- true)
                        else
                            let first = int (min length (max (1L <<< 20) (4L * max 0L compressed.Rest)))
                            grow (GC.AllocateUninitializedArray<byte> first) 0

                    if short.Value then
                        ValueNone
                    else
                        position <- position + length
                        ValueSome slice

    let private backward limits (input: Input) =
        let start () =
            let source = input.Start()

            if source.Remaining.IsNone then
                RecordError.raise (RecordError.Unsupported([], "gzip inside gzip is not read"))

            skipHeader source

            match source.Remaining with
            | ValueSome rest when rest < trailerSize ->
                malformed source.Position "compressed data" $"the end after {rest} bytes"
            | _ -> Inflating(limits, source) :> IForward

        Ok { Name = input.Name; Start = start }

    /// Level 6, one member, as Burn's compressed recorders write. Reading checks checksum, size and that nothing follows.
    let transform: Transform = { Name = "gzip"; Extension = "gz"; Forward = forward; Backward = backward }
