namespace Records.Core

open System

/// What can be looked at before it is reached.
type internal IAhead =
    /// All that is still to come; nothing where it can be read only once. Whoever looks at it reads it twice.
    abstract Ahead: Slice voption

/// A decoder's place in its bytes: reads small things, takes large ones, and knows offset and path when something is wrong.
[<Sealed>]
type internal Cursor(format: string, limits: Limits, forward: IForward) =
    // from the outside in, as many as the depth: names, or where there is none the numbers of items, of which there may be very many
    let mutable names: (string | null)[] = Array.create 16 null
    let mutable numbers = Array.zeroCreate<int> 16
    let mutable window = ReadOnlyMemory<byte>.Empty
    let mutable used = 0
    let mutable depth = 0
    let mutable weightless = 0UL
    let mutable entries = 0L
    let mutable tensorBytes = 0UL

    let mostWeightless = 1UL <<< 16

    /// Bytes of a file for each of which one entry more is let through than the limit says: what holds an entry in memory is
    /// then no more than the file.
    let bytesPerEntry = 128L

    let release () =
        if used > 0 then
            forward.Advance used

        window <- ReadOnlyMemory.Empty
        used <- 0

    /// What was read before and may be read again.
    member val Repeated = Repeated()

    member _.Limits = limits

    /// Takes what is wrong with one value and lets the values after it be read; without it everything stops there.
    member val Faults: ResizeArray<RecordError> option = None with get, set

    /// Is told the path and offset of each value as it is reached.
    member val Reached: (string list -> int64 -> unit) option = None with get, set

    /// Bytes before the next one.
    member _.Position = forward.Position + int64 used

    /// Bytes still to come, where that is known.
    member _.Remaining =
        match forward.Remaining with
        | ValueSome rest -> ValueSome(rest - int64 used)
        | ValueNone -> ValueNone

    /// All that is still to come, where it can be looked at before it is reached.
    member _.Ahead =
        match forward with
        | :? IAhead as ahead ->
            ahead.Ahead
            |> ValueOption.map (fun rest -> Slice.sub (int64 used) (rest.Length - int64 used) rest)
        | _ -> ValueNone

    /// Burn's envelope is no part of a path.
    member private _.Path =
        let name level =
            match names[level] with
            | null -> string numbers[level]
            | name -> name

        match List.init depth name with
        | "item" :: rest -> rest
        | path -> path

    /// The error with this place in it.
    member this.FailAt(offset: int64, expected: string, actual: string) : 'T =
        RecordError.raise (RecordError.Malformed(format, this.Path, offset, expected, actual))

    member this.Fail(expected, actual) : 'T =
        this.FailAt(this.Position, expected, actual)

    /// The error with this place in it, where nothing after it depends on what is wrong.
    member this.NoteAt(offset: int64, expected: string, actual: string) =
        match this.Faults with
        | Some faults when faults.Count < 100 ->
            faults.Add(RecordError.Malformed(format, this.Path, offset, expected, actual))
        | _ -> this.FailAt(offset, expected, actual)

    member this.TooLarge(what, actual, limit) : 'T =
        RecordError.raise (RecordError.TooLarge(this.Path, what, actual, limit))

    /// The next bytes, at least so many as asked for unless the end is nearer.
    member _.Peek(count: int) =
        if window.Length - used < count then
            release ()
            window <- forward.Peek count

        window.Slice used

    member _.Advance(count: int) = used <- used + count

    /// Exactly so many bytes, valid until the next call.
    member this.Read(count: int, what: string) =
        let bytes = this.Peek count

        if bytes.Length < count then
            this.Fail($"{count} bytes of {what}", $"the end after {bytes.Length}")

        used <- used + count
        bytes.Slice(0, count)

    member this.Byte(what) = this.Read(1, what).Span[0]

    /// So many bytes as a slice, checked against what remains before anything is allocated.
    member this.Take(length: uint64, what: string) =
        match this.Remaining with
        | ValueSome rest when length > uint64 rest -> this.Fail($"{length} bytes of {what}", $"the end after {rest}")
        | _ when length > uint64 Int64.MaxValue -> this.TooLarge(what, Int64.MaxValue, Int64.MaxValue - 1L)
        | _ ->
            let start = this.Position
            release ()

            match forward.Take(int64 length) with
            | ValueSome slice -> slice
            | ValueNone -> this.FailAt(start, $"{length} bytes of {what}", "the end before that")

    /// Tensor bytes of so many; those of one file have a limit together.
    member this.Hold(length: uint64) =
        let most = uint64 (max 0L limits.TensorBytes)

        if length > most - tensorBytes then
            let bytes = min (uint64 Int64.MaxValue) (tensorBytes + min length (uint64 Int64.MaxValue))
            this.TooLarge("tensor bytes", int64 bytes, limits.TensorBytes)

        tensorBytes <- tensorBytes + length

    /// A tensor's bytes, checked like those of Take.
    member this.Tensor(length: uint64) =
        let start = this.Position
        let bytes = this.Take(length, "a tensor")
        this.Hold length

        match bytes.Source with
        // one truth value of shape [1, 1, 1, 1] may pass for a float of shape [1], which ends beside it
        | :? IStretches as file when length > 0UL && not (file.Has(bytes.Offset, bytes.Length)) ->
            this.FailAt(start, "a tensor where the seal has one", $"{length} bytes")
        | :? IStretches as file ->
            match file.Right with
            | ValueSome file -> { bytes with Source = file }
            | ValueNone -> bytes
        | _ -> bytes

    /// A declared number of items, each at least so many bytes.
    member this.Count(count: uint64, itemBytes: int, what: string) =
        match this.Remaining with
        | ValueSome rest when itemBytes > 0 && count > uint64 (rest / int64 itemBytes) ->
            this.Fail($"{count} {what}", $"{rest} bytes")
        // one array holds the items, and one of a map both keys and values
        | _ when count > uint64 (Array.MaxLength / 2) ->
            this.TooLarge($"number of {what}", int64 (min count (uint64 Int64.MaxValue)), int64 (Array.MaxLength / 2))
        | _ -> int count

    /// So many items, each of which will be a value of its own: those of one file have a limit together.
    member this.Spend(count: int, what: string) =
        entries <- entries + int64 count

        let bytes =
            match forward.Remaining with
            | ValueSome rest -> forward.Position + rest
            | ValueNone -> this.Position

        let most = limits.Entries + bytes / bytesPerEntry

        if entries > most then
            this.TooLarge($"number of {what}", entries, most)

    /// A declared number of items that take no bytes: nothing in the file bounds them, so all of them together are.
    member this.Weightless(count: uint64, what: string) =
        weightless <- weightless + min count (mostWeightless + 1UL)

        if weightless > mostWeightless then
            this.TooLarge($"number of {what} without bytes", int64 weightless, int64 mostWeightless)

        int count

    member private this.EnterAt(name: string | null, number: int) =
        if depth >= limits.Depth then
            this.TooLarge("nesting", int64 depth + 1L, int64 limits.Depth)

        if depth = names.Length then
            Array.Resize(&names, 2 * depth)
            Array.Resize(&numbers, 2 * depth)

        names[depth] <- name
        numbers[depth] <- number
        depth <- depth + 1

        match this.Reached with
        | Some reached -> reached this.Path this.Position
        | None -> ()

    /// One level deeper, under this name. Whoever enters leaves, unless something is wrong there.
    member this.Enter(name: string) = this.EnterAt(name, 0)

    /// One level deeper, where this item of a list is.
    member this.EnterItem(number: int) = this.EnterAt(null, number)

    /// Back on the level before.
    member _.Leave() = depth <- depth - 1

    /// Reads one level deeper, under this name.
    member this.Within(name: string, read: unit -> 'T) =
        this.Enter name
        let value = read ()
        this.Leave()
        value

    /// Forgets where it was: the bytes behind it stand elsewhere now.
    member _.Restart() =
        window <- ReadOnlyMemory.Empty
        used <- 0
        depth <- 0
        entries <- 0L
        tensorBytes <- 0UL

    /// True when nothing follows.
    member this.AtEnd = this.Peek(1).IsEmpty

    /// What was noted, and what the work finds besides.
    member this.Found(work: unit -> unit) : Result<unit, RecordError> =
        let noted =
            match this.Faults with
            | Some faults -> List.ofSeq faults
            | None -> []

        match noted, RecordError.catch work with
        | [], result -> result
        | noted, Ok() -> Error(RecordError.ofList noted)
        | noted, Error error -> Error(RecordError.Many(noted @ [ error ]))

[<RequireQualifiedAccess>]
module internal Cursor =

    /// Texts of more bytes than this, such as the ids of parameters, are not said twice; names are.
    let longestText = 8
    let longestName = 32

    let private bytes (cursor: Cursor) (length: uint64) what =
        if length > uint64 cursor.Limits.NameBytes then
            cursor.TooLarge($"bytes of {what}", int64 (min length (uint64 Int64.MaxValue)), cursor.Limits.NameBytes)

        cursor.Read(int length, what)

    let private notUtf8 (cursor: Cursor) (bytes: ReadOnlyMemory<byte>) =
        cursor.NoteAt(cursor.Position - int64 bytes.Length, "UTF-8", "other bytes")
        Text.Encoding.UTF8.GetString bytes.Span

    let private read cursor length what longest =
        let bytes = bytes cursor length what

        try
            if bytes.Length <= longest then
                cursor.Repeated.Name bytes.Span
            else
                Repeated.Utf8.GetString bytes.Span
        with :? Text.DecoderFallbackException ->
            notUtf8 cursor bytes

    /// The name of something, of so many bytes; invalid UTF-8 is an error.
    let name cursor length what = read cursor length what longestName

    /// A text of so many bytes that is no name.
    let text cursor length what = read cursor length what longestText

    /// Such a text as a value.
    let textValue cursor length =
        let bytes = bytes cursor length "a text"

        try
            if bytes.Length <= longestText then
                cursor.Repeated.Text bytes.Span
            else
                Value.text (Repeated.Utf8.GetString bytes.Span)
        with :? Text.DecoderFallbackException ->
            Value.text (notUtf8 cursor bytes)

    /// So many, in room that grows with what is there: a count alone is only a promise.
    let inline many (cursor: Cursor) count ([<InlineIfLambda>] one: Cursor -> int -> 'T) : 'T[] =
        if count <= 1024 then
            let values = Array.zeroCreate count

            for index in 0 .. count - 1 do
                values[index] <- one cursor index

            values
        else
            let values = ResizeArray 1024

            for index in 0 .. count - 1 do
                values.Add(one cursor index)

            values.ToArray()
