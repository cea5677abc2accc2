namespace Records.Core

open System
open System.Buffers.Binary
open System.Text
open MessagePack

/// Values as rmp-serde writes them. MessagePackWriter chooses the shortest forms; what it lacks is a bin longer than an int.
[<RequireQualifiedAccess>]
module internal MsgPackWriter =

    /// Texts up to this many characters are encoded in place, where the writer wants room for three bytes each.
    let private inPlace = 256

    let private text (parts: Parts) (value: string) =
        let mutable writer = MessagePackWriter parts.Buffer

        if value.Length <= inPlace then
            writer.Write value
        else
            writer.WriteString(ReadOnlySpan(Encoding.UTF8.GetBytes value))

        writer.Flush()

    let private unsigned (parts: Parts) (value: uint64) =
        let mutable writer = MessagePackWriter parts.Buffer
        writer.Write value
        writer.Flush()

    let private mapHeader (parts: Parts) (count: int) =
        let mutable writer = MessagePackWriter parts.Buffer
        writer.WriteMapHeader count
        writer.Flush()

    let private arrayHeader (parts: Parts) (count: int) =
        let mutable writer = MessagePackWriter parts.Buffer
        writer.WriteArrayHeader count
        writer.Flush()

    let private scalar (parts: Parts) value =
        let mutable writer = MessagePackWriter parts.Buffer

        match value with
        | Scalar.Unit -> writer.WriteNil()
        | Scalar.Bool value -> writer.Write value
        | Scalar.Text value -> writer.WriteString(ReadOnlySpan(Encoding.UTF8.GetBytes value))
        | Scalar.F64 value -> writer.Write value
        | Scalar.F32 value -> writer.Write value
        | Scalar.I64 value -> writer.Write value
        | Scalar.I32 value -> writer.Write(int64 value)
        | Scalar.I16 value -> writer.Write(int64 value)
        | Scalar.I8 value -> writer.Write(int64 value)
        | Scalar.U64 value -> writer.Write value
        | Scalar.U32 value -> writer.Write(uint64 value)
        | Scalar.U8 value -> writer.Write(uint64 value)
        | Scalar.U16 value
        // half's types are newtypes over their bits
        | Scalar.F16 value
        | Scalar.BF16 value -> writer.Write(uint64 value)

        writer.Flush()

    let private bytes (parts: Parts) (slice: Slice) =
        // rmp-serde casts the length to 32 bits and writes a corrupt file; we say no before anything is written.
        if slice.Length > int64 UInt32.MaxValue then
            RecordError.raise (RecordError.TooLarge([], "bytes of a MessagePack tensor", slice.Length, 0xFFFFFFFFL))

        let header = parts.Buffer.GetSpan 5

        let size =
            if slice.Length <= 0xFFL then
                header[0] <- 0xC4uy
                header[1] <- byte slice.Length
                2
            elif slice.Length <= 0xFFFFL then
                header[0] <- 0xC5uy
                BinaryPrimitives.WriteUInt16BigEndian(header.Slice 1, uint16 slice.Length)
                3
            else
                header[0] <- 0xC6uy
                BinaryPrimitives.WriteUInt32BigEndian(header.Slice 1, uint32 slice.Length)
                5

        parts.Buffer.Advance size
        parts.AddTensor slice

    /// Writes a value, structs as maps by name.
    let rec write (parts: Parts) value =
        let entries fields =
            mapHeader parts (Array.length fields)

            for struct (name, value) in fields do
                text parts name
                Burn.under name (fun () -> write parts value)

        match value with
        | Value.Absent -> scalar parts Scalar.Unit
        | Value.Marker -> arrayHeader parts 0
        | Value.Chosen(_, value)
        | Value.Present value -> write parts value
        | Value.Scalar value -> scalar parts value
        | Value.Bytes slice -> bytes parts slice
        | Value.Packed(kind, slice) ->
            parts.Within(fun () ->
                let items = Packed.scalars kind slice
                arrayHeader parts (Array.length items)
                Array.iter (scalar parts) items)
        | Value.Seq items
        | Value.Tuple items ->
            arrayHeader parts items.Length

            for index in 0 .. items.Length - 1 do
                Burn.underItem index (fun () -> write parts items[index])
        | Value.Struct fields
        | Value.Map fields -> entries fields
        | Value.Variant(_, name, ValueNone) -> text parts name
        | Value.Variant(_, name, ValueSome payload) -> entries [| struct (name, payload) |]
        | Value.Stored(id, dtype, data) -> stored parts id dtype data
        | Value.Tensor _
        | Value.Param _ -> write parts (Value.spelled value)

    /// As spelled, and no object is made for any of it.
    and private stored parts id dtype (data: TensorData) =
        match id with
        | ValueSome id ->
            mapHeader parts 2
            text parts "id"
            text parts id
            text parts "param"
        | ValueNone -> ()

        mapHeader parts 3
        text parts "bytes"
        bytes parts data.Bytes
        text parts "shape"
        let dims = Shape.dims data.Shape
        arrayHeader parts dims.Length

        for dim in dims do
            unsigned parts (uint64 dim)

        text parts "dtype"
        write parts dtype
