namespace Records;

/// <summary>Names a parameter for life: it survives renames and reloads.</summary>
public readonly record struct ParamId
{
    private readonly string? text;

    private ParamId(string text) => this.text = text;

    /// <summary>The id with this text, as Burn writes it.</summary>
    /// <param name="text">The text of the id.</param>
    public static ParamId Of(string text) => new(text);

    /// <summary>The text of the id.</summary>
    public override string ToString() => text ?? "";
}
