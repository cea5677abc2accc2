namespace Records;

/// <summary>
/// Marks a partial record, or a partial class with get-only properties, whose parameters and modules are recorded.
/// On an abstract partial record with nested sealed records of one member each it marks an enum module.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModuleAttribute : Attribute;
