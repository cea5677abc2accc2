namespace Records.Core

open System

/// A scalar as the type that something else asks for: formats keep fewer kinds of numbers than records do.
[<RequireQualifiedAccess>]
module Numbers =

    /// The same number in 64 bits, and the same NaN: the processor would make a quiet one of it.
    let widen (value: single) : double =
        if Single.IsNaN value then
            let bits = uint64 (BitConverter.SingleToUInt32Bits value)
            let sign = (bits >>> 31) <<< 63
            BitConverter.UInt64BitsToDouble(sign ||| 0x7FF0000000000000UL ||| ((bits &&& 0x7FFFFFUL) <<< 29))
        else
            double value

    /// The nearest number of 32 bits, and of a NaN the bits that fit.
    let narrow (value: double) : single =
        let bits = BitConverter.DoubleToUInt64Bits value
        let kept = (bits >>> 29) &&& 0x7FFFFFUL

        if Double.IsNaN value && kept <> 0UL then
            BitConverter.UInt32BitsToSingle(uint32 ((bits >>> 63) <<< 31 ||| 0x7F800000UL ||| kept))
        else
            single value

    let private integer scalar : decimal option =
        match scalar with
        | Scalar.I64 value -> Some(decimal value)
        | Scalar.I32 value -> Some(decimal value)
        | Scalar.I16 value -> Some(decimal value)
        | Scalar.I8 value -> Some(decimal value)
        | Scalar.U64 value -> Some(decimal value)
        | Scalar.U32 value -> Some(decimal value)
        | Scalar.U16 value
        | Scalar.F16 value
        | Scalar.BF16 value -> Some(decimal value)
        | Scalar.U8 value -> Some(decimal value)
        | Scalar.Unit
        | Scalar.Bool _
        | Scalar.Text _
        | Scalar.F64 _
        | Scalar.F32 _ -> None

    let private float scalar : double option =
        match scalar with
        | Scalar.F64 value -> Some value
        | Scalar.F32 value -> Some(widen value)
        | _ -> integer scalar |> Option.map double

    /// The scalar as this type: integers in range, and integers where floats are asked for. F16 and BF16 are their bits.
    let fit (kind: ScalarType) (scalar: Scalar) : Result<Scalar, RecordError> =
        let between (low: decimal) (high: decimal) (convert: decimal -> Scalar) =
            match integer scalar with
            | Some value when value >= low && value <= high -> Ok(convert value)
            | Some value -> Error(RecordError.OutOfRange([], 1L, string value, CaseName.of' kind))
            | None -> Error(RecordError.Mismatch([], CaseName.of' kind, $"{scalar}"))

        let floating convert =
            match float scalar with
            | Some value -> Ok(convert value)
            | None -> Error(RecordError.Mismatch([], CaseName.of' kind, $"{scalar}"))

        match kind, scalar with
        | ScalarType.Unit, Scalar.Unit
        | ScalarType.Bool, Scalar.Bool _
        | ScalarType.Text, Scalar.Text _ -> Ok scalar
        | (ScalarType.Unit | ScalarType.Bool | ScalarType.Text), _ ->
            Error(RecordError.Mismatch([], CaseName.of' kind, $"{scalar}"))
        | ScalarType.F64, _ -> floating Scalar.F64
        | ScalarType.F32, _ ->
            match scalar with
            | Scalar.F32 _ -> Ok scalar
            | _ -> floating (narrow >> Scalar.F32)
        | ScalarType.F16, _ -> between 0m 65535m (uint16 >> Scalar.F16)
        | ScalarType.BF16, _ -> between 0m 65535m (uint16 >> Scalar.BF16)
        | ScalarType.I64, _ -> between (decimal Int64.MinValue) (decimal Int64.MaxValue) (int64 >> Scalar.I64)
        | ScalarType.I32, _ -> between (decimal Int32.MinValue) (decimal Int32.MaxValue) (int32 >> Scalar.I32)
        | ScalarType.I16, _ -> between -32768m 32767m (int16 >> Scalar.I16)
        | ScalarType.I8, _ -> between -128m 127m (sbyte >> Scalar.I8)
        | ScalarType.U64, _ -> between 0m (decimal UInt64.MaxValue) (uint64 >> Scalar.U64)
        | ScalarType.U32, _ -> between 0m (decimal UInt32.MaxValue) (uint32 >> Scalar.U32)
        | ScalarType.U16, _ -> between 0m 65535m (uint16 >> Scalar.U16)
        | ScalarType.U8, _ -> between 0m 255m (byte >> Scalar.U8)
