namespace Records.Core

open System
open System.Buffers.Binary
open System.Numerics
open System.Runtime.InteropServices
open System.Text

/// One tensor's stretch of a sealed file: where its bytes are as they are stored, and their hash.
[<Struct; NoEquality; NoComparison>]
type internal SealedTensor =
    {
        /// As it stands in the seal's text.
        Path: ReadOnlyMemory<byte>
        Start: int64
        Length: int64
        Hash: UInt128
    }

/// A sealed file, which says where its tensors are: what a layout does not tell apart may be no other bytes.
type internal IStretches =
    /// Whether these bytes are those of one tensor.
    abstract Has: offset: int64 * length: int64 -> bool
    /// The file alone, where all of it is known to be right: who holds a tensor need not hold the seal.
    abstract Right: ISource voption

/// What a sealed file says of its own bytes.
[<NoEquality; NoComparison>]
type internal Seal =
    {
        /// Of every byte of the file that is no tensor's, the digits of this hash counted as zeros.
        Own: UInt128
        /// In a compressed file, of every byte inside that is no tensor's. Zero elsewhere.
        Inner: UInt128
        /// Bytes that the file has once more before its seal: what is no tensor's up to there. 0 where there is no such copy.
        Copy: int64
        /// In the order of their bytes; they do not overlap.
        Tensors: SealedTensor[]
        /// The text that it was read from; empty for one that is to be written.
        Text: ReadOnlyMemory<byte>
    }

