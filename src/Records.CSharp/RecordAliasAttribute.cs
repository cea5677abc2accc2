namespace Records;

/// <summary>Names that older files have for a property: <c>[RecordAlias("fc")]</c>. Formats without names do not need them.</summary>
/// <param name="names">The former names.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class RecordAliasAttribute(params string[] names) : Attribute
{
    /// <summary>The former names.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}
