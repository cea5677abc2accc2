namespace Records.Core

open System
open System.IO.Hashing
open System.Numerics
open System.Runtime.InteropServices
open System.Text

/// XXH3-128 over the XXH3-128 of each MiB: one pass, and the blocks could be hashed side by side.
[<Sealed>]
type internal BlockHash() =
    let blocks = XxHash128()
    let block = XxHash128()
    let digest = Array.zeroCreate<byte> 16
    let mutable used = 0

    static member val Block = 1 <<< 20

    member _.Append(bytes: ReadOnlySpan<byte>) =
        let mutable rest = bytes

        while not rest.IsEmpty do
            let piece = rest.Slice(0, min rest.Length (BlockHash.Block - used))
            rest <- rest.Slice piece.Length

            if piece.Length = BlockHash.Block then
                XxHash128.Hash(piece, Span digest) |> ignore
                blocks.Append(ReadOnlySpan digest)
            else
                block.Append piece
                used <- used + piece.Length

                if used = BlockHash.Block then
                    block.GetHashAndReset(Span digest) |> ignore
                    blocks.Append(ReadOnlySpan digest)
                    used <- 0

    /// The hash of these bytes, in hex, without a state to keep.
    static member Of(bytes: ReadOnlySpan<byte>) : string =
        let digests = Array.zeroCreate<byte>(16 * ((bytes.Length + BlockHash.Block - 1) / BlockHash.Block))

        for index in 0 .. digests.Length / 16 - 1 do
            let start = index * BlockHash.Block
            let block = bytes.Slice(start, min BlockHash.Block (bytes.Length - start))
            XxHash128.Hash(block, Span(digests, 16 * index, 16)) |> ignore

        Convert.ToHexStringLower(XxHash128.Hash(ReadOnlySpan digests))

    /// The hash of all that was appended, in hex. Nothing can be appended any more.
    member _.Digest() =
        if used > 0 then
            block.GetHashAndReset(Span digest) |> ignore
            blocks.Append(ReadOnlySpan digest)
            used <- 0

        Convert.ToHexStringLower(blocks.GetCurrentHash())

/// One tensor's stretch of a sealed file: where its bytes are as they are stored, and their hash.
[<NoComparison>]
type internal SealedTensor = { Path: RecordPath; Start: int64; Length: int64; Hash: string }

/// What a sealed file says of its own bytes.
[<NoComparison>]
type internal Seal =
    {
        /// Of every byte of the file that is no tensor's, the digits of this hash counted as zeros.
        Own: string
        /// In a compressed file, of every byte inside that is no tensor's. Zeros elsewhere.
        Inner: string
        /// In the order of their bytes; they do not overlap.
        Tensors: SealedTensor[]
    }

