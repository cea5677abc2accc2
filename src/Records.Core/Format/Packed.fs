namespace Records.Core

open System
open System.Buffers.Binary

/// Numbers in a row, to and from their little-endian bytes.
[<RequireQualifiedAccess>]
module internal Packed =

    /// Bytes of one number.
    let size kind =
        match kind with
        | ScalarType.U8
        | ScalarType.I8
        | ScalarType.Bool -> 1
        | ScalarType.U16
        | ScalarType.I16
        | ScalarType.F16
        | ScalarType.BF16 -> 2
        | ScalarType.U32
        | ScalarType.I32
        | ScalarType.F32 -> 4
        | ScalarType.U64
        | ScalarType.I64
        | ScalarType.F64 -> 8
        | ScalarType.Unit
        | ScalarType.Text -> invalidArg (nameof kind) "Only numbers are packed."

    let private read kind (bytes: ReadOnlySpan<byte>) =
        match kind with
        | ScalarType.U8 -> Scalar.U8 bytes[0]
        | ScalarType.I8 -> Scalar.I8(sbyte bytes[0])
        | ScalarType.Bool -> Scalar.Bool(bytes[0] <> 0uy)
        | ScalarType.U16 -> Scalar.U16(BinaryPrimitives.ReadUInt16LittleEndian bytes)
        | ScalarType.F16 -> Scalar.F16(BinaryPrimitives.ReadUInt16LittleEndian bytes)
        | ScalarType.BF16 -> Scalar.BF16(BinaryPrimitives.ReadUInt16LittleEndian bytes)
        | ScalarType.I16 -> Scalar.I16(BinaryPrimitives.ReadInt16LittleEndian bytes)
        | ScalarType.U32 -> Scalar.U32(BinaryPrimitives.ReadUInt32LittleEndian bytes)
        | ScalarType.I32 -> Scalar.I32(BinaryPrimitives.ReadInt32LittleEndian bytes)
        | ScalarType.F32 -> Scalar.F32(BinaryPrimitives.ReadSingleLittleEndian bytes)
        | ScalarType.U64 -> Scalar.U64(BinaryPrimitives.ReadUInt64LittleEndian bytes)
        | ScalarType.I64 -> Scalar.I64(BinaryPrimitives.ReadInt64LittleEndian bytes)
        | ScalarType.F64 -> Scalar.F64(BinaryPrimitives.ReadDoubleLittleEndian bytes)
        | ScalarType.Unit
        | ScalarType.Text -> invalidArg (nameof kind) "Only numbers are packed."

    /// The numbers one by one.
    let scalars kind (slice: Slice) =
        let width = size kind

        [|
            for part in Slice.parts slice do
                for start in 0..width .. part.Length - 1 do
                    read kind (part.Slice(start, width).Span)
        |]
