using System.Linq;

namespace Records.Generator;

internal enum ConfigKind
{
    Bool,
    Text,
    Letter,
    Integer,
    Float,
    Enum,
    Config,
    Optional,
    List,

    /// <summary>A list whose length is part of the type.</summary>
    Array,
    Tuple,
    Map,
}

/// <summary>How a list or dictionary is held, which decides how it is made.</summary>
internal enum ConfigForm
{
    /// <summary>An array fits, or a Dictionary.</summary>
    Plain,

    /// <summary>A collection expression makes it: List, ImmutableList.</summary>
    Collected,

    /// <summary>The same, and it may be default: ImmutableArray.</summary>
    ImmutableArray,

    /// <summary>SortedDictionary.</summary>
    Sorted,

    /// <summary>ImmutableDictionary.</summary>
    ImmutableDictionary,
}

/// <summary>What a property of a config holds.</summary>
/// <param name="Kind">Which of the ways to hold it is.</param>
/// <param name="Type">Its type, in full.</param>
/// <param name="IsValue">Of an optional: whether the value inside is a value type.</param>
/// <param name="Length">Of an array.</param>
/// <param name="Form">Of a list, array or map.</param>
/// <param name="Items">Of an optional, list or array the item; of a tuple each item; of a map key and value.</param>
/// <param name="Names">Of an enum: its values.</param>
internal sealed record ConfigShape(
    ConfigKind Kind,
    string Type,
    bool IsValue,
    int Length,
    ConfigForm Form,
    EquatableArray<ConfigShape> Items,
    EquatableArray<NamedValueModel> Names)
{
    public static ConfigShape Leaf(ConfigKind kind, string type) => new(kind, type, false, 0, ConfigForm.Plain, default, default);

    public static ConfigShape Of(ConfigKind kind, string type, params ConfigShape[] items) =>
        new(kind, type, false, 0, ConfigForm.Plain, items.ToEquatableArray(), default);

    public ConfigShape Item => Items[0];
}

/// <summary>A value of an enum: its name in the file, and in C#.</summary>
internal sealed record NamedValueModel(string Name, string Value);

/// <summary>Burn writes those without a default first, then options, then those with a default.</summary>
internal enum ConfigGroup
{
    Needed,
    Optional,
    Default,
}

/// <summary>A property of a config.</summary>
/// <param name="Property">Its name.</param>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">What it holds.</param>
/// <param name="Group">Its place in the file, and whether the file may lack it.</param>
/// <param name="IsArgument">Whether the constructor needs it: it is positional and has no default.</param>
/// <param name="IsRequired">Whether the initialiser needs it.</param>
/// <param name="WritesWith">Whether a With method is written: the user has none.</param>
internal sealed record ConfigFieldModel(
    string Property,
    string Name,
    ConfigShape Shape,
    ConfigGroup Group,
    bool IsArgument,
    bool IsRequired,
    bool WritesWith);

internal enum CaseForm
{
    /// <summary>"Same"</summary>
    Unit,

    /// <summary>{"Norm": 1.0}</summary>
    Single,

    /// <summary>{"Explicit": [1, 2]}</summary>
    Tuple,

    /// <summary>{"Uniform": {"min": 0.0, "max": 1.0}}</summary>
    Struct,
}

/// <summary>A case of a choice.</summary>
internal sealed record ConfigCaseModel(string Case, string Name, CaseForm Form, EquatableArray<ConfigFieldModel> Fields);

/// <summary>A config, and what is made of it.</summary>
internal sealed record ConfigModel(
    string Namespace,
    EquatableArray<ContainerModel> Containers,
    string Name,
    string FullName,
    bool IsChoice,
    bool WritesToString,
    EquatableArray<ConfigFieldModel> Fields,
    EquatableArray<ConfigCaseModel> Cases)
{
    public string HintName => FullName.Replace("global::", "").Replace("@", "") + ".Config.g.cs";

    /// <summary>The fields in the order of the file.</summary>
    public ConfigFieldModel[] InFile => Fields.OrderBy(member => member.Group).ToArray();
}

/// <summary>What one marked type came to: a config, or what is wrong with it.</summary>
internal sealed record ConfigResult(ConfigModel? Config, EquatableArray<DiagnosticModel> Problems);
