namespace Records.Core

open System
open System.Buffers.Binary
open System.Text

/// A short text by its bytes: where it is not longer than sixteen, all of them are in here.
[<Struct; NoEquality; NoComparison>]
type private ShortText = { First: uint64; Last: uint64; Length: int; Text: string; Value: Value }

/// What a file says often, the same object each time: it has many tensors, and few names, dtypes and dimensions.
[<Sealed>]
type internal Repeated() =
    static let utf8 = UTF8Encoding(false, true)

    static let empty = { First = 0UL; Last = 0UL; Length = 0; Text = ""; Value = Value.text "" }

    // a prime of some size, whose products depend on all of a number in their upper bits
    static let mix = 0x9E3779B97F4A7C15UL

    let texts = Array.create 128 empty
    let numbers = Array.create 64 (struct (0UL, Value.Scalar(Scalar.U64 0UL)))

    /// Refuses bytes that are not UTF-8.
    static member Utf8 = utf8

    /// The place of the text that these bytes are, which is there now.
    member private _.Find(bytes: ReadOnlySpan<byte>) : int =
        let length = bytes.Length
        let mutable first = 0UL
        let mutable last = 0UL

        if length >= 8 then
            first <- BinaryPrimitives.ReadUInt64LittleEndian bytes
            last <- BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(length - 8))
        elif length >= 4 then
            first <- uint64 (BinaryPrimitives.ReadUInt32LittleEndian bytes)
            last <- uint64 (BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(length - 4)))
        elif length > 0 then
            first <- uint64 bytes[0] ||| (uint64 bytes[length / 2] <<< 8)
            last <- uint64 bytes[length - 1]

        let place = int (((first + uint64 length) * mix ^^^ last * (mix + 2UL)) >>> 57)
        let known = &texts[place]

        let isKnown =
            known.Length = length
            && known.First = first
            && known.Last = last
            && (length <= 16 || Ascii.Equals(bytes, known.Text.AsSpan()))

        if not isKnown then
            let text = utf8.GetString bytes
            known <- { First = first; Last = last; Length = length; Text = text; Value = Value.text text }

        place

    /// The text that these bytes are.
    member this.Name(bytes: ReadOnlySpan<byte>) : string = texts[this.Find bytes].Text

    /// The text as a value.
    member this.Text(bytes: ReadOnlySpan<byte>) : Value = texts[this.Find bytes].Value

    /// The number as a value.
    member _.Number(number: uint64) : Value =
        let place = int ((number * mix) >>> 58)

        match numbers[place] with
        | struct (known, value) when known = number -> value
        | _ ->
            let value = Value.Scalar(Scalar.U64 number)
            numbers[place] <- struct (number, value)
            value
