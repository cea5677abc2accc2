using static Records.Core.ScalarType;

namespace Records;

/// <summary>What a record holds as a scalar, by C# types: each has one type of Burn's, nint and nuint isize and usize, ValueTuple the unit.</summary>
internal static class Scalars
{
    private static readonly Dictionary<Type, Core.ScalarType> Types = new()
    {
        [typeof(ValueTuple)] = Core.ScalarType.Unit,
        [typeof(bool)] = Core.ScalarType.Bool,
        [typeof(string)] = Core.ScalarType.Text,
        [typeof(double)] = Core.ScalarType.F64,
        [typeof(float)] = Core.ScalarType.F32,
        [typeof(Half)] = Core.ScalarType.F16,
        [typeof(BFloat16)] = Core.ScalarType.BF16,
        [typeof(long)] = Core.ScalarType.I64,
        [typeof(nint)] = Core.ScalarType.I64,
        [typeof(int)] = Core.ScalarType.I32,
        [typeof(short)] = Core.ScalarType.I16,
        [typeof(sbyte)] = Core.ScalarType.I8,
        [typeof(ulong)] = Core.ScalarType.U64,
        [typeof(nuint)] = Core.ScalarType.U64,
        [typeof(uint)] = Core.ScalarType.U32,
        [typeof(ushort)] = Core.ScalarType.U16,
        [typeof(byte)] = Core.ScalarType.U8,
    };

    internal static Core.ScalarType TypeOf<T>() =>
        Types.TryGetValue(typeof(T), out var type) ? type : throw new ArgumentException($"A record cannot hold a {typeof(T).Name} as a scalar.");

    internal static Core.Scalar Of<T>(T value) => value switch
    {
        ValueTuple => Core.Scalar.Unit,
        bool flag => Core.Scalar.NewBool(flag),
        string text => Core.Scalar.NewText(text),
        double number => Core.Scalar.NewF64(number),
        float number => Core.Scalar.NewF32(number),
        Half number => Core.Scalar.NewF16(BitConverter.HalfToUInt16Bits(number)),
        BFloat16 number => Core.Scalar.NewBF16(number.Bits),
        long number => Core.Scalar.NewI64(number),
        nint number => Core.Scalar.NewI64(number),
        int number => Core.Scalar.NewI32(number),
        short number => Core.Scalar.NewI16(number),
        sbyte number => Core.Scalar.NewI8(number),
        ulong number => Core.Scalar.NewU64(number),
        nuint number => Core.Scalar.NewU64(number),
        uint number => Core.Scalar.NewU32(number),
        ushort number => Core.Scalar.NewU16(number),
        byte number => Core.Scalar.NewU8(number),
        _ => throw new ArgumentException($"A record cannot hold a {typeof(T).Name} as a scalar."),
    };

    /// <summary>
    /// The scalar as this type; null when it is of another kind. A file without a schema may have had another width, or the bits of a
    /// half: numbers become what is asked for where it can hold them.
    /// </summary>
    internal static object? To<T>(Core.Scalar scalar, out bool outOfRange)
    {
        outOfRange = false;
        var type = TypeOf<T>();
        object? value = type.Tag switch
        {
            Tags.Unit => scalar.IsUnit ? default(ValueTuple) : null,
            Tags.Bool => (scalar as Core.Scalar.Bool)?.Item,
            Tags.Text => (scalar as Core.Scalar.Text)?.Item,
            Tags.F64 => Float(scalar),
            Tags.F32 => scalar is Core.Scalar.F32 single ? single.Item : Float(scalar) is { } number ? (float)number : null,
            Tags.F16 when scalar is Core.Scalar.F16 half => BitConverter.UInt16BitsToHalf(half.Item),
            Tags.BF16 when scalar is Core.Scalar.BF16 brain => new BFloat16(brain.Item),
            _ => Integer(scalar) is { } integer ? Within(type, integer, out outOfRange) : null,
        };
        if (typeof(T) == typeof(nint) && value is long signed)
            return (outOfRange = signed != (nint)signed) ? null : (nint)signed;
        if (typeof(T) == typeof(nuint) && value is ulong natural)
            return (outOfRange = natural != (nuint)natural) ? null : (nuint)natural;
        return value;
    }

    /// <summary>The value in its own C# type.</summary>
    internal static object ToObject(Core.Scalar scalar) => scalar switch
    {
        Core.Scalar.Bool value => value.Item,
        Core.Scalar.Text value => value.Item,
        Core.Scalar.F64 value => value.Item,
        Core.Scalar.F32 value => value.Item,
        Core.Scalar.F16 value => BitConverter.UInt16BitsToHalf(value.Item),
        Core.Scalar.BF16 value => new BFloat16(value.Item),
        Core.Scalar.I64 value => value.Item,
        Core.Scalar.I32 value => value.Item,
        Core.Scalar.I16 value => value.Item,
        Core.Scalar.I8 value => value.Item,
        Core.Scalar.U64 value => value.Item,
        Core.Scalar.U32 value => value.Item,
        Core.Scalar.U16 value => value.Item,
        Core.Scalar.U8 value => value.Item,
        _ => default(ValueTuple),
    };

    private static double? Float(Core.Scalar scalar) => scalar switch
    {
        Core.Scalar.F64 value => value.Item,
        Core.Scalar.F32 value => value.Item,
        _ => (double?)Integer(scalar),
    };

    private static Int128? Integer(Core.Scalar scalar) => scalar switch
    {
        Core.Scalar.I64 value => value.Item,
        Core.Scalar.I32 value => value.Item,
        Core.Scalar.I16 value => value.Item,
        Core.Scalar.I8 value => value.Item,
        Core.Scalar.U64 value => value.Item,
        Core.Scalar.U32 value => value.Item,
        Core.Scalar.U16 value => value.Item,
        Core.Scalar.U8 value => value.Item,
        _ => null,
    };

    private static object? Within(Core.ScalarType type, Int128 value, out bool outOfRange)
    {
        (Int128 low, Int128 high) = type.Tag switch
        {
            Tags.I64 => ((Int128)long.MinValue, (Int128)long.MaxValue),
            Tags.I32 => (int.MinValue, int.MaxValue),
            Tags.I16 => (short.MinValue, short.MaxValue),
            Tags.I8 => (sbyte.MinValue, sbyte.MaxValue),
            Tags.U64 => (0, ulong.MaxValue),
            Tags.U32 => (0, uint.MaxValue),
            Tags.U8 => (0, byte.MaxValue),
            _ => (0, ushort.MaxValue),
        };
        outOfRange = value < low || value > high;
        return outOfRange ? null : type.Tag switch
        {
            Tags.I64 => (long)value,
            Tags.I32 => (int)value,
            Tags.I16 => (short)value,
            Tags.I8 => (sbyte)value,
            Tags.U64 => (ulong)value,
            Tags.U32 => (uint)value,
            Tags.U16 => (ushort)value,
            Tags.U8 => (byte)value,
            Tags.F16 => BitConverter.UInt16BitsToHalf((ushort)value),
            _ => (object)new BFloat16((ushort)value),
        };
    }
}
