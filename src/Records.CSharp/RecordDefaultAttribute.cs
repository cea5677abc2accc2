namespace Records;

/// <summary>
/// A property that older files may lack: a module keeps what it has, a record takes the default of its constructor's parameter.
/// Formats without names need a <see cref="RecordVersionAttribute"/> for that, since nothing in them says what is there.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class RecordDefaultAttribute : Attribute;
