namespace Records.Core

open System

/// One of serde's values as the scalar that a schema asks for.
[<RequireQualifiedAccess>]
module internal RaiseScalar =

    /// A number as the type that the schema asks for, range-checked.
    let raise kind value =
        let wrong () : 'T =
            RecordError.raise (RecordError.Mismatch([], CaseName.of' kind, Value.describe value))

        let inline fit (convert: decimal -> 'N) low high number =
            if number < low || number > high then
                RecordError.raise (RecordError.OutOfRange([], 1L, string number, CaseName.of' kind))
            else
                convert number

        let integer () =
            match value with
            | Value.Scalar(Scalar.U64 number) -> decimal number
            | Value.Scalar(Scalar.I64 number) -> decimal number
            | Value.Scalar(Scalar.U8 number) -> decimal number
            | _ -> wrong ()

        let float () =
            match value with
            | Value.Scalar(Scalar.F64 number) -> number
            | Value.Scalar(Scalar.F32 number) -> double number
            | Value.Absent ->
                RecordError.raise (RecordError.Mismatch([], "a number", "null: infinity and NaN are written so"))
            | _ -> double (integer ())

        let between low high convert = integer () |> fit convert low high

        match kind, value with
        | ScalarType.Unit, (Value.Absent | Value.Marker | Value.Scalar Scalar.Unit | Value.Seq [||]) -> Scalar.Unit
        | ScalarType.Bool, Value.Scalar(Scalar.Bool _ as scalar)
        | ScalarType.Text, Value.Scalar(Scalar.Text _ as scalar)
        | ScalarType.F32, Value.Scalar(Scalar.F32 _ as scalar)
        | ScalarType.F64, Value.Scalar(Scalar.F64 _ as scalar) -> scalar
        // bincode reads each type as itself
        | ScalarType.F16, Value.Scalar(Scalar.F16 _ as scalar)
        | ScalarType.BF16, Value.Scalar(Scalar.BF16 _ as scalar)
        | ScalarType.I64, Value.Scalar(Scalar.I64 _ as scalar)
        | ScalarType.I32, Value.Scalar(Scalar.I32 _ as scalar)
        | ScalarType.I16, Value.Scalar(Scalar.I16 _ as scalar)
        | ScalarType.I8, Value.Scalar(Scalar.I8 _ as scalar)
        | ScalarType.U64, Value.Scalar(Scalar.U64 _ as scalar)
        | ScalarType.U32, Value.Scalar(Scalar.U32 _ as scalar)
        | ScalarType.U16, Value.Scalar(Scalar.U16 _ as scalar)
        | ScalarType.U8, Value.Scalar(Scalar.U8 _ as scalar) -> scalar
        | ScalarType.F64, _ -> Scalar.F64(float ())
        | ScalarType.F32, _ -> Scalar.F32(single (float ()))
        | ScalarType.F16, _ -> Scalar.F16(between 0m 65535m uint16)
        | ScalarType.BF16, _ -> Scalar.BF16(between 0m 65535m uint16)
        | ScalarType.I64, _ -> Scalar.I64(between (decimal Int64.MinValue) (decimal Int64.MaxValue) int64)
        | ScalarType.I32, _ -> Scalar.I32(between (decimal Int32.MinValue) (decimal Int32.MaxValue) int32)
        | ScalarType.I16, _ -> Scalar.I16(between -32768m 32767m int16)
        | ScalarType.I8, _ -> Scalar.I8(between -128m 127m sbyte)
        | ScalarType.U64, _ -> Scalar.U64(between 0m (decimal UInt64.MaxValue) uint64)
        | ScalarType.U32, _ -> Scalar.U32(between 0m 4294967295m uint32)
        | ScalarType.U16, _ -> Scalar.U16(between 0m 65535m uint16)
        | ScalarType.U8, _ -> Scalar.U8(between 0m 255m byte)
        | ScalarType.Unit, _
        | ScalarType.Bool, _
        | ScalarType.Text, _ -> wrong ()
