using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>What a file says of itself, in Burn's words. None of it is needed to read the file, and not all of it need be true.</summary>
/// <param name="Float">The float type of the settings it was saved with: <c>f32</c>, <c>half::binary16::f16</c>, <c>f64</c>.</param>
/// <param name="Int">The integer type of those settings.</param>
/// <param name="Format">The name of the recorder that wrote it.</param>
/// <param name="Version">The Burn that wrote it, or whose layout it has.</param>
/// <param name="Settings">The name of the settings.</param>
public sealed record RecordMetadata(string Float, string Int, string Format, string Version, string Settings)
{
    /// <summary>All of it by name: the five of Burn's recorders, or the user's metadata of a burnpack.</summary>
    public IReadOnlyDictionary<string, string> Entries { get; private init; } = new Dictionary<string, string>();

    /// <summary>True for the same entries.</summary>
    /// <param name="other">The other metadata.</param>
    public bool Equals(RecordMetadata? other) =>
        other is not null
        && (Float, Int, Format, Version, Settings) == (other.Float, other.Int, other.Format, other.Version, other.Settings)
        && Entries.Count == other.Entries.Count
        && Entries.All(entry => other.Entries.TryGetValue(entry.Key, out string? value) && value == entry.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Float, Int, Format, Version, Settings, Entries.Count);

    internal static RecordMetadata Of(FSharpMap<string, string> metadata)
    {
        string Field(string name) => metadata.TryGetValue(name, out string? value) ? value : "";
        return new(Field("float"), Field("int"), Field("format"), Field("version"), Field("settings"))
        {
            Entries = metadata.ToDictionary(entry => entry.Key, entry => entry.Value),
        };
    }
}
