namespace Records.Core

open System
open System.Buffers
open System.Buffers.Binary
open System.Numerics
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Text
open System.Text.Json

/// The letters of JSON numbers.
[<RequireQualifiedAccess>]
module private Letters =

    /// The first place from here on that is not white space.
    let space (span: ReadOnlySpan<byte>) from =
        let mutable at = from

        while at < span.Length
              && (span[at] = ' 'B || span[at] = '\n'B || span[at] = '\r'B || span[at] = '\t'B) do
            at <- at + 1

        at

    /// The first place from here on that is not a digit.
    let digits (span: ReadOnlySpan<byte>) from =
        let mutable at = from

        while at < span.Length && span[at] - '0'B <= 9uy do
            at <- at + 1

        at

    /// The number from 0 to 255 that these digits are, or -1. JSON has no leading zeros.
    let byte (span: ReadOnlySpan<byte>) start after =
        if after - start > 3 || span[start] = '0'B && after - start > 1 then
            -1
        else
            let mutable value = 0

            for at in start .. after - 1 do
                value <- value * 10 + int (span[at] - '0'B)

            if value > 255 then -1 else value

    /// Reads numbers of 0 to 255 that all have these bytes after them, a comma and white space, from the first digit of one on.
    /// Gives their count and the place after the last. What is not so, in whatever way, is left. The room is for a vector.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let repeated
        (span: ReadOnlySpan<byte>)
        from
        (separator: ReadOnlySpan<byte>)
        (room: Span<byte>)
        (target: Span<byte>)
        =
        let first = &MemoryMarshal.GetReference span
        let width = Vector256<byte>.Count
        separator.Slice(0, min width separator.Length).CopyTo room
        let pattern = Vector256.LoadUnsafe(&room[0])

        let mask =
            if separator.Length < width then
                (1u <<< separator.Length) - 1u
            else
                UInt32.MaxValue

        let isLong = separator.Length > width
        // four letters of a number, of which the last may be a separator's, and a vector or a separator after them
        let last = span.Length - 4 - max width separator.Length
        let mutable at = from
        let mutable count = 0
        let mutable more = at <= last && not target.IsEmpty

        while more do
            let letters = Unsafe.ReadUnaligned<uint32>(&Unsafe.Add(&first, at)) ^^^ 0x30303030u
            // the high bit of each byte that is no digit, right up to the first of them
            let others = ((letters + 0x76767676u) ||| letters) &&& 0x80808080u
            let length = BitOperations.TrailingZeroCount others >>> 3
            // the digits at the high end, zeros below
            let digits = letters <<< ((32 - 8 * length) &&& 31)

            let value =
                (digits >>> 24)
                + 10u * ((digits >>> 16) &&& 255u)
                + 100u * ((digits >>> 8) &&& 255u)

            let after = at + length
            let seen = Vector256.Equals(Vector256.LoadUnsafe(&Unsafe.Add(&first, after)), pattern)

            if
                uint32 (length - 1) > 2u
                || value > 255u
                || length > 1 && letters &&& 255u = 0u
                || ~~~(seen.ExtractMostSignificantBits()) &&& mask <> 0u
                || isLong && not (span.Slice(after, separator.Length).SequenceEqual separator)
            then
                more <- false
            else
                target[count] <- uint8 value
                count <- count + 1
                at <- after + separator.Length
                more <- at <= last && count < target.Length

        struct (count, at)

/// A row of numbers of 0 to 255: whether a number must follow, and whether the end of the list does.
[<Struct; NoEquality; NoComparison>]
type internal Row = { Bytes: Slice; AfterComma: bool; Ended: bool }

