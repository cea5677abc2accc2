using System.Diagnostics.CodeAnalysis;

namespace Records;

/// <summary>
/// Names a parameter for life: it survives renames and reloads, and optimizer state is kept by it. Text, as Burn writes it: 13 characters
/// since 0.15, 10 in 0.14, a UUID before. Equal when the text is.
/// </summary>
public readonly record struct ParamId : IParsable<ParamId>
{
    private readonly string? text;

    private ParamId(string text) => this.text = text;

    /// <summary>The id with this text, as it stands in a file; whether a Burn could have written it is not asked.</summary>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public static ParamId Of(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return new ParamId(text);
    }

    /// <summary>The id that Burn writes for this number since 0.15: 13 characters.</summary>
    public static ParamId Of(ulong value) => OfCore(Core.ParamIdModule.ofUInt64(value));

    /// <summary>The id that Burn up to 0.13 writes for this UUID: 36 characters, in lower case.</summary>
    public static ParamId Of(Guid value) => new(value.ToString("D"));

    /// <summary>A new id, as Burn makes them since 0.15: 64 random bits.</summary>
    public static ParamId New() => New(Device.Cpu);

    /// <summary>A new id from the device's random numbers: <see cref="Device.Seeded"/> makes it the same again.</summary>
    /// <param name="device">The device.</param>
    public static ParamId New(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return OfCore(device.NextId());
    }

    /// <summary>The id that this text is, in the form of any Burn: base32 of at most eight bytes, or a UUID with hyphens. The text stays as it is.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">No Burn writes such an id; those since 0.15 do not read it either.</exception>
    public static ParamId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a parameter id: base32 of at most eight bytes, or a UUID.");
    }

    /// <summary>The id that this text is, if a Burn could have written it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The id.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out ParamId id)
    {
        bool valid = text is not null && Core.ParamIdModule.isValid(Core.ParamId.NewParamId(text));
        id = valid ? new(text!) : default;
        return valid;
    }

    static ParamId IParsable<ParamId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<ParamId>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ParamId result) => TryParse(s, out result);

    /// <summary>The number behind the id; null for a UUID or a text that Burn does not write.</summary>
    public ulong? Value => !string.IsNullOrEmpty(text) && Core.ParamIdModule.toUInt64(ToCore()) is { } some ? some.Value : null;

    /// <summary>Whether some Burn could have written it; one since 0.15 fails on another.</summary>
    public bool IsValid => Core.ParamIdModule.isValid(ToCore());

    /// <summary>The text of the id.</summary>
    public override string ToString() => text ?? "";

    internal static ParamId OfCore(Core.ParamId id) => new(id.Item);

    internal Core.ParamId ToCore() => Core.ParamId.NewParamId(ToString());
}
