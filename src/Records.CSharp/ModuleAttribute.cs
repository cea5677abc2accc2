namespace Records;

/// <summary>Marks a partial record or class whose parameters and modules are recorded.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModuleAttribute : Attribute;