/// Reads such a row, a window of text at a time.
[<Sealed>]
type private RowReader(cursor: Cursor, window: int) =
    // one for all windows: a row may have very many
    let room = Array.zeroCreate<byte> Vector256<byte>.Count

    /// Text looked at in one go, though there may be more of it in memory.
    static member val Longest = 1 <<< 16

    member val AfterComma = false with get, set
    member val Ended = false with get, set
    member val Going = true with get, set

    /// What rows of numbers are written with.
    static member val private Letters = SearchValues.Create "0123456789, \n\r\t"B

    /// How many numbers there are still at most, or whether they fill an array: one after each comma up to where something else stands.
    member this.Ahead() : int64 voption =
        let count (rest: Slice) =
            let buffer = ArrayPool<byte>.Shared.Rent RowReader.Longest
            // more than may be held is not asked for
            let most = min (int64 Chunks.size) cursor.Limits.TensorBytes

            try
                let mutable found = 1L
                let mutable at = 0L

                while at < rest.Length && found < most do
                    let length = int (min (int64 RowReader.Longest) (rest.Length - at))

                    let seen =
                        if rest.Source.InMemory then
                            rest.Source.Read(rest.Offset + at, length).Span
                        else
                            rest.Source.Fill(rest.Offset + at, Span(buffer, 0, length))
                            ReadOnlySpan(buffer, 0, length)

                    let stop = seen.IndexOfAnyExcept RowReader.Letters
                    let row = if stop < 0 then seen else seen.Slice(0, stop)
                    found <- found + int64 (row.Count ','B)
                    at <- if stop < 0 then at + int64 length else rest.Length

                found
            finally
                ArrayPool<byte>.Shared.Return buffer

        if this.Going then
            ValueOption.map count cursor.Ahead
        else
            ValueSome 0L

    /// Reads numbers up to the end of the window into the target, which must have room for half of it, and gives their count.
    member this.Read(target: Span<byte>) =
        let seen = (cursor.Peek window).Span
        let final = seen.Length < window
        let span = seen.Slice(0, min seen.Length RowReader.Longest)
        let mutable count = 0
        let mutable at = 0
        let mutable more = true

        while more do
            let start = Letters.space span at
            let after = Letters.digits span start
            let separator = Letters.space span after

            if separator >= span.Length && not final && at > 0 then
                // the number may go on in the next window
                more <- false
            elif separator >= span.Length || after = start then
                more <- false
                this.Going <- false
            else
                let value = Letters.byte span start after

                if value < 0 || span[separator] <> ','B && span[separator] <> ']'B then
                    more <- false
                    this.Going <- false
                else
                    target[count] <- byte value
                    count <- count + 1
                    this.AfterComma <- span[separator] = ','B

                    if this.AfterComma then
                        let next = Letters.space span (separator + 1)
                        let between = span.Slice(separator, next - separator)
                        let struct (read, after) = Letters.repeated span next between (Span room) (target.Slice count)
                        count <- count + read
                        at <- if read > 0 then after else separator + 1
                    else
                        at <- separator
                        this.Ended <- true
                        more <- false
                        this.Going <- false

        cursor.Advance at
        count