/// A seal as text: `1 own inner count`, then for each tensor `start length hash path`, then the length of it all and a mark. Where the file has a copy
/// of what is no tensor's: `2 own inner count copy`.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Seal =

    let name = "seal"

    /// Stands before the text, in every format: the first of its two marks.
    let key = "records.seal"

    /// Ends the text: the second mark.
    let magic = "RECORDS*SEALED*1"B

    /// Stands before a copy.
    let copyKey = "records.structure"

    // each with the space before it
    let private head (copy: int64) =
        1 + (1 + 32) + (1 + 32) + (1 + 8) + (if copy > 0L then 1 + 16 else 0)

    /// What stands before a tensor's path.
    let private entry = (1 + 16) + (1 + 16) + (1 + 32) + 1

    /// Length and mark with the spaces before them.
    let trailer = (1 + 16) + (1 + 16)

    // ---- paths: names as they are where they are plain, the bytes of others in hex

    /// The letters that are as they are.
    let plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

    let private plainLetters = Buffers.SearchValues.Create plain

    let private isPlain (code: byte) = plainLetters.Contains(char code)

    let private escape (name: string) =
        if not (name.AsSpan().ContainsAnyExcept plainLetters) then
            name
        else
            let text = StringBuilder name.Length

            for code in Encoding.UTF8.GetBytes name do
                if isPlain code then
                    text.Append(char code)
                else
                    text.Append('%').Append(code.ToString "X2")
                |> ignore

            text.ToString()

    /// A path as it stands in the text.
    let pathText (path: RecordPath) : ReadOnlyMemory<byte> =
        ReadOnlyMemory(Encoding.ASCII.GetBytes(String.Join('.', List.map escape path)))

    /// The paths of a record's tensors, as they stand in the text, in the order in which a format writes them.
    let pathTexts (record: Record) : ReadOnlyMemory<byte>[] =
        let found = ResizeArray<ReadOnlyMemory<byte>>()
        let scratch = ref (Array.zeroCreate<byte> 256)

        // the name behind so many bytes; gives how many there are then
        let put depth used (name: string) =
            let name = escape name
            let size = used + 1 + name.Length

            if size > scratch.Value.Length then
                let larger = Array.zeroCreate<byte>(2 * size)
                scratch.Value.CopyTo(larger, 0)
                scratch.Value <- larger

            let text = scratch.Value

            let from =
                if depth = 0 then
                    used
                else
                    text[used] <- '.'B
                    used + 1

            from + Encoding.ASCII.GetBytes(name, Span(text, from, name.Length))

        let rec walk depth used record =
            let inside name inner =
                walk (depth + 1) (put depth used name) inner

            match record with
            | Record.Param _
            | Record.Tensor _ -> found.Add(ReadOnlyMemory(Array.sub scratch.Value 0 used))
            | Record.Option(Some item) -> walk depth used item
            | Record.Struct fields
            | Record.Map fields ->
                for field in fields do
                    inside field.Name field.Value
            | Record.List items
            | Record.Array items
            | Record.Tuple items -> items |> List.iteri (fun index item -> inside (string index) item)
            | Record.Enum(_, case, payload) -> inside case payload
            | Record.Option None
            | Record.Scalar _
            | Record.Constant _ -> ()

        walk 0 0 record
        found.ToArray()

    /// The path of a tensor.
    let path (tensor: SealedTensor) : RecordPath =
        match Encoding.ASCII.GetString tensor.Path.Span with
        | "" -> []
        | text -> [ for name in text.Split '.' -> Uri.UnescapeDataString name ]

    // ---- the text

    /// Bytes of the text that a seal with these paths, and a copy of so many bytes, has: known before any hash is.
    let size (copy: int64) (paths: ReadOnlyMemory<byte>[]) =
        head copy
        + trailer
        + Array.sumBy (fun (path: ReadOnlyMemory<byte>) -> entry + path.Length) paths

    let private digits = "0123456789abcdef"B

    /// A space and so many digits of a number. Gives the place behind them.
    let private put width (value: UInt128) (text: byte[]) at =
        text[at] <- ' 'B
        let mutable rest = value

        for place in at + width .. -1 .. at + 1 do
            text[place] <- digits[int rest &&& 0xF]
            rest <- rest >>> 4

        at + 1 + width

    let private putHead (seal: Seal) (text: byte[]) =
        text[0] <- if seal.Copy > 0L then '2'B else '1'B

        let at =
            1
            |> put 32 seal.Own text
            |> put 32 seal.Inner text
            |> put 8 (UInt128.op_Implicit (uint32 seal.Tensors.Length)) text

        if seal.Copy > 0L then
            put 16 (UInt128.op_Implicit (uint64 seal.Copy)) text at
        else
            at

    /// What stands before the tensor's path.
    let private putEntry (tensor: SealedTensor) (text: byte[]) at =
        let at =
            at
            |> put 16 (UInt128.op_Implicit (uint64 tensor.Start)) text
            |> put 16 (UInt128.op_Implicit (uint64 tensor.Length)) text
            |> put 32 tensor.Hash text

        text[at] <- ' 'B
        at + 1

    let private putTrailer (size: int) (text: byte[]) at =
        let at = put 16 (UInt128.op_Implicit (uint32 size)) text at
        text[at] <- ' 'B
        magic.CopyTo(text, at + 1)

    let written (seal: Seal) : byte[] =
        let size = size seal.Copy (seal.Tensors |> Array.map _.Path)
        let text = Array.zeroCreate<byte> size
        let mutable at = putHead seal text

        for tensor in seal.Tensors do
            at <- putEntry tensor text at
            tensor.Path.Span.CopyTo(Span(text, at, tensor.Path.Length))
            at <- at + tensor.Path.Length

        putTrailer size text at
        text

    /// A seal that is to be written, with zeros for its own hash: what that hash is made of.
    let unsigned inner copy tensors =
        { Own = UInt128.Zero; Inner = inner; Copy = copy; Tensors = tensors; Text = ReadOnlyMemory.Empty }

    /// Puts the file's hash into a text that was written with zeros for it.
    let sign (own: UInt128) (text: byte[]) = put 32 own text 1 |> ignore

    let private zeros = Array.create 32 '0'B

    /// Hashes the text of a seal that was read, with zeros for its own hash: what that hash is made of.
    let hashUnsigned (seal: Seal) (hash: BlockHash) =
        hash.Append(seal.Text.Span.Slice(0, 2))
        hash.Append(ReadOnlySpan zeros)
        hash.Append(seal.Text.Span.Slice(2 + zeros.Length))

    /// What is wrong where a seal is, and cannot be read.
    let damaged offset what : 'T =
        RecordError.raise (RecordError.Malformed(name, [], offset, "a seal as it was written", what))

    /// So many digits, 16 at most, as a writer puts them, which are there. The scratch holds a number.
    let private numberAt (scratch: byte[]) (text: ReadOnlySpan<byte>) at width : uint64 voption =
        let digits = text.Slice(at, width)
        let mutable consumed = 0
        let mutable written = 0

        if
            Convert.FromHexString(digits, Span scratch, &consumed, &written) = Buffers.OperationStatus.Done
            // no other way to say them
            && not (digits.ContainsAnyInRange('A'B, 'F'B))
        then
            ValueSome(BinaryPrimitives.ReadUInt64BigEndian(ReadOnlySpan scratch) >>> (64 - 4 * width))
        else
            ValueNone

    /// The seal that a text is, to the letter; it stands at this offset. A copy of more bytes than such a file may have is refused. The text is kept.
    let parse (mostCopied: int64) (offset: int64) (text: ReadOnlyMemory<byte>) : Seal =
        let broken () : 'T = damaged offset "another text"

        let scratch = Array.zeroCreate<byte> 8

        let word at width =
            match numberAt scratch text.Span at width with
            | ValueSome number -> number
            | ValueNone -> broken ()

        let number at width =
            match word at width with
            | number when number <= uint64 Int64.MaxValue -> int64 number
            | _ -> broken ()

        let hash at = UInt128(word at 16, word (at + 16) 16)

        let expect at (expected: byte) =
            if text.Span[at] <> expected then
                broken ()

        if text.Length < head 0L + trailer then
            broken ()

        for at in [ 1; 34; 67 ] do
            expect at ' 'B

        let own, inner, count = hash 2, hash 35, number 68 8

        let copy =
            match text.Span[0] with
            | '1'B -> 0L
            | '2'B ->
                expect (head 0L) ' 'B

                match number (head 0L + 1) 16 with
                | 0L -> broken ()
                | copy when copy > mostCopied -> damaged offset "a copy that cannot be"
                | copy -> copy
            | _ -> broken ()

        // a tensor takes some bytes of the text: nothing is made for more of them
        if count > int64 (text.Length / entry) then
            broken ()

        let mutable at = head copy
        let mutable last = 0L
        let tensors = Array.zeroCreate<SealedTensor>(int count)

        for index in 0 .. tensors.Length - 1 do
            let from = at + entry

            if from > text.Length then
                broken ()

            expect at ' 'B
            expect (at + 17) ' 'B
            expect (at + 34) ' 'B
            expect (from - 1) ' 'B
            let start, length = number (at + 1) 16, number (at + 18) 16

            if start < last || start > Int64.MaxValue - length then
                broken ()

            match text.Span.Slice(from).IndexOf ' 'B with
            | -1 -> broken ()
            | size ->
                let tensor = { Path = text.Slice(from, size); Start = start; Length = length; Hash = hash (at + 35) }

                if
                    tensor.Path.Span.Contains '%'B
                    && not ((pathText (path tensor)).Span.SequenceEqual tensor.Path.Span)
                then
                    broken ()

                tensors[index] <- tensor
                at <- from + size

            last <- start + length

        let ending = Array.zeroCreate<byte> trailer
        putTrailer text.Length ending 0

        if not (text.Span.Slice(at).SequenceEqual(ReadOnlySpan ending)) then
            broken ()

        { Own = own; Inner = inner; Copy = copy; Tensors = tensors; Text = text }

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

    let private text (hash: UInt128) = hash.ToString "x32"

    /// What is wrong with a tensor, of whose bytes this is to be said.
    let wrongStretch (tensor: SealedTensor) actual =
        let last = tensor.Start + tensor.Length

        RecordError.Malformed(
            name,
            path tensor,
            tensor.Start,
            $"the hash {text tensor.Hash} of what is stored from there to byte {last}",
            actual
        )

    /// What is wrong with a tensor whose bytes have this hash.
    let wrongTensor tensor actual = wrongStretch tensor (text actual)

    /// What is wrong with the bytes beside the tensors, which lie between these two.
    let wrongRest first last expected actual =
        RecordError.Malformed(
            name,
            [],
            first,
            $"the hash {text expected} of what is stored beside the tensors up to byte {last}",
            text actual
        )
