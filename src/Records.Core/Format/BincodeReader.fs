namespace Records.Core

open System
open System.Buffers.Binary

/// Values of a known kind as bincode has them.
[<RequireQualifiedAccess>]
module internal BincodeReader =

    /// A varint up to a bound.
    let number (cursor: Cursor) (max: uint64) what =
        let start = cursor.Position

        let value =
            match cursor.Byte what with
            | 251uy -> uint64 (BinaryPrimitives.ReadUInt16LittleEndian(cursor.Read(2, what).Span))
            | 252uy -> uint64 (BinaryPrimitives.ReadUInt32LittleEndian(cursor.Read(4, what).Span))
            | 253uy -> BinaryPrimitives.ReadUInt64LittleEndian(cursor.Read(8, what).Span)
            | marker when marker > 253uy -> cursor.FailAt(start, what, $"the integer marker {marker}")
            | value -> uint64 value

        if value > max then
            cursor.FailAt(start, $"{what} up to {max}", string value)

        value

    let private readSigned (cursor: Cursor) (max: uint64) what =
        let value = number cursor max what
        int64 (value >>> 1) ^^^ -(int64 (value &&& 1UL))

    /// A text with its length before it.
    let text (cursor: Cursor) what =
        // words that are not put together for each text
        if what = "a key" then
            Cursor.name cursor (number cursor UInt64.MaxValue "the length of a key") what
        else
            Cursor.text cursor (number cursor UInt64.MaxValue "the length of a text") what

    let private readScalar (cursor: Cursor) kind =
        match kind with
        | ScalarType.Unit -> Scalar.Unit
        | ScalarType.Bool ->
            match cursor.Byte "a truth value" with
            | 0uy -> Scalar.Bool false
            | 1uy -> Scalar.Bool true
            | other -> cursor.FailAt(cursor.Position - 1L, "0 or 1", string other)
        | ScalarType.Text -> Scalar.Text(text cursor "a text")
        | ScalarType.F64 -> Scalar.F64(BinaryPrimitives.ReadDoubleLittleEndian(cursor.Read(8, "a float").Span))
        | ScalarType.F32 -> Scalar.F32(BinaryPrimitives.ReadSingleLittleEndian(cursor.Read(4, "a float").Span))
        | ScalarType.U8 -> Scalar.U8(cursor.Byte "an integer")
        | ScalarType.I8 -> Scalar.I8(sbyte (cursor.Byte "an integer"))
        | ScalarType.F16 -> Scalar.F16(uint16 (number cursor 0xFFFFUL "the bits of a half"))
        | ScalarType.BF16 -> Scalar.BF16(uint16 (number cursor 0xFFFFUL "the bits of a bfloat"))
        | ScalarType.U16 -> Scalar.U16(uint16 (number cursor 0xFFFFUL "an integer"))
        | ScalarType.U32 -> Scalar.U32(uint32 (number cursor 0xFFFFFFFFUL "an integer"))
        | ScalarType.U64 -> Scalar.U64(number cursor UInt64.MaxValue "an integer")
        | ScalarType.I16 -> Scalar.I16(int16 (readSigned cursor 0xFFFFUL "an integer"))
        | ScalarType.I32 -> Scalar.I32(int32 (readSigned cursor 0xFFFFFFFFUL "an integer"))
        | ScalarType.I64 -> Scalar.I64(readSigned cursor UInt64.MaxValue "an integer")

    /// The fewest bytes that a value of this kind takes: a bound for declared counts.
    let rec private least kind =
        match kind with
        | Kind.Marker
        | Kind.Nothing
        | Kind.Scalar ScalarType.Unit -> 0
        | Kind.Scalar ScalarType.F64 -> 8
        | Kind.Scalar ScalarType.F32 -> 4
        | Kind.Scalar _
        | Kind.Option _
        | Kind.Bytes
        | Kind.Packed _
        | Kind.Seq _
        | Kind.Map _
        | Kind.Counted _
        | Kind.Keyed _
        | Kind.Sure _
        | Kind.Variant _ -> 1
        | Kind.Choice _ -> 0
        | Kind.Tuple items -> enough 0 items
        | Kind.Struct fields -> enough 0 (List.map snd fields)

    /// Of several, and no more of them than it takes for a bound that does.
    and private enough sum kinds =
        match kinds with
        | kind :: rest when sum < 64 -> enough (sum + least kind) rest
        | _ -> sum

    /// So many numbers in a row, as the bytes that they are in memory. Floats lie there so already.
    let private packed (cursor: Cursor) scalar count =
        let rows (one: Cursor -> 'T) =
            let numbers = ResizeArray(min count 65536)

            for _ in 1..count do
                numbers.Add(one cursor)

            let bytes = View.ofArray (numbers.ToArray())
            cursor.Hold(uint64 bytes.Length)
            bytes

        match scalar with
        | ScalarType.F32
        | ScalarType.F64
        | ScalarType.U8
        | ScalarType.I8 -> cursor.Tensor(uint64 count * uint64 (Packed.size scalar))
        | ScalarType.Bool ->
            rows (fun cursor ->
                match readScalar cursor ScalarType.Bool with
                | Scalar.Bool truth -> truth
                | _ -> false)
        | ScalarType.F16
        | ScalarType.BF16
        | ScalarType.U16 -> rows (fun cursor -> uint16 (number cursor 0xFFFFUL "a number"))
        | ScalarType.U32 -> rows (fun cursor -> uint32 (number cursor 0xFFFFFFFFUL "a number"))
        | ScalarType.U64 -> rows (fun cursor -> number cursor UInt64.MaxValue "a number")
        | ScalarType.I16 -> rows (fun cursor -> int16 (readSigned cursor 0xFFFFUL "a number"))
        | ScalarType.I32 -> rows (fun cursor -> int32 (readSigned cursor 0xFFFFFFFFUL "a number"))
        | ScalarType.I64 -> rows (fun cursor -> readSigned cursor UInt64.MaxValue "a number")
        | ScalarType.Unit
        | ScalarType.Text -> invalidArg (nameof scalar) "Only numbers are packed."

    /// How many of this kind follow.
    let private count (cursor: Cursor) item =
        let start = cursor.Position
        let declared = number cursor UInt64.MaxValue "a count"

        match cursor.Remaining with
        // told where the count stands, not where it was found to be too large
        | ValueSome rest when declared > uint64 rest && least item > 0 ->
            cursor.FailAt(start, $"a count that fits the {rest} bytes left", string declared)
        | _ when declared = 0UL -> 0
        | _ when least item = 0 -> cursor.Weightless(declared, "items")
        | _ -> cursor.Count(declared, least item, "items")

    /// The bytes of a few numbers, with their count before them; 0 where they are more than are remembered, or not all here.
    let private rowSize (bytes: ReadOnlySpan<byte>) =
        let mutable size = 1
        let mutable left = if bytes.IsEmpty then 0 else int bytes[0]

        while left > 0 && size < min bytes.Length RowKey.Most do
            size <-
                match bytes[size] with
                | 251uy -> size + 3
                | 252uy -> size + 5
                | marker when marker > 252uy -> size + 9
                | _ -> size + 1

            left <- left - 1

        if left = 0 && size <= min bytes.Length RowKey.Most then
            size
        else
            0

    /// Reads a value of this kind.
    let rec read (cursor: Cursor) kind : Value =
        match kind with
        | Kind.Marker -> Value.Marker
        | Kind.Scalar ScalarType.U64 -> cursor.Repeated.Number(number cursor UInt64.MaxValue "an integer")
        | Kind.Scalar scalar -> Value.Scalar(readScalar cursor scalar)
        | Kind.Bytes -> Value.Bytes(cursor.Tensor(number cursor UInt64.MaxValue "a byte count"))
        | Kind.Packed scalar -> Value.Packed(scalar, packed cursor scalar (count cursor (Kind.Scalar scalar)))
        | Kind.Option item ->
            match cursor.Byte "an option" with
            | 0uy -> Value.Absent
            // what a constant holds is not in the file, so nothing can follow
            | 1uy when item <> Kind.Marker -> Value.Present(read cursor item)
            | other -> cursor.FailAt(cursor.Position - 1L, "an option: 0 or 1", string other)
        | Kind.Seq(Kind.Scalar ScalarType.U64 as item) ->
            let window = cursor.Peek 1
            let size = rowSize window.Span

            if size = 0 then
                items cursor item
            else
                let key = RowKey.Of(window.Span.Slice(0, size))

                match cursor.Repeated.Row key with
                | ValueSome(Value.Seq row as known) ->
                    cursor.Advance size
                    // it costs what it did when it was read, and is as deep
                    cursor.Spend(row.Length, "entries")

                    if row.Length > 0 then
                        cursor.EnterItem 0
                        cursor.Leave()

                    known
                | _ ->
                    let row = items cursor item
                    cursor.Repeated.AddRow(key, row)
                    row
        | Kind.Seq item -> items cursor item
        | Kind.Tuple items ->
            if least kind = 0 then
                cursor.Weightless(uint64 items.Length, "items") |> ignore

            items |> List.mapi (itemOf cursor) |> Array.ofList |> Value.Tuple
        | Kind.Struct [ "bytes", Kind.Bytes; "shape", dims; "dtype", dtype ] -> tensor cursor dims dtype
        | Kind.Struct [ "id", Kind.Scalar ScalarType.Text; "param", tensor ] ->
            cursor.Enter "id"
            let id = text cursor "a text"
            cursor.Leave()

            match inside cursor "param" tensor with
            | Value.Tensor data -> Value.Param(id, data)
            | value -> Value.Struct [| struct ("id", Value.text id); struct ("param", value) |]
        | Kind.Struct fields ->
            let entries = Array.zeroCreate (List.length fields)
            let mutable rest = fields

            for index in 0 .. entries.Length - 1 do
                let name, field = rest.Head
                entries[index] <- struct (name, inside cursor name field)
                rest <- rest.Tail

            Value.Struct entries
        | Kind.Map item ->
            let count = count cursor (Kind.Tuple [ Kind.Scalar ScalarType.Text; item ])
            cursor.Spend(count, "entries")

            Cursor.many cursor count (fun cursor _ ->
                let name = text cursor "a key"
                struct (name, inside cursor name item))
            |> Value.Map
        | Kind.Variant variants ->
            let start = cursor.Position
            let index = number cursor 0xFFFFFFFFUL "a variant"

            if index >= uint64 variants.Length then
                cursor.FailAt(start, $"a variant below {variants.Length}", string index)

            let name, payload = variants[int index]

            match payload with
            | None -> cursor.Repeated.Variant(int index, name)
            | Some kind -> Value.Variant(int index, name, ValueSome(inside cursor name kind))
        | Kind.Choice _
        | Kind.Counted _
        | Kind.Keyed _
        | Kind.Nothing
        | Kind.Sure _ -> invalidOp "Choices are read by going back when they fail."

    and private tensor (cursor: Cursor) dims dtype =
        let bytes = inside cursor "bytes" Kind.Bytes
        let dims = inside cursor "shape" dims
        let dtype = inside cursor "dtype" dtype

        let ready =
            match bytes, dims, dtype with
            | Value.Bytes bytes, Value.Seq dims, Value.Variant(_, name, ValueNone) ->
                Ready.tensor cursor bytes dims name
            | _ -> ValueNone

        match ready with
        | ValueSome tensor -> tensor
        | ValueNone -> Value.Struct [| struct ("bytes", bytes); struct ("shape", dims); struct ("dtype", dtype) |]

    and private items (cursor: Cursor) item =
        let count = count cursor item
        cursor.Spend(count, "entries")
        Value.Seq(Cursor.many cursor count (fun cursor index -> itemOf cursor index item))

    and private itemOf (cursor: Cursor) index kind =
        cursor.EnterItem index
        let value = read cursor kind
        cursor.Leave()
        value

    and private inside (cursor: Cursor) name kind =
        cursor.Enter name
        let value = read cursor kind
        cursor.Leave()
        value