/// JSON tokens over a cursor: Utf8JsonReader sees a window at a time, and rows of small numbers are read without it.
[<Sealed>]
type internal JsonReader(cursor: Cursor) =
    let options =
        // Nesting is counted by the cursor; the reader has to allow as much.
        JsonReaderOptions(MaxDepth = cursor.Limits.Depth + 2, CommentHandling = JsonCommentHandling.Disallow)

    let mutable state = JsonReaderState options
    let mutable kind = JsonTokenType.None
    let mutable text = ""
    let mutable start = 0L

    member _.Kind = kind

    /// Entries of maps that are being read, those of an inner one behind its outer one's.
    member val Entries = ResizeArray<Entry>()

    /// The byte at which the token begins.
    member _.Start = start

    /// The text of a string or a name, the digits of a number.
    member _.Text = text

    static member val private Window = 4096

    /// Reads the next token; None at the end.
    member this.Next() = this.Next JsonReader.Window

    /// What is wrong at the first letter from here on, in our words: those of System.Text.Json speak of its own settings.
    member private _.Refuse(rest: ReadOnlyMemory<byte>, offset: int64, line: Nullable<int64>) : 'T =
        let expected =
            match kind with
            | JsonTokenType.None
            | JsonTokenType.PropertyName -> "a value"
            | JsonTokenType.StartObject -> "a name in quotes, or }"
            | JsonTokenType.StartArray -> "a value, or ]"
            | _ -> "a comma and what follows it, or the end of what was begun"

        let blank = Letters.space rest.Span 0
        let text = rest.Span.Slice(blank, min 16 (rest.Length - blank))

        let found =
            if text.IsEmpty then
                "the end"
            else
                let shown = StringBuilder()

                for letter in text.ToArray() do
                    if letter >= 32uy && letter < 127uy then
                        shown.Append(char letter) |> ignore
                    else
                        shown.Append($"\\x{letter:x2}") |> ignore

                $"'{shown}'"

        let place =
            if line.HasValue && not text.IsEmpty then
                $" on line {line.Value + 1L}"
            else
                ""

        cursor.FailAt(offset + int64 blank, expected, found + place)

    member private this.Next(size: int) =
        let window = cursor.Peek size
        // A number or a name that touches the end of the window may go on beyond it.
        let final = window.Length < size
        let mutable reader = Utf8JsonReader(window.Span, final, state)

        let read =
            try
                reader.Read()
            with :? JsonException as error ->
                this.Refuse(
                    window.Slice(int reader.BytesConsumed),
                    cursor.Position + reader.BytesConsumed,
                    error.LineNumber
                )

        if read then
            kind <- reader.TokenType

            text <-
                match kind with
                | JsonTokenType.String
                | JsonTokenType.PropertyName ->
                    if int64 reader.ValueSpan.Length > cursor.Limits.NameBytes then
                        cursor.TooLarge("bytes of a text", int64 reader.ValueSpan.Length, cursor.Limits.NameBytes)

                    try
                        let longest =
                            if kind = JsonTokenType.PropertyName then
                                Cursor.longestName
                            else
                                Cursor.longestText

                        if
                            not reader.ValueIsEscaped
                            && reader.ValueSpan.Length <= longest
                            && Ascii.IsValid reader.ValueSpan
                        then
                            cursor.Repeated.Name reader.ValueSpan
                        else
                            match reader.GetString() with
                            | null -> ""
                            | text -> text
                    with :? InvalidOperationException ->
                        cursor.NoteAt(cursor.Position + reader.TokenStartIndex, "UTF-8", "other bytes")
                        Encoding.UTF8.GetString reader.ValueSpan
                | JsonTokenType.Number -> Encoding.ASCII.GetString reader.ValueSpan
                | _ -> ""

            start <- cursor.Position + reader.TokenStartIndex
            cursor.Advance(int reader.BytesConsumed)
            state <- reader.CurrentState
        elif final then
            kind <- JsonTokenType.None
            start <- cursor.Position + reader.BytesConsumed
            cursor.Advance(int reader.BytesConsumed)
        elif int64 size > 2L * cursor.Limits.NameBytes + 4096L then
            cursor.TooLarge("bytes of a text", int64 size, cursor.Limits.NameBytes)
        else
            this.Next(size * 2)

    /// Rows shorter than this stay in memory: shapes, and tensors no larger than their place in the record.
    static member val private Small = 4096

    /// Where the store is no memory only those no longer than this stay, which take no more than where another is: there may be any number of them.
    static member val private Smallest = 128

    /// Reads numbers of 0 to 255 as far as they go, after the start of a list; whatever else follows is left to Next. They go to the store, of which is
    /// said whether it is no memory, or stay where they are few.
    member _.Numbers(struct (store: (unit -> int64 voption) -> Payload -> Slice, outside)) : Row =
        let row = RowReader(cursor, JsonReader.Window)
        let most = RowReader.Longest / 2 + 1
        let buffer = ArrayPool<byte>.Shared.Rent(JsonReader.Small + most)

        try
            let mutable count = 0

            while row.Going && count < JsonReader.Small do
                count <- count + row.Read(Span(buffer, count, most))

            let bytes =
                if row.Going then
                    let parts =
                        seq {
                            ReadOnlyMemory(buffer, 0, count)

                            while row.Going do
                                ReadOnlyMemory(buffer, 0, row.Read(Span(buffer, 0, most)))
                        }

                    store row.Ahead { Length = None; Parts = parts }
                elif outside && count > JsonReader.Smallest then
                    store row.Ahead { Length = None; Parts = [ ReadOnlyMemory(buffer, 0, count) ] }
                else
                    Slice.ofMemory (ReadOnlyMemory(buffer.AsSpan(0, count).ToArray()))

            { Bytes = bytes; AfterComma = row.AfterComma; Ended = row.Ended }
        finally
            ArrayPool<byte>.Shared.Return buffer
