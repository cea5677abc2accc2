namespace Records;

/// <summary>Leaves a property out of the record altogether: no field is written, and loading keeps the module's value.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property, Inherited = false)]
public sealed class NotRecordedAttribute : Attribute;
