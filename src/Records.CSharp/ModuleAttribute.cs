namespace Records;

/// <summary>
/// Marks a partial record, or a partial class with get-only properties, whose parameters and modules are recorded.
/// On an abstract partial record with nested sealed records of one member each it marks an enum module.
/// </summary>
/// <remarks>
/// Two methods of the module are called when they are there: <c>void Describe(ModuleDisplay display)</c> prints the module in place of
/// its fields, and <c>internal static RecordSchema Layouts(RecordSchema newest)</c> gives the layouts that older versions of Burn had.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModuleAttribute : Attribute;