/// A seal as text: `1 own inner count`, then for each tensor `start length hash path`, then the length of it all and a mark.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Seal =

    let name = "seal"

    /// Stands before the text, in every format: the first of its two marks.
    let key = "records.seal"

    /// Ends the text: the second mark.
    let magic = "RECORDS*SEALED*1"B

    let zeros = String('0', 32)

    /// What was hashed so far, as a seal has it.
    let digest (hash: XxHash128) =
        Convert.ToHexStringLower(hash.GetCurrentHash())

    /// Where in the text its own hash is.
    let ownAt = 2

    let private head = 1 + 1 + 32 + 1 + 32 + 1 + 8

    let private entry = 1 + 16 + 1 + 16 + 1 + 32 + 1

    /// Length and mark with the spaces before them.
    let trailer = 1 + 16 + 1 + 16

    // ---- paths: names as they are where they are plain, the bytes of others in hex

    let private escape (name: string) =
        let text = StringBuilder name.Length

        for code in Encoding.UTF8.GetBytes name do
            if Char.IsAsciiLetterOrDigit(char code) || code = '_'B || code = '-'B then
                text.Append(char code)
            else
                text.Append('%').Append(code.ToString "X2")
            |> ignore

        text.ToString()

    let pathText (path: RecordPath) = String.Join('.', List.map escape path)

    let private pathOf (text: string) : RecordPath =
        if text = "" then
            []
        else
            [ for name in text.Split '.' -> Uri.UnescapeDataString name ]

    // ---- the text

    /// Characters of the text that a seal with these paths has: known before any byte is.
    let size (paths: string[]) =
        head + trailer + Array.sumBy (fun (path: string) -> entry + path.Length) paths

    let written (seal: Seal) =
        let paths = seal.Tensors |> Array.map (fun tensor -> pathText tensor.Path)
        let size = size paths
        let text = StringBuilder size

        text.Append("1 ").Append(seal.Own).Append(' ').Append(seal.Inner).Append(' ').Append(paths.Length.ToString "x8")
        |> ignore

        for tensor, path in Array.zip seal.Tensors paths do
            text
                .Append(' ')
                .Append(tensor.Start.ToString "x16")
                .Append(' ')
                .Append(tensor.Length.ToString "x16")
                .Append(' ')
                .Append(tensor.Hash)
                .Append(' ')
                .Append(path)
            |> ignore

        text
            .Append(' ')
            .Append((int64 size).ToString "x16")
            .Append(' ')
            .Append(Encoding.ASCII.GetString magic)
            .ToString()

    /// The same with zeros for its own hash: what that hash is made of.
    let unsigned (seal: Seal) = { seal with Own = zeros }

    /// What is wrong where a seal is, and cannot be read.
    let damaged offset what : 'T =
        RecordError.raise (RecordError.Malformed(name, [], offset, "a seal as it was written", what))

    let private hex (text: string) =
        match Int64.TryParse(text, Globalization.NumberStyles.AllowHexSpecifier, null) with
        | true, value when value >= 0L -> ValueSome value
        | _ -> ValueNone

    /// The seal that a text is, to the letter; it stands at this offset.
    let parse (offset: int64) (text: string) : Seal =
        let broken () : 'T = damaged offset "another text"
        let words = text.Split ' '

        if words.Length < 6 || (words.Length - 6) % 4 <> 0 then
            broken ()

        let number text =
            match hex text with
            | ValueSome value -> value
            | ValueNone -> broken ()

        let mutable last = 0L

        let tensors =
            Array.init ((words.Length - 6) / 4) (fun index ->
                let start = number words[4 + 4 * index]
                let length = number words[5 + 4 * index]

                if start < last || start > Int64.MaxValue - length then
                    broken ()

                last <- start + length
                { Path = pathOf words[7 + 4 * index]; Start = start; Length = length; Hash = words[6 + 4 * index] })

        let seal = { Own = words[1]; Inner = words[2]; Tensors = tensors }

        // whatever could be said in another way was not said by a writer
        if seal.Own.Length <> 32 || seal.Inner.Length <> 32 || written seal <> text then
            broken ()

        seal

    // ---- marks

    /// How many bits may be wrong in a mark that is still taken for one.
    let private tolerance = 16

    let private distance (left: ReadOnlySpan<byte>) (right: ReadOnlySpan<byte>) =
        let left = MemoryMarshal.Cast<byte, uint64> left
        let right = MemoryMarshal.Cast<byte, uint64> right

        BitOperations.PopCount(left[0] ^^^ right[0])
        + BitOperations.PopCount(left[1] ^^^ right[1])

    /// Where in these bytes the mark is, or something that was one, and how many of its bits are wrong.
    let findMark (bytes: ReadOnlySpan<byte>) : struct (int * int) voption =
        let mutable found = ValueNone

        for at in bytes.Length - magic.Length .. -1 .. 0 do
            match distance (bytes.Slice(at, magic.Length)) (ReadOnlySpan magic), found with
            | wrong, ValueNone when wrong <= tolerance -> found <- ValueSome(struct (at, wrong))
            | wrong, ValueSome(struct (_, least)) when wrong < least -> found <- ValueSome(struct (at, wrong))
            | _ -> ()

        found

    // ---- mismatches

    let private wrong path start (last: int64) (expected: string) (actual: string) =
        RecordError.Malformed(
            name,
            path,
            start,
            $"the hash {expected} of what is stored from there to byte {last}",
            actual
        )

    /// What is wrong with a tensor whose bytes have this hash.
    let wrongTensor (tensor: SealedTensor) actual =
        wrong tensor.Path tensor.Start (tensor.Start + tensor.Length) tensor.Hash actual

    /// What is wrong with the bytes beside the tensors, which lie between these two.
    let wrongRest first last expected actual =
        RecordError.Malformed(
            name,
            [],
            first,
            $"the hash {expected} of what is stored beside the tensors up to byte {last}",
            actual
        )

/// Sees the bytes of a file while they are made, and hashes them: tensors each for itself, and the rest.
[<Sealed>]
type internal Witness(paths: RecordPath[], firstByte: byte) =
    let rest = XxHash128()
    let tensors = ResizeArray<SealedTensor>()
    let mutable position = 0L
    let mutable started = 0L
    let mutable current = BlockHash()

    /// Bytes that are no tensor's. The first of the file gets something added to it on its way, where the format wants that.
    member _.Rest(bytes: ReadOnlySpan<byte>) =
        if position = 0L && firstByte > 0uy && not bytes.IsEmpty then
            rest.Append(ReadOnlySpan [| bytes[0] + firstByte |])
            rest.Append(bytes.Slice 1)
        else
            rest.Append bytes

        position <- position + int64 bytes.Length

    member _.Begin() =
        started <- position
        current <- BlockHash()

    /// Bytes of the tensor that has begun.
    member _.Tensor(bytes: ReadOnlySpan<byte>) =
        current.Append bytes
        position <- position + int64 bytes.Length

    member _.End() =
        let path =
            if tensors.Count < paths.Length then
                paths[tensors.Count]
            else
                [ string tensors.Count ]

        tensors.Add { Path = path; Start = started; Length = position - started; Hash = current.Digest() }

    member _.Tensors = tensors.ToArray()

    /// The hash of the rest, in hex.
    member _.Digest() = Seal.digest rest

/// The parts of a file as Burn has it, which can be seen by a witness while they are made, and made with a seal.
[<Sealed>]
type internal Marked
    (paths: RecordPath[], witnessed: Witness option -> seq<ReadOnlyMemory<byte>>, sealed': unit -> Payload) =

    /// Of its tensors, in the order of their bytes.
    member _.Paths = paths

    member _.Witnessed witness = witnessed (Some witness)

    /// The same file with its seal.
    member _.Sealed() = sealed' ()

    interface seq<ReadOnlyMemory<byte>> with
        member _.GetEnumerator() : Collections.Generic.IEnumerator<ReadOnlyMemory<byte>> =
            (witnessed None).GetEnumerator()

        member _.GetEnumerator() : Collections.IEnumerator =
            (witnessed None :> Collections.IEnumerable).GetEnumerator()
