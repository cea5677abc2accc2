namespace Records.Core

open System
open System.Buffers.Binary
open System.Text

/// A short text by its bytes: where it is not longer than sixteen, all of them are in here.
[<Struct; NoEquality; NoComparison>]
type private ShortText =
    {
        First: uint64
        Last: uint64
        /// One more than its bytes: 0 where there is no text yet.
        Size: int
        Text: string
    }

/// The bytes of a few numbers in a row, sixteen at most: what is behind them is zeros.
[<Struct; NoEquality; NoComparison>]
type internal RowKey =
    {
        First: uint64
        Last: uint64
        Size: int
    }

    static member Most = 16

    static member Of(bytes: ReadOnlySpan<byte>) : RowKey =
        let mutable first = 0UL
        let mutable last = 0UL

        for index in bytes.Length - 1 .. -1 .. 8 do
            last <- (last <<< 8) ||| uint64 bytes[index]

        for index in (min 8 bytes.Length) - 1 .. -1 .. 0 do
            first <- (first <<< 8) ||| uint64 bytes[index]

        { First = first; Last = last; Size = bytes.Length }

/// What a file says often, the same object each time: it has many tensors, and few names, dtypes and dimensions.
[<Sealed>]
type internal Repeated() =
    static let utf8 = UTF8Encoding(false, true)

    // odd, and without a pattern: what is multiplied by it shows in the upper bits of the product
    static let mix = 0x9E3779B97F4A7C15UL

    // made when first needed: many files have nothing of the kind
    let mutable texts: ShortText[] = Array.empty
    let mutable values: Value[] = Array.empty
    let mutable numbers: (struct (uint64 * Value))[] = Array.empty
    let mutable rows: (struct (RowKey * Value))[] = Array.empty
    let mutable shapes: (struct (Value[] * Shape))[] = Array.empty
    // the last one there was
    let mutable variant = Value.Absent
    let mutable nextShape = 0

    /// Refuses bytes that are not UTF-8.
    static member Utf8 = utf8

    /// The place among 128 of a text of these words and length.
    static member private PlaceOf(first: uint64, last: uint64, length: int) =
        let mixed = (first + uint64 length) * mix
        // both are the same word where the text is as long as one
        int (((mixed ^^^ (mixed >>> 32) ^^^ last) * mix) >>> 57)

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

        if texts.Length = 0 then
            texts <- Array.zeroCreate 128

        let place = Repeated.PlaceOf(first, last, length)
        let known = &texts[place]

        let isKnown =
            known.Size = length + 1
            && known.First = first
            && known.Last = last
            && (length <= 16 || Ascii.Equals(bytes, known.Text.AsSpan()))

        if not isKnown then
            known <- { First = first; Last = last; Size = length + 1; Text = utf8.GetString bytes }

        place

    /// The text that these bytes are.
    member this.Name(bytes: ReadOnlySpan<byte>) : string =
        let place = this.Find bytes
        texts[place].Text

    /// The text as a value.
    member this.Text(bytes: ReadOnlySpan<byte>) : Value =
        let place = this.Find bytes
        let text = texts[place].Text

        if values.Length = 0 then
            values <- Array.create texts.Length Value.Absent

        match values[place] with
        | Value.Scalar(Scalar.Text known) as value when Object.ReferenceEquals(known, text) -> value
        | _ ->
            let value = Value.text text
            values[place] <- value
            value

    /// The row of these bytes, where it was read before.
    member _.Row(key: RowKey) : Value voption =
        if rows.Length = 0 then
            ValueNone
        else
            let struct (known, value) = rows[Repeated.PlaceOf(key.First, key.Last, key.Size) / 2]

            if known.Size = key.Size && known.First = key.First && known.Last = key.Last then
                ValueSome value
            else
                ValueNone

    /// Remembers the row of these bytes.
    member _.AddRow(key: RowKey, value: Value) =
        if rows.Length = 0 then
            rows <- Array.zeroCreate 64

        rows[Repeated.PlaceOf(key.First, key.Last, key.Size) / 2] <- struct (key, value)

    /// The shape that these very dimensions were, one of the last there were.
    member _.Shape(dims: Value[]) : Shape voption =
        let mutable found = ValueNone

        for struct (before, shape) in shapes do
            if Object.ReferenceEquals(before, dims) then
                found <- ValueSome shape

        found

    /// Remembers the shape that these dimensions are.
    member _.AddShape(dims: Value[], shape: Shape) =
        if shapes.Length = 0 then
            shapes <- Array.zeroCreate 8

        shapes[nextShape] <- struct (dims, shape)
        nextShape <- (nextShape + 1) % shapes.Length

    /// The number as a value.
    member _.Number(number: uint64) : Value =
        if numbers.Length = 0 then
            numbers <- Array.create 64 (struct (0UL, Value.Scalar(Scalar.U64 0UL)))

        let place = int ((number * mix) >>> 58)

        match numbers[place] with
        | struct (known, value) when known = number -> value
        | _ ->
            let value = Value.Scalar(Scalar.U64 number)
            numbers[place] <- struct (number, value)
            value

    /// The variant that carries nothing as a value: of dtypes the same again and again.
    member _.Variant(index: int, name: string) : Value =
        match variant with
        | Value.Variant(known, text, ValueNone) when known = index && Object.ReferenceEquals(text, name) -> variant
        | _ ->
            variant <- Value.Variant(index, name, ValueNone)
            variant
