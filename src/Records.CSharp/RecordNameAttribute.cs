namespace Records;

/// <summary>Names a recorded field, or the variant that a case or an enum's value is, where the rule gives another name.</summary>
/// <param name="name">The name in the file; Rust's <c>r#type</c> is <c>type</c> there.</param>
// Parameter is needed: on a positional record `[RecordName("x")] Linear Fc1` lands on the parameter.
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Class, Inherited = false)]
public sealed class RecordNameAttribute(string name) : Attribute
{
    /// <summary>The name in the file.</summary>
    public string Name => name;
}
