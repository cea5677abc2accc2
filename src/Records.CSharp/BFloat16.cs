using System.Globalization;

namespace Records;

/// <summary>The upper half of a 32-bit float: as wide a range, three digits. .NET has no such type; a record may hold one as a scalar.</summary>
/// <param name="Bits">The bits.</param>
public readonly record struct BFloat16(ushort Bits)
{
    /// <summary>The nearest one, ties to even.</summary>
    public static explicit operator BFloat16(float value) => new(Core.Half.bfloatOfSingle(value));

    /// <summary>The same number.</summary>
    public static implicit operator float(BFloat16 value) => Core.Half.singleOfBfloat(value.Bits);

    /// <summary>The number.</summary>
    public override string ToString() => ((float)this).ToString(CultureInfo.InvariantCulture);
}
