namespace Records.Core

open System
open System.Buffers.Binary
open System.Text

/// Values as bincode writes them.
[<RequireQualifiedAccess>]
module internal BincodeWriter =

    /// The lowest bytes of a number, so many of them.
    let little (parts: Parts) size (value: uint64) =
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
        let size = Encoding.UTF8.GetByteCount value
        varint parts (uint64 size)
        Encoding.UTF8.GetBytes(value, parts.Buffer.GetSpan size) |> parts.Buffer.Advance

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

    /// Writes a value: no names, no framing.
    let rec write (parts: Parts) value =
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
            parts.AddTensor slice
        | Value.Packed((ScalarType.F32 | ScalarType.F64 | ScalarType.U8 | ScalarType.I8) as kind, slice) ->
            varint parts (uint64 slice.Length / uint64 (Packed.size kind))
            parts.AddTensor slice
        | Value.Packed(kind, slice) ->
            let items = Packed.scalars kind slice
            varint parts (uint64 items.Length)
            parts.Within(fun () -> Array.iter (scalar parts) items)
        | Value.Seq items ->
            varint parts (uint64 items.Length)
            Array.iter (write parts) items
        | Value.Tuple items -> Array.iter (write parts) items
        | Value.Struct fields ->
            for struct (_, value) in fields do
                write parts value
        | Value.Map entries ->
            varint parts (uint64 entries.Length)

            for struct (name, value) in entries do
                text parts name
                write parts value
        | Value.Variant(index, _, payload) ->
            varint parts (uint64 index)
            ValueOption.iter (write parts) payload
        | Value.Stored(id, dtype, data) ->
            ValueOption.iter (text parts) id
            varint parts (uint64 data.Bytes.Length)
            parts.AddTensor data.Bytes
            let dims = Shape.dims data.Shape
            varint parts (uint64 dims.Length)

            for dim in dims do
                varint parts (uint64 dim)

            write parts dtype
        | Value.Tensor _
        | Value.Param _ -> invalidOp "What was read is made a record before it is written."
