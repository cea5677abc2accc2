namespace Records;

/// <summary>Names a parameter for life: it survives renames and reloads. Text, as Burn writes it.</summary>
public readonly record struct ParamId
{
    private readonly string? text;

    private ParamId(string text) => this.text = text;

    /// <summary>The id with this text, as it stands in a file.</summary>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public static ParamId Of(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return new ParamId(text);
    }

    /// <summary>The id that Burn writes for this number since 0.15: 13 characters.</summary>
    public static ParamId Of(ulong value) => OfCore(Core.ParamIdModule.ofUInt64(value));

    /// <summary>The number behind the id; null for a UUID or a text that Burn does not write.</summary>
    public ulong? Value => text is not null && Core.ParamIdModule.toUInt64(ToCore()) is { } some ? some.Value : null;

    /// <summary>The text of the id.</summary>
    public override string ToString() => text ?? "";

    internal static ParamId OfCore(Core.ParamId id) => new(id.Item);

    internal Core.ParamId ToCore() => Core.ParamId.NewParamId(ToString());
}
