using static Records.Core.Dtype;

namespace Records;

/// <summary>Element type of a tensor, by Burn's names.</summary>
public enum Dtype
{
    /// <summary>64-bit floats.</summary>
    F64,
    /// <summary>32-bit floats.</summary>
    F32,
    /// <summary>32-bit floats that a device may compute with less.</summary>
    Flex32,
    /// <summary>16-bit floats of IEEE 754.</summary>
    F16,
    /// <summary>The upper half of 32-bit floats.</summary>
    BF16,
    /// <summary>64-bit integers.</summary>
    I64,
    /// <summary>32-bit integers.</summary>
    I32,
    /// <summary>16-bit integers.</summary>
    I16,
    /// <summary>8-bit integers.</summary>
    I8,
    /// <summary>64-bit integers without sign.</summary>
    U64,
    /// <summary>32-bit integers without sign.</summary>
    U32,
    /// <summary>16-bit integers without sign.</summary>
    U16,
    /// <summary>Bytes.</summary>
    U8,
    /// <summary>Truth values.</summary>
    Bool,
    /// <summary>Quantised floats; they are carried, not computed with.</summary>
    QFloat,
}

/// <summary>The core's dtypes as ours and back.</summary>
internal static class Dtypes
{
    internal static Dtype ToFace(this Core.Dtype dtype) => dtype.Tag switch
    {
        Tags.F64 => Dtype.F64,
        Tags.F32 => Dtype.F32,
        Tags.Flex32 => Dtype.Flex32,
        Tags.F16 => Dtype.F16,
        Tags.BF16 => Dtype.BF16,
        Tags.I64 => Dtype.I64,
        Tags.I32 => Dtype.I32,
        Tags.I16 => Dtype.I16,
        Tags.I8 => Dtype.I8,
        Tags.U64 => Dtype.U64,
        Tags.U32 => Dtype.U32,
        Tags.U16 => Dtype.U16,
        Tags.U8 => Dtype.U8,
        Tags.Bool => Dtype.Bool,
        _ => Dtype.QFloat,
    };

    /// <summary>The core's name for it. QFloat has none: it does not say how the values are quantised.</summary>
    internal static Core.Dtype ToCore(this Dtype dtype, string argument) => dtype switch
    {
        Dtype.F64 => Core.Dtype.F64,
        Dtype.F32 => Core.Dtype.F32,
        Dtype.Flex32 => Core.Dtype.Flex32,
        Dtype.F16 => Core.Dtype.F16,
        Dtype.BF16 => Core.Dtype.BF16,
        Dtype.I64 => Core.Dtype.I64,
        Dtype.I32 => Core.Dtype.I32,
        Dtype.I16 => Core.Dtype.I16,
        Dtype.I8 => Core.Dtype.I8,
        Dtype.U64 => Core.Dtype.U64,
        Dtype.U32 => Core.Dtype.U32,
        Dtype.U16 => Core.Dtype.U16,
        Dtype.U8 => Core.Dtype.U8,
        Dtype.Bool => Core.Dtype.NewBool(Core.BoolStore.Native),
        _ => throw new ArgumentException($"{dtype} is not a dtype that a tensor can be made of.", argument),
    };

    /// <summary>What a .NET type is called here; null for a type that no tensor holds.</summary>
    internal static Dtype? Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? Dtype.F32
        : typeof(T) == typeof(double) ? Dtype.F64
        : typeof(T) == typeof(Half) ? Dtype.F16
        : typeof(T) == typeof(long) ? Dtype.I64
        : typeof(T) == typeof(int) ? Dtype.I32
        : typeof(T) == typeof(short) ? Dtype.I16
        : typeof(T) == typeof(sbyte) ? Dtype.I8
        : typeof(T) == typeof(ulong) ? Dtype.U64
        : typeof(T) == typeof(uint) ? Dtype.U32
        : typeof(T) == typeof(ushort) ? Dtype.U16
        : typeof(T) == typeof(byte) ? Dtype.U8
        : typeof(T) == typeof(bool) ? Dtype.Bool
        : null;
}
