namespace Records.Core

open System
open System.Formats.Cbor
open System.Text

/// A place in CBOR bytes: reads what a metadata block is made of, and knows offset and path when something is wrong.
/// Offset of the first byte is given; texts must have a length and be UTF-8, as serde's reader wants it.
[<Sealed>]
type internal CborCursor(format: string, limits: Limits, bytes: ReadOnlyMemory<byte>, start: int64) =
    let reader = CborReader(bytes, CborConformanceMode.Lax, true)
    let mutable entry: string voption = ValueNone
    let repeated = Repeated()

    /// Texts of more bytes than this, such as the names of tensors, are not there twice.
    let longestKey = 12

    member _.Limits = limits

    /// The next byte, in the file.
    member _.Offset = start + int64 (bytes.Length - reader.BytesRemaining)

    /// Bytes not read yet.
    member _.Left = reader.BytesRemaining

    member private _.Path: RecordPath =
        match entry with
        | ValueSome name -> [ name ]
        | ValueNone -> []

    member this.FailAt(offset: int64, expected: string, actual: string) : 'T =
        RecordError.raise (RecordError.Malformed(format, this.Path, offset, expected, actual))

    member this.Fail(expected, actual) : 'T =
        this.FailAt(this.Offset, expected, actual)

    member this.TooLarge(what, actual, limit) : 'T =
        RecordError.raise (RecordError.TooLarge(this.Path, what, actual, limit))

    /// Whose values are read, for the errors.
    member _.Entry
        with get () = entry
        and set value = entry <- value

    /// The reader's own errors are ours, at the place where it began.
    member private this.Failed(offset: int64, expected: string, fault: exn) : 'T =
        match fault with
        | :? CborContentException -> this.FailAt(offset, expected, "bytes that are no CBOR")
        | :? OverflowException -> this.FailAt(offset, expected, "a number outside of that")
        | :? InvalidOperationException -> this.FailAt(offset, expected, "something else")
        | _ ->
            Runtime.ExceptionServices.ExceptionDispatchInfo.Throw fault
            invalidOp "never"

    member private this.Try(expected: string, read: CborReader -> 'T) : 'T =
        let offset = this.Offset

        try
            read reader
        with fault ->
            this.Failed(offset, expected, fault)

    // asked for most of all: with nothing made for the question
    member private this.State() =
        try
            reader.PeekState()
        with fault ->
            this.Failed(this.Offset, "a CBOR value", fault)

    /// The next value as what it should be, or an error that says what it is.
    member private this.Demand(expected: string, state: CborReaderState) =
        match this.State() with
        | found when found = state -> ()
        | CborReaderState.Finished -> this.Fail(expected, "the end")
        | found -> this.Fail(expected, $"{found}")

    /// True when nothing but the end of the map or array is next.
    member this.AtEnd =
        match this.State() with
        | CborReaderState.EndMap
        | CborReaderState.EndArray -> true
        | CborReaderState.Finished -> this.Fail("a CBOR value", "the end")
        | _ -> false

    /// A tag that says the bytes are CBOR, which changes nothing.
    member this.SkipSelfDescription() =
        if this.State() = CborReaderState.Tag then
            let offset = this.Offset

            if this.Try("a tag", _.ReadTag()) <> CborTag.SelfDescribeCbor then
                this.FailAt(offset, "a map", "a tag")

    member this.Text(what: string) : string = this.Text(what, limits.NameBytes)

    /// The bytes of a text, of which there may be so many.
    member this.TextBytes(what: string, most: int64) : ReadOnlyMemory<byte> =
        this.Demand(what, CborReaderState.TextString)
        let utf8 = this.Try(what, _.ReadDefiniteLengthTextStringBytes())

        if int64 utf8.Length > most then
            this.TooLarge($"bytes of {what}", int64 utf8.Length, most)

        utf8

    /// A text of at most so many bytes.
    member this.Text(what: string, most: int64) : string =
        let offset = this.Offset
        let utf8 = this.TextBytes(what, most)

        try
            if utf8.Length <= longestKey then
                repeated.Name utf8.Span
            else
                Repeated.Utf8.GetString utf8.Span
        with :? DecoderFallbackException ->
            this.FailAt(offset, "UTF-8", "other bytes")

    member this.Unsigned(what: string) : uint64 =
        match this.State() with
        | CborReaderState.NegativeInteger -> this.Fail($"{what} of 0 and more", "a negative number")
        | _ -> this.Demand(what, CborReaderState.UnsignedInteger)

        this.Try(what, _.ReadUInt64())

    member this.Signed(what: string) : int64 =
        match this.State() with
        | CborReaderState.NegativeInteger
        | CborReaderState.UnsignedInteger -> this.Try(what, _.ReadInt64())
        | found -> this.Fail(what, $"{found}")

    member this.Bool(what: string) : bool =
        this.Demand(what, CborReaderState.Boolean)
        this.Try(what, _.ReadBoolean())

    /// A float of any width, to the bit: NaN keeps what is in it.
    member this.Float(what: string) : double =
        match this.State() with
        | CborReaderState.HalfPrecisionFloat -> double (this.Try(what, _.ReadHalf()))
        | CborReaderState.SinglePrecisionFloat -> double (this.Try(what, _.ReadSingle()))
        | CborReaderState.DoublePrecisionFloat -> this.Try(what, _.ReadDouble())
        | found -> this.Fail(what, $"{found}")

    /// True for a null, which is then behind.
    member this.Null() =
        let isNull = this.State() = CborReaderState.Null

        if isNull then
            this.Try("null", _.ReadNull())

        isNull

    member this.IsText = this.State() = CborReaderState.TextString

    member this.StartMap(what: string) =
        this.Demand(what, CborReaderState.StartMap)
        this.Try(what, _.ReadStartMap()) |> ignore

    member this.EndMap(what: string) = this.Try(what, _.ReadEndMap())

    member this.StartArray(what: string) =
        this.Demand(what, CborReaderState.StartArray)
        this.Try(what, _.ReadStartArray()) |> ignore

    member this.EndArray(what: string) = this.Try(what, _.ReadEndArray())

    member this.Key() : string = this.Text "a key"

    /// Each key of a map; the action reads the value.
    member this.Map(what: string, entry: string -> unit) =
        this.StartMap what

        while not this.AtEnd do
            entry (this.Key())

        this.EndMap what

    /// Each item of an array; the action reads it.
    member this.Array(what: string, item: int -> unit) =
        this.StartArray what
        let mutable count = 0

        while not this.AtEnd do
            item count
            count <- count + 1

        this.EndArray what

    /// Leaves a value behind that nobody asks for, no deeper than the limit.
    member this.Skip() =
        let outer = reader.CurrentDepth
        let mutable running = true

        while running do
            match this.State() with
            | CborReaderState.StartArray -> this.Try("an array", _.ReadStartArray()) |> ignore
            | CborReaderState.StartMap -> this.Try("a map", _.ReadStartMap()) |> ignore
            | CborReaderState.EndArray -> this.Try("an array", _.ReadEndArray())
            | CborReaderState.EndMap -> this.Try("a map", _.ReadEndMap())
            | CborReaderState.Tag -> this.Try("a tag", _.ReadTag()) |> ignore
            | CborReaderState.Finished -> this.Fail("a CBOR value", "the end")
            | _ -> this.Try("a CBOR value", _.SkipValue())

            if reader.CurrentDepth > limits.Depth then
                this.TooLarge("nesting", int64 reader.CurrentDepth, int64 limits.Depth)

            running <- reader.CurrentDepth > outer
