namespace Records.Core

open System
open System.Buffers
open System.Buffers.Binary
open System.Text

/// CBOR as ciborium writes serde's values: lengths first, integers and floats as short as they go. It is written where it stays, for there may
/// be very much of it.
[<Sealed>]
type internal CborWriter(target: IBufferWriter<byte>) =

    let put (bytes: ReadOnlySpan<byte>) =
        bytes.CopyTo(target.GetSpan bytes.Length)
        target.Advance bytes.Length

    let put1 (code: byte) =
        target.GetSpan(1)[0] <- code
        target.Advance 1

    /// What a value of this kind begins with; the number is all of it, or says how much follows.
    let head (kind: int) (number: uint64) =
        let kind = byte (kind <<< 5)
        let space = target.GetSpan 9

        if number < 24UL then
            put1 (kind + byte number)
        elif number <= 0xFFUL then
            space[0] <- kind + 24uy
            space[1] <- byte number
            target.Advance 2
        elif number <= 0xFFFFUL then
            space[0] <- kind + 25uy
            BinaryPrimitives.WriteUInt16BigEndian(space.Slice 1, uint16 number)
            target.Advance 3
        elif number <= 0xFFFFFFFFUL then
            space[0] <- kind + 26uy
            BinaryPrimitives.WriteUInt32BigEndian(space.Slice 1, uint32 number)
            target.Advance 5
        else
            space[0] <- kind + 27uy
            BinaryPrimitives.WriteUInt64BigEndian(space.Slice 1, number)
            target.Advance 9

    /// Bytes of a text's UTF-8; an error for text that has none.
    static member Utf8Length(text: string) : int =
        try
            Repeated.Utf8.GetByteCount text
        with :? EncoderFallbackException ->
            RecordError.raise (RecordError.Unsupported([ text ], "half of a surrogate pair cannot be written"))

    /// So many keys follow, each with its value.
    member _.Map(count: int) = head 5 (uint64 count)

    /// So many items follow.
    member _.Array(count: int) = head 4 (uint64 count)

    /// A text follows that has so many bytes.
    member _.TextOf(length: int) = head 3 (uint64 length)

    member this.Text(text: string) =
        let length = CborWriter.Utf8Length text
        this.TextOf length
        Repeated.Utf8.GetBytes(text.AsSpan(), target.GetSpan length) |> ignore
        target.Advance length

    member _.Unsigned(value: uint64) = head 0 value

    member _.Signed(value: int64) =
        if value < 0L then
            head 1 (uint64 ~~~value)
        else
            head 0 (uint64 value)

    member _.Bool(value: bool) = put1 (if value then 0xF5uy else 0xF4uy)

    member _.Null() = put1 0xF6uy

    /// Shortest means that no bit is lost, of those in a NaN neither.
    member _.Float(value: double) =
        let bits = BitConverter.DoubleToInt64Bits
        let half = Half.op_Explicit value: Half
        let short = single value

        if bits (Half.op_Explicit half: double) = bits value then
            let bytes = [| 0xF9uy; 0uy; 0uy |]
            BinaryPrimitives.WriteHalfBigEndian(Span(bytes, 1, 2), half)
            put (ReadOnlySpan bytes)
        elif bits (double short) = bits value then
            let bytes = Array.zeroCreate 5
            bytes[0] <- 0xFAuy
            BinaryPrimitives.WriteSingleBigEndian(Span(bytes, 1, 4), short)
            put (ReadOnlySpan bytes)
        else
            let bytes = Array.zeroCreate 9
            bytes[0] <- 0xFBuy
            BinaryPrimitives.WriteDoubleBigEndian(Span(bytes, 1, 8), value)
            put (ReadOnlySpan bytes)

[<RequireQualifiedAccess>]
module internal Cbor =

    /// A map of the fields of a struct, in their order.
    let fields (writer: CborWriter) (entries: (string * (unit -> unit)) list) =
        writer.Map entries.Length

        for name, write in entries do
            writer.Text name
            write ()

    // surrogates stand before U+E000 in UTF-16, and for what comes after U+FFFF
    let private rank (letter: char) =
        if Char.IsSurrogate letter then
            0x10000 + int letter
        else
            int letter

    let private order (left: string) (right: string) =
        let same = left.AsSpan().CommonPrefixLength(right.AsSpan())

        if same < left.Length && same < right.Length then
            rank left[same] - rank right[same]
        else
            left.Length - right.Length

    /// Entries as Rust orders those of a map: by the bytes of their names' UTF-8, which none is made of. No name may be there twice.
    let sorted (nameOf: 'T -> string) (entries: 'T[]) : 'T[] =
        for entry in entries do
            CborWriter.Utf8Length(nameOf entry) |> ignore

        let sorted = Array.copy entries
        Array.Sort(sorted, Comparison(fun left right -> order (nameOf left) (nameOf right)))
        sorted
