namespace Records;

/// <summary>Marks a type that is a constant as a whole: nothing of it is recorded, and its value stays the module's.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class ConstantAttribute : Attribute;
