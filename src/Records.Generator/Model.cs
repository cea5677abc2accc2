using System;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Records.Generator;

internal enum ShapeKind
{
    Param,
    Module,

    /// <summary>A constant without parts.</summary>
    Single,
    Optional,
    List,

    /// <summary>A list whose length is part of the type.</summary>
    Array,
    Tuple,

    /// <summary>A number, text or truth value that is stored; in a [Record] alone, as the kinds that follow.</summary>
    Scalar,
    Tensor,

    /// <summary>Another record.</summary>
    Record,

    /// <summary>A constant that stands in a record itself: a ConstantRecord.</summary>
    Constant,

    /// <summary>Values by text.</summary>
    Map,

    /// <summary>Values by parameter id.</summary>
    MapById,
}

/// <summary>How a list is held, which decides how it is read and made again.</summary>
internal enum ListForm
{
    /// <summary>An array fits, and it can be indexed: T[], IReadOnlyList.</summary>
    Plain,

    /// <summary>An array fits, but it has to be copied to be indexed: IList.</summary>
    Copied,

    /// <summary>A collection expression makes it: List, ImmutableArray, ImmutableList.</summary>
    Collected,
}

/// <summary>What a property holds.</summary>
/// <param name="Kind">Which of the ways to hold it is.</param>
/// <param name="Type">A module's type, in full; of what a [Record] stores, whatever it is, its type.</param>
/// <param name="Record">A module's record type, in full.</param>
/// <param name="IsValue">Of an optional: whether the value inside is a value type. Of what a [Record] stores, whether it is one itself.</param>
/// <param name="Length">Of an array.</param>
/// <param name="Form">Of a list or array.</param>
/// <param name="Items">Of an optional, list or array the item; of a tuple each item.</param>
internal sealed record Shape(
    ShapeKind Kind,
    string Type,
    string Record,
    bool IsValue,
    int Length,
    ListForm Form,
    EquatableArray<Shape> Items)
{
    public static Shape Leaf(ShapeKind kind, string type = "", string record = "") => new(kind, type, record, false, 0, ListForm.Plain, default);

    public static Shape Optional(Shape item, bool isValue) => new(ShapeKind.Optional, "", "", isValue, 0, ListForm.Plain, One(item));

    public static Shape List(Shape item, ListForm form) => new(ShapeKind.List, "", "", false, 0, form, One(item));

    public static Shape Tuple(EquatableArray<Shape> items) => new(ShapeKind.Tuple, "", "", true, 0, ListForm.Plain, items);

    /// <summary>Whether nothing in it is ever saved.</summary>
    public bool IsConstant => Kind is ShapeKind.Single || (Items.Count > 0 && Items.All(item => item.IsConstant));

    public Shape Item => Items[0];

    private static EquatableArray<Shape> One(Shape item) => new[] { item }.ToEquatableArray();
}

/// <summary>A property that is recorded.</summary>
/// <param name="Property">Its name, as the symbol has it.</param>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">What it holds.</param>
/// <param name="Type">Its type, in full.</param>
/// <param name="BackingField">The field behind it, when only that can be set on a copy.</param>
/// <param name="Former">The names that older files have for it.</param>
/// <param name="HasDefault">Whether older files may lack it.</param>
/// <param name="Fallback">What a [Record] has where a file lacks it, as source.</param>
internal sealed record FieldModel(
    string Property,
    string Name,
    Shape Shape,
    string Type,
    string? BackingField,
    EquatableArray<string> Former = default,
    bool HasDefault = false,
    string? Fallback = null);

/// <summary>The version of a type and the ways to it.</summary>
/// <param name="Number">The version.</param>
/// <param name="Migrations">The ways.</param>
internal sealed record VersionsModel(int Number, EquatableArray<MigrationModel> Migrations);

/// <summary>A way from an older version.</summary>
/// <param name="Method">The method, in full.</param>
/// <param name="From">The version that it starts from.</param>
/// <param name="Old">The older type's record, in full; null for a tree.</param>
/// <param name="Schema">The property with the schema of a tree, in full.</param>
internal sealed record MigrationModel(string Method, int From, string? Old, string? Schema);

/// <summary>A case of an enum module.</summary>
/// <param name="Case">The nested record's name.</param>
/// <param name="Name">The variant's name in the file.</param>
/// <param name="Field">Its one member.</param>
/// <param name="Making">How one is made of its member, in a [Record].</param>
internal sealed record CaseModel(string Case, string Name, FieldModel Field, MakingModel Making);

/// <summary>How a record is made of its fields.</summary>
/// <param name="Arguments">What its constructor takes: the parameter's name and the property.</param>
/// <param name="Initialised">The properties that are set after that.</param>
internal sealed record MakingModel(EquatableArray<ArgumentModel> Arguments, EquatableArray<string> Initialised)
{
    public static readonly MakingModel None = new(default, default);
}

/// <summary>An argument of a constructor.</summary>
internal sealed record ArgumentModel(string Parameter, string Property);

/// <summary>A type around a module, as it is declared again.</summary>
internal sealed record ContainerModel(string Keyword, string Name);

/// <summary>
/// A module or record, and what is made of it. It has layouts when the user says how older versions of Burn wrote it. A [Record] stores
/// values: it is its own record, and is made of its fields.
/// </summary>
internal sealed record ModuleModel(
    string Namespace,
    EquatableArray<ContainerModel> Containers,
    string Name,
    string FullName,
    string FullRecordName,
    string Accessibility,
    bool IsRecord,
    bool IsEnum,
    bool WritesToString,
    UserDescribe Describe,
    bool HasLayouts,
    bool StoresValues,
    MakingModel Making,
    EquatableArray<FieldModel> Fields,
    EquatableArray<CaseModel> Cases,
    VersionsModel? Versions)
{
    public string RecordName => Name + "Record";

    public string HintName => FullName.Replace("global::", "").Replace("@", "") + ".g.cs";
}

/// <summary>Whether the user says how a module is printed.</summary>
internal enum UserDescribe
{
    No,

    /// <summary>A method Describe, which is called.</summary>
    Method,

    /// <summary>IModule.Describe itself, which is left alone.</summary>
    Interface,
}

/// <summary>A place in the source, held without the tree it is from.</summary>
internal sealed record LocationModel(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationModel? Of(Location? location) =>
        location?.SourceTree is null ? null : new(location.SourceTree.FilePath, location.SourceSpan, location.GetLineSpan().Span);

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

/// <summary>Something to tell the user.</summary>
internal sealed record DiagnosticModel(string Id, LocationModel? Location, EquatableArray<string> Arguments)
{
    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Diagnostics.ById(Id), Location?.ToLocation(), Arguments.Cast<object>().ToArray());
}

/// <summary>What one marked type came to: a module, or what is wrong with it.</summary>
internal sealed record ParseResult(ModuleModel? Module, EquatableArray<DiagnosticModel> Problems);
