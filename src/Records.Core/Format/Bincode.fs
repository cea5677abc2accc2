namespace Records.Core

open System
open System.Buffers.Binary
open System.Text

/// bincode 2 with its standard configuration: little-endian, varint integers, no names, no framing.
/// Source: bincode 2.0 `config::standard()`, docs/spec.md of its repository.
[<RequireQualifiedAccess>]
module Bincode =

    let private name = "bincode"

    // ---- writing

    /// The lowest bytes of a number, so many of them.
    let private little (parts: Parts) size (value: uint64) =
        let span = parts.Buffer.GetSpan 8
        BinaryPrimitives.WriteUInt64LittleEndian(span, value)
        parts.Buffer.Advance size

    let private varint (parts: Parts) (value: uint64) =
        if value < 251UL then
            little parts 1 value
        elif value <= 0xFFFFUL then
            little parts 1 251UL
            little parts 2 value
        elif value <= 0xFFFFFFFFUL then
            little parts 1 252UL
            little parts 4 value
        else
            little parts 1 253UL
            little parts 8 value

    let private zigzag (value: int64) =
        uint64 (value <<< 1) ^^^ uint64 (value >>> 63)

    let private text (parts: Parts) (value: string) =
        let bytes = Encoding.UTF8.GetBytes value
        varint parts (uint64 bytes.Length)
        parts.Write(ReadOnlySpan bytes)

    let private scalar (parts: Parts) value =
        match value with
        | Scalar.Unit -> ()
        | Scalar.Bool value -> little parts 1 (if value then 1UL else 0UL)
        | Scalar.Text value -> text parts value
        | Scalar.F64 value -> little parts 8 (BitConverter.DoubleToUInt64Bits value)
        | Scalar.F32 value -> little parts 4 (uint64 (BitConverter.SingleToUInt32Bits value))
        | Scalar.U8 value -> little parts 1 (uint64 value)
        | Scalar.I8 value -> little parts 1 (uint64 (byte value))
        | Scalar.F16 value
        | Scalar.BF16 value
        | Scalar.U16 value -> varint parts (uint64 value)
        | Scalar.U32 value -> varint parts (uint64 value)
        | Scalar.U64 value -> varint parts value
        | Scalar.I16 value -> varint parts (zigzag (int64 value))
        | Scalar.I32 value -> varint parts (zigzag (int64 value))
        | Scalar.I64 value -> varint parts (zigzag value)

    let rec private write (parts: Parts) value =
        match value with
        | Value.Marker -> ()
        | Value.Absent -> little parts 1 0UL
        | Value.Present value ->
            little parts 1 1UL
            write parts value
        | Value.Chosen(_, value) -> write parts value
        | Value.Scalar value -> scalar parts value
        | Value.Bytes slice ->
            varint parts (uint64 slice.Length)
            parts.Add slice
        | Value.Packed((ScalarType.F32 | ScalarType.F64 | ScalarType.U8 | ScalarType.I8) as kind, slice) ->
            varint parts (uint64 slice.Length / uint64 (Packed.size kind))
            parts.Add slice
        | Value.Packed(kind, slice) ->
            let items = Packed.scalars kind slice
            varint parts (uint64 items.Length)
            Array.iter (scalar parts) items
        | Value.Seq items ->
            varint parts (uint64 items.Length)
            Array.iter (write parts) items
        | Value.Tuple items -> Array.iter (write parts) items
        | Value.Struct fields ->
            for _, value in fields do
                write parts value
        | Value.Map entries ->
            varint parts (uint64 entries.Length)

            for name, value in entries do
                text parts name
                write parts value
        | Value.Variant(index, _, payload) ->
            varint parts (uint64 index)
            ValueOption.iter (write parts) payload

    // ---- reading

    let private readVarint (cursor: Cursor) (max: uint64) what =
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
        let value = readVarint cursor max what
        int64 (value >>> 1) ^^^ -(int64 (value &&& 1UL))

    let private readText (cursor: Cursor) what =
        Cursor.text cursor (readVarint cursor UInt64.MaxValue $"the length of {what}") what

    let private readScalar (cursor: Cursor) kind =
        match kind with
        | ScalarType.Unit -> Scalar.Unit
        | ScalarType.Bool ->
            match cursor.Byte "a truth value" with
            | 0uy -> Scalar.Bool false
            | 1uy -> Scalar.Bool true
            | other -> cursor.FailAt(cursor.Position - 1L, "0 or 1", string other)
        | ScalarType.Text -> Scalar.Text(readText cursor "a text")
        | ScalarType.F64 -> Scalar.F64(BinaryPrimitives.ReadDoubleLittleEndian(cursor.Read(8, "a float").Span))
        | ScalarType.F32 -> Scalar.F32(BinaryPrimitives.ReadSingleLittleEndian(cursor.Read(4, "a float").Span))
        | ScalarType.U8 -> Scalar.U8(cursor.Byte "an integer")
        | ScalarType.I8 -> Scalar.I8(sbyte (cursor.Byte "an integer"))
        | ScalarType.F16 -> Scalar.F16(uint16 (readVarint cursor 0xFFFFUL "the bits of a half"))
        | ScalarType.BF16 -> Scalar.BF16(uint16 (readVarint cursor 0xFFFFUL "the bits of a bfloat"))
        | ScalarType.U16 -> Scalar.U16(uint16 (readVarint cursor 0xFFFFUL "an integer"))
        | ScalarType.U32 -> Scalar.U32(uint32 (readVarint cursor 0xFFFFFFFFUL "an integer"))
        | ScalarType.U64 -> Scalar.U64(readVarint cursor UInt64.MaxValue "an integer")
        | ScalarType.I16 -> Scalar.I16(int16 (readSigned cursor 0xFFFFUL "an integer"))
        | ScalarType.I32 -> Scalar.I32(int32 (readSigned cursor 0xFFFFFFFFUL "an integer"))
        | ScalarType.I64 -> Scalar.I64(readSigned cursor UInt64.MaxValue "an integer")

    /// The fewest bytes that a value of this kind takes: a bound for declared counts.
    let rec private least kind =
        match kind with
        | Kind.Marker
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
        | Kind.Tuple items -> List.sumBy least items
        | Kind.Struct fields -> List.sumBy (snd >> least) fields

    /// So many numbers in a row, as the bytes that they are in memory. Floats lie there so already.
    let private packed (cursor: Cursor) scalar count =
        let rows (one: Cursor -> 'T) =
            let numbers = ResizeArray(min count 65536)

            for _ in 1..count do
                numbers.Add(one cursor)

            View.ofArray (numbers.ToArray())

        match scalar with
        | ScalarType.F32
        | ScalarType.F64
        | ScalarType.U8
        | ScalarType.I8 -> cursor.Take(uint64 count * uint64 (Packed.size scalar), "a tensor")
        | ScalarType.Bool ->
            rows (fun cursor ->
                match readScalar cursor ScalarType.Bool with
                | Scalar.Bool truth -> truth
                | _ -> false)
        | ScalarType.F16
        | ScalarType.BF16
        | ScalarType.U16 -> rows (fun cursor -> uint16 (readVarint cursor 0xFFFFUL "a number"))
        | ScalarType.U32 -> rows (fun cursor -> uint32 (readVarint cursor 0xFFFFFFFFUL "a number"))
        | ScalarType.U64 -> rows (fun cursor -> readVarint cursor UInt64.MaxValue "a number")
        | ScalarType.I16 -> rows (fun cursor -> int16 (readSigned cursor 0xFFFFUL "a number"))
        | ScalarType.I32 -> rows (fun cursor -> int32 (readSigned cursor 0xFFFFFFFFUL "a number"))
        | ScalarType.I64 -> rows (fun cursor -> readSigned cursor UInt64.MaxValue "a number")
        | ScalarType.Unit
        | ScalarType.Text -> invalidArg (nameof scalar) "Only numbers are packed."

    let rec private read (cursor: Cursor) kind : Value =
        let count item =
            let start = cursor.Position
            let declared = readVarint cursor UInt64.MaxValue "a count"

            match cursor.Remaining with
            // told where the count stands, not where it was found to be too large
            | ValueSome rest when declared > uint64 rest && least item > 0 ->
                cursor.FailAt(start, $"a count that fits the {rest} bytes left", string declared)
            | _ when least item = 0 -> cursor.Weightless(declared, "items")
            | _ -> cursor.Count(declared, least item, "items")

        match kind with
        | Kind.Marker -> Value.Marker
        | Kind.Scalar scalar -> Value.Scalar(readScalar cursor scalar)
        | Kind.Bytes -> Value.Bytes(cursor.Take(readVarint cursor UInt64.MaxValue "a byte count", "a tensor"))
        | Kind.Packed scalar -> Value.Packed(scalar, packed cursor scalar (count (Kind.Scalar scalar)))
        | Kind.Option item ->
            match cursor.Byte "an option" with
            | 0uy -> Value.Absent
            // what a constant holds is not in the file, so nothing can follow
            | 1uy when item <> Kind.Marker -> Value.Present(read cursor item)
            | other -> cursor.FailAt(cursor.Position - 1L, "an option: 0 or 1", string other)
        | Kind.Seq item ->
            let count = count item
            let values = ResizeArray(min count 1024)

            for index in 0 .. count - 1 do
                values.Add(cursor.Within(string index, fun () -> read cursor item))

            Value.Seq(values.ToArray())
        | Kind.Tuple items ->
            Value.Tuple
                [|
                    for index, item in List.indexed items -> cursor.Within(string index, fun () -> read cursor item)
                |]
        | Kind.Struct fields ->
            Value.Struct [| for name, field in fields -> name, cursor.Within(name, fun () -> read cursor field) |]
        | Kind.Map item ->
            let count = count (Kind.Tuple [ Kind.Scalar ScalarType.Text; item ])
            let entries = ResizeArray(min count 1024)

            for _ in 1..count do
                let name = readText cursor "a key"
                entries.Add(name, cursor.Within(name, fun () -> read cursor item))

            Value.Map(entries.ToArray())
        | Kind.Variant variants ->
            let start = cursor.Position
            let index = readVarint cursor 0xFFFFFFFFUL "a variant"

            if index >= uint64 variants.Length then
                cursor.FailAt(start, $"a variant below {variants.Length}", string index)

            let name, payload = variants[int index]

            match payload with
            | None -> Value.Variant(int index, name, ValueNone)
            | Some kind -> Value.Variant(int index, name, ValueSome(cursor.Within(name, fun () -> read cursor kind)))
        | Kind.Choice _
        | Kind.Counted _
        | Kind.Keyed _
        | Kind.Sure _ -> invalidOp "Choices are read by going back when they fail."

    // ---- the annex, after the value: its bytes, their length and a mark, so that it is found from either end

    let private annexMark = "RECORDS\001"B

    let private writeAnnex (parts: Parts) (annex: Map<string, string>) =
        if not annex.IsEmpty then
            let inner = Parts()
            write inner (Burn.lowerAnnex annex)
            let payload = inner.ToPayload()

            for part in payload.Parts do
                parts.Write part.Span

            little parts 8 (uint64 payload.Length.Value)
            parts.Write(ReadOnlySpan annexMark)

    let private readAnnex (cursor: Cursor) =
        if cursor.AtEnd then
            Map.empty
        else
            let start = cursor.Position

            let refuse () =
                cursor.FailAt(start, "the end", "more bytes")

            let entries =
                try
                    read cursor Burn.annexKind
                with RecordFault _ ->
                    refuse ()

            let length = cursor.Position - start
            // one byte more than there may be: what inflates checks its checksum only at the end
            let trailer = cursor.Peek 17

            if
                trailer.Length <> 16
                || BinaryPrimitives.ReadInt64LittleEndian trailer.Span <> length
                || not (trailer.Span.Slice(8).SequenceEqual(ReadOnlySpan annexMark))
            then
                refuse ()

            Raise.metadata entries

    let private encode (context: EncodeContext) (document: Document) =
        RecordError.catch (fun () ->
            let parts = Parts()
            write parts (Burn.lower (Generation.at context.Burn) { document with Annex = Map.empty })
            writeAnnex parts document.Annex
            parts.ToPayload())

    /// A tensor whose bytes are not what its shape asks for was read at the wrong place.
    let rec private checkTensors limits settings value =
        match value with
        | Value.Struct [| "value", _; "shape", _ |]
        | Value.Struct [| "bytes", _; "shape", _; "dtype", _ |] -> Elements.raise limits settings value |> ignore
        | Value.Struct fields
        | Value.Map fields -> Array.iter (snd >> checkTensors limits settings) fields
        | Value.Tuple items
        | Value.Seq items -> Array.iter (checkTensors limits settings) items
        | Value.Variant(_, _, ValueSome value)
        | Value.Present value -> checkTensors limits settings value
        | _ -> ()

    /// Item and annex where the schema leaves something open: what fits the whole file, to its very end.
    let private readOpen limits settings input kind =
        let forward = Rewindable.Of input
        let cursor = Cursor(name, limits, forward)
        read cursor Burn.metadataKind |> ignore

        let primitives =
            { Value = read cursor; Number = readVarint cursor UInt64.MaxValue; Text = readText cursor }

        Backtrack.read cursor forward primitives (checkTensors limits settings) (fun () -> readAnnex cursor) kind

    /// One attempt: the whole file in the layout of one Burn, to its very end.
    let private attempt (context: DecodeContext) (input: Input) metadata generation kind schema =
        let settings = Settings.ofMetadata metadata

        RecordError.catch (fun () ->
            let item, annex =
                if Maybe.isIn schema || generation.Tensors = TensorLayout.Values then
                    readOpen context.Limits settings input kind
                else
                    let cursor = Cursor(name, context.Limits, input.Start())
                    read cursor Burn.metadataKind |> ignore
                    let item = cursor.Within("item", fun () -> read cursor kind)
                    item, readAnnex cursor

            { Metadata = metadata; Annex = annex; Root = Raise.typed context generation settings schema item })

    let private readMetadata limits (input: Input) =
        RecordError.catch (fun () ->
            let cursor = Cursor(name, limits, input.Start())
            cursor.Within("metadata", fun () -> Raise.metadata (read cursor Burn.metadataKind)))

    let private decode (context: DecodeContext) (input: Input) =
        match context.Schema with
        | None -> Error(RecordError.Unsupported([], "bincode does not describe itself: reading it needs a schema"))
        | Some schema ->
            readMetadata context.Limits input
            |> Result.bind (fun metadata ->
                let settings = Settings.ofMetadata metadata

                let versions =
                    match context.Burn with
                    | Some version -> [ version ]
                    | None -> Generation.candidates (Raise.version metadata)

                let layouts =
                    versions
                    |> List.choose (fun version ->
                        Generation.tryAt version
                        |> Option.map (fun generation ->
                            let schema = schema version
                            Burn.kind generation settings schema, (version, generation, schema)))
                    // versions that lay this record out alike are one candidate
                    |> List.distinctBy (fun (_, (_, generation, schema)) -> generation.Name, schema)

                let run (kind, (_, generation, schema)) =
                    attempt context input metadata generation kind schema

                match layouts with
                | [] -> Error(RecordError.Unsupported([], "no layout of that Burn is known"))
                | likely :: others ->
                    match run likely with
                    | Ok document -> Ok document
                    | Error first ->
                        let readable =
                            [
                                for layout in others do
                                    let _, (version, _, _) = layout

                                    match run layout with
                                    | Ok document -> version, document
                                    | Error _ -> ()
                            ]

                        match readable with
                        | [] -> Error first
                        | (_, document) :: rest when
                            rest |> List.forall (fun (_, other) -> Record.same document.Root other.Root)
                            ->
                            Ok document
                        | several ->
                            let names = String.Join(", ", [ for version, _ in several -> BurnVersion.text version ])

                            Error(
                                RecordError.Unsupported(
                                    [],
                                    $"the file can be read as written by Burn {names}, with different results; choose one with ForBurn"
                                )
                            ))

    /// What Burn's BinFileRecorder writes and reads.
    let codec: Codec =
        { Name = "bincode"; Extension = "bin"; Encode = encode; Decode = decode; Metadata = readMetadata }
