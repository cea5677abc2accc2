namespace Records.Core

open System
open System.Buffers
open System.Collections.Concurrent
open System.Globalization
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Text

/// serde_json's text: two spaces of indentation or none at all, no newline at the end.
[<RequireQualifiedAccess>]
module internal JsonWriter =

    let private ascii (parts: Parts) (text: string) =
        let span = parts.Buffer.GetSpan text.Length
        parts.Buffer.Advance(Encoding.ASCII.GetBytes(text, span))

    /// A line's beginning at a level that models have; what is deeper is made of more than one.
    let private line = Encoding.ASCII.GetBytes("\n" + String(' ', 64))

    let private newline (parts: Parts) pretty level =
        if pretty then
            let mutable left = 1 + 2 * level
            let mutable from = 0

            while left > 0 do
                let count = min left (line.Length - from)
                parts.Write(ReadOnlySpan(line, from, count))
                left <- left - count
                from <- 1

    let private escaped (parts: Parts) (value: string) =
        let builder = StringBuilder(value.Length + 2).Append '"'

        for letter in value do
            match letter with
            | '"' -> builder.Append "\\\""
            | '\\' -> builder.Append "\\\\"
            | '\n' -> builder.Append "\\n"
            | '\r' -> builder.Append "\\r"
            | '\t' -> builder.Append "\\t"
            | '\b' -> builder.Append "\\b"
            | '\012' -> builder.Append "\\f"
            | control when control < ' ' ->
                builder.Append("\\u").Append((int control).ToString("x4", CultureInfo.InvariantCulture))
            | letter -> builder.Append letter
            |> ignore

        parts.Write(ReadOnlySpan(Encoding.UTF8.GetBytes(builder.Append('"').ToString())))

    /// Letters that stand for themselves: most texts are of nothing else.
    let private plain =
        SearchValues.Create(
            [|
                for letter in ' ' .. '~' do
                    if letter <> '"' && letter <> '\\' then
                        letter
            |]
        )

    // Only what JSON demands is escaped; a slash and letters beyond ASCII are not.
    let private text (parts: Parts) (value: string) =
        if value.AsSpan().ContainsAnyExcept plain then
            escaped parts value
        else
            ascii parts "\""
            ascii parts value
            ascii parts "\""

    let private notFinite (value: string) : 'T =
        RecordError.raise (RecordError.Mismatch([], "a finite number, since JSON has no other", value))

    let private scalar (parts: Parts) value =
        let number (value: IUtf8SpanFormattable) =
            let mutable written = 0

            if value.TryFormat(parts.Buffer.GetSpan 32, &written, ReadOnlySpan(), CultureInfo.InvariantCulture) then
                parts.Buffer.Advance written
            else
                invalidOp "A number has 20 digits at most."

        match value with
        | Scalar.Unit -> ascii parts "null"
        | Scalar.Bool value -> ascii parts (if value then "true" else "false")
        | Scalar.Text value -> text parts value
        | Scalar.F64 value when Double.IsFinite value -> ascii parts (Digits.ofDouble value)
        | Scalar.F32 value when Single.IsFinite value -> ascii parts (Digits.ofSingle value)
        | Scalar.F64 value -> notFinite (value.ToString CultureInfo.InvariantCulture)
        | Scalar.F32 value -> notFinite (value.ToString CultureInfo.InvariantCulture)
        | Scalar.I64 value -> number value
        | Scalar.I32 value -> number value
        | Scalar.I16 value -> number value
        | Scalar.I8 value -> number value
        | Scalar.U64 value -> number value
        | Scalar.U32 value -> number value
        | Scalar.U8 value -> number value
        | Scalar.F16 value
        | Scalar.BF16 value
        | Scalar.U16 value -> number value

    /// Bytes as a list of numbers at one level.
    type private Row =
        {
            /// The 256 numbers a byte can be, each with the separator before it, at equal distances.
            Letters: byte[]
            Lengths: int16[]
            Step: int
            /// What stands before the first number, and behind the last.
            Opening: byte[]
            Closing: byte[]
        }

    /// At a level of nesting; without white space where there is none.
    let private rowOf level =
        let indent level =
            if level < 0 then "" else "\n" + String(' ', 2 * level)

        let between = if level < 0 then "" else indent (level + 1)
        let separator = "," + between
        let step = (separator.Length + 3 + 31) / 32 * 32
        let letters = Array.zeroCreate<byte>(256 * step)

        {
            Letters = letters
            Lengths =
                [|
                    for value in 0..255 ->
                        int16 (Encoding.ASCII.GetBytes(separator + string value, Span(letters, value * step, step)))
                |]
            Step = step
            Opening = Encoding.ASCII.GetBytes("[" + between)
            Closing = Encoding.ASCII.GetBytes(indent level + "]")
        }

    /// One for all tensors of a level, however many: it takes more than a small tensor does.
    let private rows = ConcurrentDictionary<int, Row>()
    let private made = Func<int, Row> rowOf

    /// Those of levels that models have are kept; deeper ones are longer, and as many as somebody's records nest.
    let private row level =
        if level < 32 then
            rows.GetOrAdd(level, made)
        else
            rowOf level

    /// Writes the entries of as many bytes as the buffer has room for. Gives bytes read and written. Entries are copied in steps
    /// of 32 bytes, of which the next entry overwrites what was too many.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let private fill row (part: ReadOnlySpan<byte>) (buffer: Span<byte>) =
        let source = &MemoryMarshal.GetArrayDataReference row.Letters
        let lengths = row.Lengths
        let step = row.Step
        let target = &MemoryMarshal.GetReference buffer
        let last = buffer.Length - step
        let mutable next = 0
        let mutable used = 0

        while next < part.Length && used <= last do
            let value = int part[next]
            let from = value * step
            Vector256.LoadUnsafe(&source, unativeint from).StoreUnsafe(&target, unativeint used)

            for more in 32..32 .. step - 32 do
                Vector256.LoadUnsafe(&source, unativeint (from + more)).StoreUnsafe(&target, unativeint (used + more))

            used <- used + int lengths[value]
            next <- next + 1

        struct (next, used)

    /// Text of one part: more than sinks gather before they write, and less than the cache of a core holds.
    let private partSize = 5 <<< 16

    /// A tensor's bytes as a list of numbers, one buffer full after another.
    let private bytes row (slice: Slice) : Payload =
        let parts =
            seq {
                ReadOnlyMemory row.Opening
                let longest = int64 (row.Opening.Length + 3) * slice.Length
                let size = int (min (int64 partSize) (longest + 32L))
                let buffer = ArrayPool<byte>.Shared.Rent size

                try
                    let mutable first = true

                    for part in Slice.parts slice do
                        let mutable next = 0

                        while next < part.Length do
                            let struct (read, used) = fill row (part.Span.Slice next) (Span(buffer, 0, size))
                            next <- next + read
                            // the first number has no comma and has its indentation already
                            let skip = if first then row.Opening.Length else 0
                            first <- false
                            ReadOnlyMemory(buffer, skip, used - skip)
                finally
                    ArrayPool<byte>.Shared.Return buffer

                ReadOnlyMemory row.Closing
            }

        { Length = None; Parts = parts }

    /// Writes a value at this level of nesting.
    let rec write pretty (parts: Parts) level value =
        match value with
        | Value.Absent
        | Value.Marker -> ascii parts "null"
        | Value.Chosen(_, value)
        | Value.Present value -> write pretty parts level value
        | Value.Scalar value -> scalar parts value
        | Value.Bytes slice when slice.Length = 0L -> parts.Within(fun () -> ascii parts "[]")
        | Value.Bytes slice -> parts.AddTensor(bytes (row (if pretty then level else -1)) slice)
        | Value.Packed(kind, slice) ->
            parts.Within(fun () -> items pretty parts level (Packed.scalars kind slice |> Array.map Value.Scalar))
        | Value.Seq inner
        | Value.Tuple inner -> items pretty parts level inner
        | Value.Struct fields
        | Value.Map fields -> entries pretty parts level fields
        | Value.Variant(_, name, ValueNone) -> text parts name
        | Value.Variant(_, name, ValueSome payload) -> entries pretty parts level [| struct (name, payload) |]
        | Value.Tensor _
        | Value.Param _
        | Value.Stored _ -> write pretty parts level (Value.spelled value)

    and private entries pretty parts level (fields: Entry[]) =
        if Array.isEmpty fields then
            ascii parts "{}"
        else
            ascii parts "{"

            for index in 0 .. fields.Length - 1 do
                let struct (name, value) = fields[index]

                if index > 0 then
                    ascii parts ","

                newline parts pretty (level + 1)
                text parts name
                ascii parts (if pretty then ": " else ":")

                Burn.under name (fun () -> write pretty parts (level + 1) value)

            newline parts pretty level
            ascii parts "}"

    and private items pretty parts level (inner: Value[]) =
        if Array.isEmpty inner then
            ascii parts "[]"
        else
            ascii parts "["

            for index in 0 .. inner.Length - 1 do
                if index > 0 then
                    ascii parts ","

                newline parts pretty (level + 1)

                Burn.underItem index (fun () -> write pretty parts (level + 1) inner[index])

            newline parts pretty level
            ascii parts "]"
