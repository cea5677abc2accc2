namespace Records.Core

open System
open System.Text

/// The seal of a burnpack: a text among its user metadata. That stands before the tensors, so these are read twice when they
/// are written.
[<RequireQualifiedAccess>]
module internal BurnpackSeal =

    let private isMarked (metadata: ReadOnlySpan<byte>) =
        metadata.IndexOf(ReadOnlySpan Seal.magic) >= 0

    let private namesAndDots = Buffers.SearchValues.Create(Seal.plain + ".")

    /// The path that a tensor's name is.
    let private path (name: string) : RecordPath = List.ofArray (name.Split '.')

    /// The same as it stands in a seal's text, which for most is the name.
    let pathText (name: string) : ReadOnlyMemory<byte> =
        if name.AsSpan().ContainsAnyExcept namesAndDots then
            Seal.pathText (path name)
        else
            ReadOnlyMemory(Encoding.ASCII.GetBytes name)

    /// What stands before a text of this length in CBOR: its key, and the length.
    let private before (length: int) =
        let header =
            if length < 256 then
                [| 0x78uy; byte length |]
            elif length < 65536 then
                [| 0x79uy; byte (length >>> 8); byte length |]
            else
                [| 0x7Auy; byte (length >>> 24); byte (length >>> 16); byte (length >>> 8); byte length |]

        Array.concat [ Encoding.ASCII.GetBytes Seal.key; header ]

    /// Where the text is in the metadata.
    let private find (metadata: ReadOnlySpan<byte>) (text: ReadOnlySpan<byte>) =
        let before = before text.Length
        let mutable place = 0
        let mutable at = -1

        while at < 0 do
            match metadata.Slice(place).IndexOf(ReadOnlySpan before) with
            | -1 -> Seal.damaged (int64 BurnpackLayout.headerBytes) "no text in one piece"
            | found ->
                place <- place + found + 1

                if metadata.Slice(place - 1 + before.Length).StartsWith text then
                    at <- place - 1 + before.Length

        at

    /// Slices up to this many bytes are copied to be hashed where they are not in memory.
    let private small = 1L <<< 16

    /// Appends a tensor's bytes, those of a small one without a sequence of parts: there may be very many.
    let private hashed (hash: BlockHash) (slice: Slice) =
        if slice.Source.InMemory && slice.Length <= int64 BlockHash.Block then
            hash.Append (slice.Source.Read(slice.Offset, int slice.Length)).Span
            // what is mapped is there as long as the slice is
            GC.KeepAlive slice
        elif slice.Length <= small then
            let buffer = Buffers.ArrayPool<byte>.Shared.Rent(int slice.Length)

            try
                let bytes = Span(buffer, 0, int slice.Length)
                slice.Source.Fill(slice.Offset, bytes)
                hash.Append(Span.op_Implicit bytes)
            finally
                Buffers.ArrayPool<byte>.Shared.Return buffer
        else
            for part in Slice.parts slice do
                hash.Append part.Span

    let private zeros = Array.zeroCreate<byte>(1 <<< 16)

    /// The file with its seal, which has so many bytes. Tensors are where their bytes are to begin; write makes parts of the seal's text.
    let payload
        (paths: ReadOnlyMemory<byte>[])
        (metadata: WrittenMetadata)
        (tensors: (struct (int64 * Slice))[])
        (length: int64)
        (write: ReadOnlyMemory<byte> -> Parts)
        : Payload =
        let parts =
            seq {
                let hash = BlockHash()

                let sealed' =
                    Array.map2
                        (fun path (struct (start, slice: Slice)) ->
                            hashed hash slice
                            { Path = path; Start = start; Length = slice.Length; Hash = hash.Digest() })
                        paths
                        tensors

                let text = Seal.written (Seal.unsigned UInt128.Zero 0L sealed')

                if text.Length <> metadata.SealBytes then
                    invalidOp "A seal is as long as was said before it was made."

                let own = BlockHash()
                own.Append(ReadOnlySpan(BurnpackLayout.header (int metadata.Length)))

                for piece in metadata.Pieces(ReadOnlyMemory text) do
                    own.Append piece.Span

                // what else is not a tensor's is zero
                let mutable padding =
                    length
                    - int64 BurnpackLayout.headerBytes
                    - metadata.Length
                    - (tensors |> Array.sumBy (fun (struct (_, slice)) -> slice.Length))

                while padding > 0L do
                    let count = int (min padding zeros.LongLength)
                    own.Append(ReadOnlySpan(zeros, 0, count))
                    padding <- padding - int64 count

                Seal.sign (own.Digest()) text
                yield! (write (ReadOnlyMemory text)).ToPayload().Parts
            }

        { Length = Some length; Parts = parts }

    // ---- reading

    /// The seal that this text of the metadata is; one that lost its key is still seen by its mark. Fails for one that is not as it was written.
    let seal (metadata: ReadOnlyMemory<byte>) (text: ReadOnlyMemory<byte> voption) : Seal voption =
        let start = int64 BurnpackLayout.headerBytes

        match text with
        | ValueNone when isMarked metadata.Span -> Seal.damaged start "a mark without its key"
        | ValueNone -> ValueNone
        | ValueSome text -> ValueSome(Seal.parse 0L start text)

    /// What is wrong beside the tensors, of a file with this metadata.
    let wrongRest (file: ISource) (metadata: ReadOnlyMemory<byte>) (seal: Seal) =
        let head = int64 (BurnpackLayout.headerBytes + metadata.Length)

        match Array.tryHead seal.Tensors, Array.tryLast seal.Tensors with
        | Some first, Some last when first.Start < head || last.Start + last.Length > file.Length ->
            Seal.damaged head "a tensor where none can be"
        | _ -> ()

        let hash = BlockHash()
        let at = find metadata.Span seal.Text.Span
        hash.Append(ReadOnlySpan(Unsealed.stretch file 0L (int64 BurnpackLayout.headerBytes)))
        hash.Append(metadata.Span.Slice(0, at))
        Seal.hashUnsigned seal hash
        hash.Append(metadata.Span.Slice(at + seal.Text.Length))
        Unsealed.between file seal.Tensors head file.Length (Kept 0L) hash

        match hash.Digest() with
        | digest when digest = seal.Own -> None
        | digest -> Some(Seal.wrongRest 0L file.Length seal.Own digest)

    /// The tensors of a sealed file, which are what they were when they were written; of another as they are.
    let tensors forgive (context: DecodeContext) (input: Input) (metadata: ReadOnlyMemory<byte>) seal (data: Slice) =
        match seal with
        | ValueNone -> data
        | ValueSome(seal: Seal) ->
            let file =
                match Unsealed.source input with
                | ValueSome file -> file
                | ValueNone ->
                    // compressed by someone else after it was sealed
                    let store = Option.defaultValue Chunks.gather context.Store
                    (store (Forward.rest (input.Start()))) |> Forward.sourceOf input.Name

            wrongRest file metadata seal |> Option.iter forgive

            let start = int64 (BurnpackLayout.headerBytes + metadata.Length)
            let rest = { Source = file; Offset = start; Length = file.Length - start }

            match Unsealed.checkedSource file seal.Tensors with
            | tensors when tensors.IsDone -> rest
            | tensors -> { rest with Source = tensors }
