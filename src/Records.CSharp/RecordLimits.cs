namespace Records;

/// <summary>What a stranger's file may ask for before it is refused. The defaults let through what models are like; docs/security.md says what an honest file may still meet.</summary>
public sealed record RecordLimits
{
    /// <summary>The defaults.</summary>
    public static RecordLimits Default { get; } = new();

    /// <summary>Levels of nesting.</summary>
    public int Depth { get; init; } = Core.RecorderModule.defaultLimits.Depth;

    /// <summary>Items and named values of one file, and one more for each 128 bytes of it. Numbers in a row do not count.</summary>
    public long Entries { get; init; } = Core.RecorderModule.defaultLimits.Entries;

    /// <summary>Bytes of one name or text.</summary>
    public long NameBytes { get; init; } = Core.RecorderModule.defaultLimits.NameBytes;

    /// <summary>Dimensions of one tensor.</summary>
    public int Rank { get; init; } = Core.RecorderModule.defaultLimits.Rank;

    /// <summary>Bytes of the header of a format that has one.</summary>
    public long HeaderBytes { get; init; } = Core.RecorderModule.defaultLimits.HeaderBytes;

    /// <summary>Bytes that one compressed file may become.</summary>
    public long InflatedBytes { get; init; } = Core.RecorderModule.defaultLimits.InflatedBytes;

    /// <summary>How many times larger than the compressed file that may be, beyond the first 256 MiB.</summary>
    public long InflateRatio { get; init; } = Core.RecorderModule.defaultLimits.InflateRatio;

    /// <summary>Bytes of all tensors together.</summary>
    public long TensorBytes { get; init; } = Core.RecorderModule.defaultLimits.TensorBytes;

    internal Core.Limits ToCore() =>
        new(Depth, Entries, NameBytes, Rank, HeaderBytes, InflatedBytes, InflateRatio, TensorBytes);
}
