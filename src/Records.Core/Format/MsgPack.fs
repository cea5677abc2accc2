namespace Records.Core

open System
open System.Buffers.Binary
open MessagePack

/// Named MessagePack as rmp-serde writes it: structs as maps by name, every number in its shortest form.
[<RequireQualifiedAccess>]
module MsgPack =

    let private format = "MessagePack"

    // ---- reading: MessagePackReader reads long headers out of a window of at least one token. Of what is short there is much, and a reader made
    // for each of it takes longer than the rest

    /// The longest token without its contents: a marker and eight bytes.
    let private tokenSize = 9

    let private yes = Value.Scalar(Scalar.Bool true)
    let private no = Value.Scalar(Scalar.Bool false)

    /// Rows shorter than this, such as shapes, are not worth packing.
    let private shortestRow = 16

    /// What is there of a token that begins this window, all of it unless the end is nearer.
    let private whole (cursor: Cursor) (window: ReadOnlyMemory<byte>) =
        if window.Length < tokenSize then
            cursor.Peek tokenSize
        else
            window

    let rec private read (cursor: Cursor) : Value =
        let start = cursor.Position
        // no more than is needed: behind the token may be a tensor, which nobody has to read
        let window = cursor.Peek 1

        if window.IsEmpty then
            cursor.Fail("a value", "the end")

        let code = window.Span[0]

        match MessagePackCode.ToMessagePackType code with
        | MessagePackType.Nil ->
            cursor.Advance 1
            Value.Absent
        | MessagePackType.Boolean ->
            cursor.Advance 1
            if code = MessagePackCode.True then yes else no
        | MessagePackType.Integer ->
            // signed codes hold negative numbers, but a foreign writer may use them for any
            match number cursor window with
            | negative when negative < 0L && code >= MessagePackCode.Int8 -> Value.Scalar(Scalar.I64 negative)
            | positive -> cursor.Repeated.Number(uint64 positive)
        | MessagePackType.Float ->
            let size = if code = MessagePackCode.Float32 then 5 else 9
            let bytes = cursor.Read(size, "a float").Span

            if size = 5 then
                Value.Scalar(Scalar.F32(BinaryPrimitives.ReadSingleBigEndian(bytes.Slice 1)))
            else
                Value.Scalar(Scalar.F64(BinaryPrimitives.ReadDoubleBigEndian(bytes.Slice 1)))
        | MessagePackType.String -> Cursor.textValue cursor (textLength cursor)
        | MessagePackType.Binary ->
            cursor.Advance 1
            Value.Bytes(cursor.Tensor(length cursor (code - MessagePackCode.Bin8)))
        | MessagePackType.Array ->
            let count = header cursor window false
            let count = cursor.Count(count, 1, "items")
            items cursor count
        | MessagePackType.Map ->
            let count = header cursor window true
            let count = cursor.Count(count, 2, "entries")
            cursor.Spend(count, "entries")

            match count with
            | 2 when cursor.Reached.IsNone -> pair cursor
            | 3 when cursor.Reached.IsNone -> three cursor
            | _ -> Value.Map(Cursor.many cursor count entry)
        | _ -> cursor.FailAt(start, "a MessagePack value that a record can hold", $"the type code 0x{code:x2}")

    and private entry (cursor: Cursor) _ =
        let name = name cursor
        cursor.Enter name
        let value = read cursor
        cursor.Leave()
        struct (name, value)

    /// Two entries: a parameter's, most likely.
    and private pair (cursor: Cursor) =
        let first = name cursor
        cursor.Enter first
        let window = cursor.Peek 1

        if
            String.Equals(first, "id")
            && not window.IsEmpty
            && MessagePackCode.ToMessagePackType window.Span[0] = MessagePackType.String
        then
            let id = Cursor.text cursor (textLength cursor) "a text"
            cursor.Leave()
            let struct (second, value) = entry cursor 1

            match value with
            | Value.Tensor data when String.Equals(second, "param") -> Value.Param(id, data)
            | _ -> Value.Map [| struct (first, Value.text id); struct (second, value) |]
        else
            let value = read cursor
            cursor.Leave()
            Value.Map [| struct (first, value); entry cursor 1 |]

    /// Three entries: a tensor's, most likely.
    and private three (cursor: Cursor) =
        let struct (first, firstValue) = entry cursor 0
        let struct (second, secondValue) = entry cursor 1
        let struct (third, thirdValue) = entry cursor 2

        let ready =
            match firstValue, secondValue, thirdValue with
            | Value.Bytes bytes, Value.Seq dims, Value.Scalar(Scalar.Text dtype) when
                String.Equals(first, "bytes")
                && String.Equals(second, "shape")
                && String.Equals(third, "dtype")
                ->
                Ready.tensor cursor bytes dims dtype
            | _ -> ValueNone

        match ready with
        | ValueSome tensor -> tensor
        | ValueNone ->
            Value.Map [| struct (first, firstValue); struct (second, secondValue); struct (third, thirdValue) |]

    and private item (cursor: Cursor) (index: int) =
        cursor.EnterItem index
        let value = read cursor
        cursor.Leave()
        value

    /// An integer; unsigned ones come as their bits.
    and private number (cursor: Cursor) (window: ReadOnlyMemory<byte>) =
        let code = window.Span[0]

        if code <= MessagePackCode.MaxFixInt || code >= MessagePackCode.MinNegativeFixInt then
            cursor.Advance 1
            int64 (sbyte code)
        else
            let bytes = (whole cursor window).Span
            // codes go by size, unsigned ones first
            let size = 1 <<< (int (code - MessagePackCode.UInt8) &&& 3)

            if bytes.Length <= size then
                cursor.Fail("a whole integer", "the end")

            cursor.Advance(1 + size)
            let bytes = bytes.Slice 1

            match code with
            | MessagePackCode.UInt8 -> int64 bytes[0]
            | MessagePackCode.UInt16 -> int64 (BinaryPrimitives.ReadUInt16BigEndian bytes)
            | MessagePackCode.UInt32 -> int64 (BinaryPrimitives.ReadUInt32BigEndian bytes)
            | MessagePackCode.Int8 -> int64 (sbyte bytes[0])
            | MessagePackCode.Int16 -> int64 (BinaryPrimitives.ReadInt16BigEndian bytes)
            | MessagePackCode.Int32 -> int64 (BinaryPrimitives.ReadInt32BigEndian bytes)
            | _ -> BinaryPrimitives.ReadInt64BigEndian bytes

    and private header (cursor: Cursor) (window: ReadOnlyMemory<byte>) map =
        let code = window.Span[0]

        // most are of this one byte
        if code >= MessagePackCode.MinFixMap && code <= MessagePackCode.MaxFixArray then
            cursor.Advance 1
            uint64 (code &&& 0xFuy)
        else
            longHeader cursor (whole cursor window) map

    and private longHeader (cursor: Cursor) (window: ReadOnlyMemory<byte>) map =
        let mutable reader = MessagePackReader(window.Slice(0, min window.Length tokenSize))
        let mutable count = 0

        if
            (if map then
                 reader.TryReadMapHeader &count
             else
                 reader.TryReadArrayHeader &count)
        then
            cursor.Advance(int reader.Consumed)
            uint64 (uint32 count)
        else
            cursor.Fail("a whole header", "the end")

    /// A big-endian length of 1, 2 or 4 bytes: power is 0, 1 or 2.
    and private length (cursor: Cursor) (power: byte) =
        let bytes = cursor.Read(1 <<< int power, "a length").Span

        match power with
        | 0uy -> uint64 bytes[0]
        | 1uy -> uint64 (BinaryPrimitives.ReadUInt16BigEndian bytes)
        | _ -> uint64 (BinaryPrimitives.ReadUInt32BigEndian bytes)

    and private textLength (cursor: Cursor) =
        let start = cursor.Position
        let code = cursor.Byte "a name"

        if code >= MessagePackCode.MinFixStr && code <= MessagePackCode.MaxFixStr then
            uint64 (code &&& 0x1Fuy)
        elif code >= MessagePackCode.Str8 && code <= MessagePackCode.Str32 then
            length cursor (code - MessagePackCode.Str8)
        else
            cursor.FailAt(start, "a text", $"the type code 0x{code:x2}")

    and private name (cursor: Cursor) =
        Cursor.name cursor (textLength cursor) "a text"

    /// So many numbers of one kind in a row, as far as they go: all of them packed, or those there are as values.
    and private row (cursor: Cursor) count scalar (isOne: byte -> bool) (one: Cursor -> 'T) (wrap: 'T -> Scalar) =
        let numbers = ResizeArray(min count 65536)
        let mutable more = true

        while more && numbers.Count < count do
            let window = cursor.Peek 1
            more <- not window.IsEmpty && isOne window.Span[0]

            if more then
                numbers.Add(one cursor)

        if numbers.Count = count then
            let bytes = View.ofArray (numbers.ToArray())
            cursor.Hold(uint64 bytes.Length)
            Choice1Of2(Value.Packed(scalar, bytes))
        else
            if numbers.Count > 0 then
                cursor.Spend(count, "entries")

            Choice2Of2(ResizeArray(Seq.map (wrap >> Value.Scalar) numbers))

    /// The bits of halves, and other numbers of 16 bits.
    and private isShort code =
        code <= MessagePackCode.MaxFixInt
        || code = MessagePackCode.UInt8
        || code = MessagePackCode.UInt16

    and private isPacked code =
        code = MessagePackCode.Float32 || code = MessagePackCode.Float64 || isShort code

    /// Items of an array. Long rows of numbers are kept packed: Burn up to 0.13 wrote tensors so.
    and private items (cursor: Cursor) count =
        let window = cursor.Peek 1

        if count < shortestRow || window.IsEmpty then
            shortItems cursor count (rowSize window.Span count)
        elif not (isPacked window.Span[0]) then
            cursor.Spend(count, "entries")
            Value.Seq(Cursor.many cursor count item)
        else
            longItems cursor count window

    /// The bytes of so many numbers in a row that are not negative; 0 where they are something else, more than are remembered, or not
    /// all here.
    and private rowSize (bytes: ReadOnlySpan<byte>) count =
        let mutable size = 0
        let mutable left = count

        while left > 0 && size < bytes.Length do
            let code = bytes[size]

            size <-
                if code <= MessagePackCode.MaxFixInt then
                    size + 1
                elif code >= MessagePackCode.UInt8 && code <= MessagePackCode.UInt64 then
                    size + 1 + (1 <<< int (code - MessagePackCode.UInt8))
                else
                    bytes.Length + 1

            left <- left - 1

        if left = 0 && size <= min bytes.Length RowKey.Most then
            size
        else
            0

    /// Items of a short array. Numbers in so many bytes are a shape, most likely, and were here before.
    and private shortItems (cursor: Cursor) count size =
        if size = 0 || cursor.Reached.IsSome then
            Value.Seq(Cursor.many cursor count item)
        else
            let key = RowKey.Of((cursor.Peek size).Span.Slice(0, size))

            match cursor.Repeated.Row key with
            | ValueSome row ->
                // as deep as if they were read
                cursor.EnterItem 0
                cursor.Leave()
                cursor.Advance size
                row
            | ValueNone ->
                let row = Value.Seq(Cursor.many cursor count item)
                cursor.Repeated.AddRow(key, row)
                row

    and private longItems (cursor: Cursor) count (window: ReadOnlyMemory<byte>) =
        let begun =
            match window.Span[0] with
            | MessagePackCode.Float32 ->
                let one (cursor: Cursor) =
                    BinaryPrimitives.ReadSingleBigEndian(cursor.Read(5, "a float").Span.Slice 1)

                row cursor count ScalarType.F32 ((=) MessagePackCode.Float32) one Scalar.F32
            | MessagePackCode.Float64 ->
                let one (cursor: Cursor) =
                    BinaryPrimitives.ReadDoubleBigEndian(cursor.Read(9, "a float").Span.Slice 1)

                row cursor count ScalarType.F64 ((=) MessagePackCode.Float64) one Scalar.F64
            | _ ->
                let one cursor = uint16 (number cursor (cursor.Peek 1))

                row cursor count ScalarType.U16 isShort one (uint64 >> Scalar.U64)

        match begun with
        | Choice1Of2 packed -> packed
        | Choice2Of2 values ->
            for index in values.Count .. count - 1 do
                values.Add(item cursor index)

            Value.Seq(values.ToArray())

    let private encode (context: EncodeContext) document =
        Burn.encoding (fun () ->
            let parts = Parts()
            MsgPackWriter.write parts (Burn.lower (Generation.ofRecorders context.Burn) document)
            Carrier.payload Carrier.MsgPack document parts)

    let private decodeValue (context: DecodeContext) (input: Input) =
        Unsealed.read false [ Carrier.MsgPack ] context input (fun input ->
            let cursor = Cursor(format, context.Limits, input.Start(), Faults = Some(ResizeArray()))
            let value = read cursor

            let found =
                cursor.Found(fun () ->
                    if not cursor.AtEnd then
                        cursor.Fail("the end", "more bytes"))

            Envelope.whole context value found)

    /// The document, with what the file showed of its layout.
    let internal decodeLaidOut context input =
        decodeValue context input
        |> Result.map (fun described -> Layout.ofValue described.Value described.Document)

    let private decode context input =
        decodeValue context input |> Result.bind Envelope.complete

    /// The value behind the document, whose parts are told with path and offset as they are reached.
    let internal values (context: DecodeContext) (reached: string list -> int64 -> unit) (input: Input) =
        RecordError.catch (fun () ->
            let faults = ResizeArray()
            read (Cursor(format, context.Limits, input.Start(), Faults = Some faults, Reached = Some reached)))

    let private readMetadata limits (input: Input) =
        RecordError.catch (fun () ->
            let cursor = Cursor(format, limits, input.Start())
            let window = cursor.Peek tokenSize

            let kind =
                if window.IsEmpty then
                    MessagePackType.Unknown
                else
                    MessagePackCode.ToMessagePackType window.Span[0]

            // Burn writes the metadata first; another writer may not.
            let rec find left =
                if left = 0UL then
                    cursor.Fail("metadata", "none")

                let key = name cursor
                let value = cursor.Within(key, fun () -> read cursor)

                if key = "metadata" then
                    Raise.metadata value
                else
                    find (left - 1UL)

            match kind with
            | MessagePackType.Map -> find (header cursor window true)
            | MessagePackType.Array when header cursor window false > 0UL ->
                cursor.Within("metadata", fun () -> Raise.metadata (read cursor))
            | _ -> cursor.Fail("a Burn record: metadata and item", "something else"))

    /// What Burn's NamedMpkFileRecorder writes and reads.
    let codec: Codec =
        {
            Name = "named-msgpack"
            Extension = "mpk"
            Encode = encode
            Decode = decode
            Metadata = readMetadata
        }
