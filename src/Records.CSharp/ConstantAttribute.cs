namespace Records;

/// <summary>Marks a type that is a constant as a whole (an activation, a config): written as none, its value stays the module's.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class ConstantAttribute : Attribute;
