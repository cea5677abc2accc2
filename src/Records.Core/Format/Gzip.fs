namespace Records.Core

open System
open System.Buffers.Binary
open System.IO
open System.IO.Hashing

/// One gzip member (RFC 1952) with the header that flate2 writes: no name, no time, level and system unknown. Files of several blocks have an
/// empty one behind it, with their index.
[<RequireQualifiedAccess>]
module Gzip =

    let private name = "gzip"

    let private header = [| 0x1Fuy; 0x8Buy; 8uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0xFFuy |]

    /// Checksum and size of what was compressed.
    let private trailerSize = 8L

    /// More than deflate can do to any input.
    let private mostPerByte = 1032L

    /// What any file may become, however small it is: fresh optimizers and masks are honest, and full of zeros.
    let private free = 256L <<< 20

    let private trailer checksum size =
        let trailer = Array.zeroCreate<byte> 8
        BinaryPrimitives.WriteUInt32LittleEndian(Span(trailer, 0, 4), checksum)
        BinaryPrimitives.WriteUInt32LittleEndian(Span(trailer, 4, 4), size)
        ReadOnlyMemory trailer

    let private compress isIndexed degree (payload: Payload) : Payload =
        let parts =
            seq {
                ReadOnlyMemory header
                let checksum = Crc32()
                let size = ref 0L
                let lengths = ResizeArray<int>()

                let seen (part: ReadOnlyMemory<byte>) =
                    checksum.Append part.Span
                    size.Value <- size.Value + int64 part.Length

                yield! Deflate.blocks degree seen lengths.Add payload.Parts
                trailer (checksum.GetCurrentHashAsUInt32()) (uint32 size.Value)

                if isIndexed then
                    match GzipIndex.make Deflate.blockSize size.Value (lengths.ToArray()) with
                    | Some index -> ReadOnlyMemory(GzipIndex.bytes index)
                    | None -> ()
            }

        { Length = None; Parts = parts }

    let private malformed offset expected actual : 'T =
        RecordError.raise (RecordError.Malformed(name, [], offset, expected, actual))

    /// Reads past the header, whatever optional fields it has.
    let private skipHeader (source: IForward) =
        let seen = Crc32()

        let read count =
            let bytes = source.Peek count

            if bytes.Length < count then
                malformed source.Position $"{count} bytes of header" $"the end after {bytes.Length}"

            let copy = bytes.Slice(0, count).ToArray()
            source.Advance count
            seen.Append(ReadOnlySpan copy)
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
            let offset = source.Position
            let actual = uint16 (seen.GetCurrentHashAsUInt32())
            let expected = BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(read 2))

            if expected <> actual then
                malformed offset $"the header's checksum {expected:x4}" $"{actual:x4}"

    /// The inflated bytes, front to back; so many, where an index declares it. Its end is reached only past a right checksum and size, and an
    /// index of this length.
    [<Sealed>]
    type private Inflating(how: Unpacking, inner: IInflated, source: IForward, declared: int64, indexLength: int64) =
        let limits = how.Limits
        let checksum = Crc32()
        let compressedSize = inner.Rest
        let mutable window = Array.zeroCreate<byte>(1 <<< 16)
        let mutable start = 0
        let mutable filled = 0
        let mutable position = 0L
        let mutable inflated = 0L
        let mutable ended = false
        // nothing follows what is wrong: what reads on would take the next stretch for it
        let mutable failed: exn voption = ValueNone

        /// Refuses to become so large.
        let demand (bytes: int64) =
            if bytes > limits.InflatedBytes then
                RecordError.raise (RecordError.TooLarge([], "inflated bytes", bytes, limits.InflatedBytes))

            let ratio = bytes / max 1L compressedSize

            if bytes > free && ratio > limits.InflateRatio then
                RecordError.raise (RecordError.TooLarge([], "compression ratio", ratio, limits.InflateRatio))

        // what is inflated ahead of whoever reads is asked for here alone
        do demand declared

        let finish () =
            if inner.Rest > 0L then
                // where exactly it ended, the inflater does not say
                malformed source.Position "the end after one member" "more bytes"

            if inner.Starved then
                malformed source.Position "a last block of deflated data" "the end before one"

            let trailer = source.Peek(int trailerSize)
            let trailer = trailer.Slice(0, min trailer.Length (int trailerSize))

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

            source.Advance trailer.Length
            let mutable left = indexLength

            while left > 0L do
                let passed = int (min left (int64 (source.Peek 1).Length))

                if passed = 0 then
                    malformed source.Position "an index" "the end"

                source.Advance passed
                left <- left - int64 passed

            // whoever hashes the compressed bytes sees all of them, and their end
            source.Peek 1 |> ignore
            ended <- true

        member private _.Inflate(target: Memory<byte>) =
            match failed with
            | ValueSome fault -> raise fault
            | ValueNone when ended -> 0
            | ValueNone ->
                try
                    let count =
                        try
                            inner.Read target.Span
                        with :? InvalidDataException ->
                            malformed source.Position "deflated data" "other bytes"

                    if count = 0 then
                        finish ()
                    else
                        checksum.Append(target.Span.Slice(0, count))
                        inflated <- inflated + int64 count

                        demand inflated

                    count
                with fault ->
                    failed <- ValueSome fault
                    reraise ()

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
                let possible = int64 (filled - start) + inner.Waiting + (inner.Rest + 65536L) * mostPerByte

                if length < 0L || length > possible then
                    ValueNone
                else
                    // before anything is inflated for it
                    demand (position + length)
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
                            match int (min length (max (1L <<< 20) (4L * inner.Rest))) with
                            | all when int64 all = length ->
                                let target = how.Memory all
                                short.Value <- this.FillFrom target < all
                                Slice.ofMemory (Memory.op_Implicit target)
                            | first -> grow (GC.AllocateUninitializedArray<byte> first) 0

                    if short.Value then
                        ValueNone
                    else
                        position <- position + length
                        ValueSome slice

    /// What lies between the header and the trailer, inflated. Where the source can be read a second time from its start, it may be.
    let private inflating how (index: struct (GzipIndex * int64) voption) again (source: IForward) : IForward =
        skipHeader source

        let again =
            again
            |> ValueOption.map (fun again () ->
                let source = again ()
                skipHeader source
                source)

        let found, declared, indexLength =
            match index, source.Remaining with
            | ValueSome(struct (index, start)), ValueSome rest ->
                ValueSome index, index.Total, source.Position + rest - start
            | _ -> ValueNone, 0L, 0L

        match source.Remaining with
        | ValueSome rest when rest >= trailerSize + indexLength ->
            let length = rest - trailerSize - indexLength

            match found with
            | ValueSome index when length <> Array.sumBy int64 index.Lengths + int64 Deflate.ending.Length ->
                malformed source.Position $"the {Array.sumBy int64 index.Lengths} bytes of the index" $"{length}"
            | _ -> ()

            Inflating(how, Inflate.start how.Parallelism found source length again, source, declared, indexLength)
        | ValueSome rest -> malformed source.Position "compressed data" $"the end after {rest} bytes"
        | ValueNone -> RecordError.raise (RecordError.Unsupported([], "gzip inside gzip is not read"))

    /// What a sealed file holds: its compressed bytes and what comes of them are hashed on the way, the first time.
    let private unsealing how (file: ISource) (found: GzipSeal.Found) =
        let stopped = ref None
        let isGood = ref false
        let seal = found.Seal
        let member' = Forward.sourceOf file.Name { Source = file; Offset = 0L; Length = found.Start }

        let wrong first last expected actual =
            if expected = actual then
                None
            else
                Some(Seal.wrongRest first last expected actual)

        let index = GzipIndex.find member'

        fun () ->
            Option.iter RecordError.raise stopped.Value
            let source = Forward.ofSource member'

            if isGood.Value then
                inflating how index ValueNone source
            else
                let stop error = stopped.Value <- Some error
                let own = BlockHash()
                let rest = BlockHash()

                let compressed () =
                    own.Append(GzipSeal.bytes (Seal.unsigned seal.Inner 0L seal.Tensors))
                    let digest = own.Digest()
                    wrong 0L file.Length seal.Own digest

                let outer = HashedForward(source, [||], Int64.MaxValue, own, compressed, stop)
                let inner = inflating how index ValueNone outer

                let inflated () =
                    let digest = rest.Digest()
                    let problem = wrong 0L inner.Position seal.Inner digest
                    isGood.Value <- problem.IsNone
                    problem

                HashedForward(inner, seal.Tensors, Int64.MaxValue, rest, inflated, stop)


    let private backward (how: Unpacking) (input: Input) =
        RecordError.catch (fun () ->
            match Unsealed.source input with
            | ValueNone -> { Name = input.Name; Start = fun () -> inflating how ValueNone ValueNone (input.Start()) }
            | ValueSome file ->
                match GzipSeal.find how.Limits file with
                | ValueSome found -> { Name = input.Name; Start = unsealing how file found }
                | ValueNone ->
                    let index = GzipIndex.find file

                    {
                        Name = input.Name
                        Start = fun () -> inflating how index (ValueSome input.Start) (input.Start())
                    })

    /// Level 6, one member, as Burn's compressed recorders write, with an index behind it where that is of use. Reading checks checksum, size
    /// and that nothing else follows.
    let transform: Transform =
        { Name = "gzip"; Extension = "gz"; Forward = compress true; Backward = backward }

    /// The one member alone, as Burn's recorders write it.
    let internal single degree payload = compress false degree payload
