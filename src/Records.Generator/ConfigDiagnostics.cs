using Microsoft.CodeAnalysis;

namespace Records.Generator;

/// <summary>What the generator says about configs. Ids are stable.</summary>
internal static class ConfigDiagnostics
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        "REC050", "A config must be partial", "'{0}' is a [Config]: declare it partial, so that its other half can be generated");

    public static readonly DiagnosticDescriptor ContainerNotPartial = Error(
        "REC051", "A type around a config must be partial", "'{0}' contains the config '{1}': declare it partial");

    public static readonly DiagnosticDescriptor WrongKind = Error(
        "REC052", "A config is a record", "'{0}' is {1}: a [Config] is a partial record, or an abstract partial record whose cases are nested");

    public static readonly DiagnosticDescriptor Generic = Error(
        "REC053", "A config cannot be generic", "'{0}' has type parameters: write a config for each type that is needed");

    public static readonly DiagnosticDescriptor Inherits = Error(
        "REC054", "A config cannot inherit", "'{0}' inherits from '{1}': hold that in a property instead");

    public static readonly DiagnosticDescriptor NotInitialisable = Error(
        "REC055", "A property of a config is public and init", "'{0}' cannot be initialised by everyone: declare it public with get and init, or mark it [NotRecorded]");

    public static readonly DiagnosticDescriptor NotWritable = Error(
        "REC056", "A type that a config cannot hold", "'{0}' is of type '{1}', which is no number, bool, text, enum or config, nor made of these: hold it as one of them, or mark the property [NotRecorded]");

    public static readonly DiagnosticDescriptor Unmarked = Error(
        "REC057", "A type in a config must be a config", "'{0}' is of type '{1}': mark that type [Config], or the property [NotRecorded]");

    public static readonly DiagnosticDescriptor Tensors = Error(
        "REC058", "A config holds no tensors", "'{0}' is of type '{1}', which holds tensors: a config is what a record does not hold, so keep it in a module");

    public static readonly DiagnosticDescriptor WrongKey = Error(
        "REC059", "A key that JSON does not have", "'{0}' has keys of type '{1}': names in JSON are texts, so a key is a string, an integer or an enum");

    public static readonly DiagnosticDescriptor WrongCase = Error(
        "REC060", "A case of a choice", "'{0}' is a case of the config '{1}': make it a sealed record; what all cases share has to be in each");

    public static readonly DiagnosticDescriptor NoCases = Error(
        "REC061", "A choice without cases", "'{0}' is abstract and has no cases: nest a sealed record for each that inherits from it");

    public static readonly DiagnosticDescriptor Mixed = Error(
        "REC062", "A case with two kinds of members", "'{0}' has positional members and others: mark it [NamedFields], or make all of them positional");

    public static readonly DiagnosticDescriptor Reserved = Error(
        "REC063", "A name that the config needs", "'{0}' has a name that the generated half needs for itself: rename it, and keep the file's name with [RecordName]");

    public static readonly DiagnosticDescriptor NoConstructor = Error(
        "REC064", "A config that cannot be made", "'{0}' cannot be made from a file: give it a positional constructor, or one without parameters");

    public static readonly DiagnosticDescriptor NoDefault = Error(
        "REC065", "A parameter that no file gives", "'{0}' is not in the file, and the constructor needs it: give it a default");

    public static readonly DiagnosticDescriptor Both = Error(
        "REC066", "A config is nothing else", "'{0}' is a [Config] and a [{1}]: a config is a constant of the module that holds it, and no part of a record");

    public static readonly DiagnosticDescriptor[] All =
    [
        NotPartial, ContainerNotPartial, WrongKind, Generic, Inherits, NotInitialisable, NotWritable, Unmarked, Tensors, WrongKey, WrongCase,
        NoCases, Mixed, Reserved, NoConstructor, NoDefault, Both,
    ];

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Records", DiagnosticSeverity.Error, true);
}
