namespace Records;

/// <summary>What floats and integers become when a record is saved.</summary>
public enum Precision
{
    /// <summary>F32 and I32.</summary>
    Full,

    /// <summary>F16 and I16.</summary>
    Half,

    /// <summary>F64 and I64.</summary>
    Double,

    /// <summary>What each tensor has.</summary>
    Kept,
}

/// <summary>Precision as a type argument, which is how Burn says it.</summary>
public interface IPrecisionSettings
{
    /// <summary>The precision.</summary>
    static abstract Precision Precision { get; }
}

/// <summary>Floats are saved as F32, integers as I32.</summary>
public readonly struct FullPrecisionSettings : IPrecisionSettings
{
    /// <inheritdoc/>
    public static Precision Precision => Precision.Full;
}

/// <summary>Floats are saved as F16, rounded to nearest with ties to even, integers as I16.</summary>
public readonly struct HalfPrecisionSettings : IPrecisionSettings
{
    /// <inheritdoc/>
    public static Precision Precision => Precision.Half;
}

/// <summary>Floats are saved as F64, integers as I64.</summary>
public readonly struct DoublePrecisionSettings : IPrecisionSettings
{
    /// <inheritdoc/>
    public static Precision Precision => Precision.Double;
}
