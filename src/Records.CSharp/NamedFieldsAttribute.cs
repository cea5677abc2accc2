namespace Records;

/// <summary>Says that the positional members of a case of a config have names in the file: <c>{"Uniform": {"min": 0.0, "max": 1.0}}</c>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NamedFieldsAttribute : Attribute;
