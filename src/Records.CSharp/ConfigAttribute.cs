namespace Records;

/// <summary>
/// Marks a partial record of hyper-parameters that is saved as Burn saves its configs: <c>config.json</c>. Its other half is generated:
/// <c>With…</c> for each property, <c>Save</c>, <c>Load</c> and their async twins.
/// </summary>
/// <remarks>
/// A property holds a number, a bool, a text, a char, an enum, another config, or a nullable, list, array, tuple or dictionary of these.
/// As in Burn, those without a default come first in the file, then nullable ones, then those with a default; unknown names are passed
/// over when it is read. What the file lacks has its default.
/// <para>
/// On an abstract partial record with nested sealed records it marks a choice, one of Rust's enums: a case without members is written as
/// <c>"Same"</c>, one with a positional member as <c>{"Norm": 1.0}</c>, with several as <c>{"Explicit": [1, 2]}</c>, and one with
/// properties between braces, or with <see cref="NamedFieldsAttribute"/>, as <c>{"Uniform": {"min": 0.0, "max": 1.0}}</c>.
/// </para>
/// A config is a constant of the module that holds it.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ConfigAttribute : Attribute;
