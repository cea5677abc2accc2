namespace Records;

/// <summary>What may differ between a module and the record loaded into it. Another shape or enum variant never may.</summary>
public sealed record LoadOptions
{
    /// <summary>Everything must match; the default.</summary>
    public static LoadOptions Strict { get; } = new();

    /// <summary>A tensor that the record lacks stays the module's.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>A tensor that the module has no place for is left out.</summary>
    public bool AllowUnused { get; init; }

    /// <summary>A nil in the record against a value in the module empties it, as Burn does.</summary>
    public bool AllowNilOptional { get; init; }

    /// <summary>A list of another length is loaded as far as both go; the module's further items stay.</summary>
    public bool AllowOtherLength { get; init; }
}
