using System.Linq;
using Microsoft.CodeAnalysis;

namespace Records.Generator;

/// <summary>Everything the generator and the analyzer can say. Ids are stable: one is never given to another meaning.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        "REC001", "A module must be partial", "'{0}' is a [{1}]: declare it partial, so that its record can be generated");

    public static readonly DiagnosticDescriptor ContainerNotPartial = Error(
        "REC002", "A type around a module must be partial", "'{0}' contains the {2} '{1}': declare it partial");

    public static readonly DiagnosticDescriptor WrongKind = Error(
        "REC003", "A module is a record or a class", "'{0}' is {1}: a [{2}] is a partial record, a partial class, or an abstract partial record whose cases are nested");

    public static readonly DiagnosticDescriptor Generic = Error(
        "REC004", "A module cannot be generic", "'{0}' has type parameters: write a {1} for each type that is needed");

    public static readonly DiagnosticDescriptor Inherits = Error(
        "REC005", "A module cannot inherit state", "'{0}' inherits from '{1}', which holds parameters: hold it in a property instead");

    public static readonly DiagnosticDescriptor NotPublic = Error(
        "REC006", "A recorded property must be public", "'{0}' is not public: make it public, or mark it [NotRecorded]");

    public static readonly DiagnosticDescriptor Settable = Error(
        "REC007", "A module is immutable", "'{0}' can be set: make it get-only or init, or mark it [NotRecorded]");

    public static readonly DiagnosticDescriptor NotRecordable = Error(
        "REC008", "A type that cannot be recorded", "'{0}' is of type '{1}', which is no parameter, module or constant: mark the type [Constant], or the property [NotRecorded]");

    public static readonly DiagnosticDescriptor Unmarked = Error(
        "REC009", "A type that holds parameters must be a module", "'{0}' is of type '{1}', which holds parameters: mark that type [Module], or the property [NotRecorded]");

    public static readonly DiagnosticDescriptor Interface = Error(
        "REC010", "An interface cannot be recorded", "'{0}' is of type '{1}', which does not say what is recorded: name the module's own type (an abstract [Module] record for a choice), or mark the property [NotRecorded]");

    public static readonly DiagnosticDescriptor Clash = Error(
        "REC011", "Two fields have one name", "'{0}' and '{1}' are both recorded as '{2}': give one of them another name with [RecordName]");

    public static readonly DiagnosticDescriptor EmptyName = Error(
        "REC012", "A record name is empty", "The [RecordName] of '{0}' is empty: give the name that the file has");

    public static readonly DiagnosticDescriptor WrongLength = Error(
        "REC013", "A length does not apply", "[Length] of '{0}' must be 1 or more, on an array or a list");

    public static readonly DiagnosticDescriptor WrongCase = Error(
        "REC014", "A case of an enum module", "'{0}' is a case of the enum {2} '{1}': make it a sealed record with exactly one member, positional or init");

    public static readonly DiagnosticDescriptor NoCases = Error(
        "REC015", "An enum module without cases", "'{0}' is abstract and has no cases: nest a sealed record for each that inherits from it");

    public static readonly DiagnosticDescriptor Reserved = Error(
        "REC016", "A name that the record needs", "'{0}' has a name that the generated record needs for itself: rename it, and keep the file's name with [RecordName]");

    public static readonly DiagnosticDescriptor StateInField = Error(
        "REC017", "State in a field", "'{0}' is a field that holds parameters, and fields are not recorded: make it a get-only property, marked [NotRecorded] if it should stay out of the record");

    public static readonly DiagnosticDescriptor Recursive = Error(
        "REC018", "A module cannot contain itself", "'{0}' contains '{1}' again: the layout of its record has no end");

    public static readonly DiagnosticDescriptor RecordExists = Error(
        "REC019", "The record's name is taken", "'{0}' needs the name '{1}' for its record: rename the other type");

    public static readonly DiagnosticDescriptor Captured = Error(
        "REC020", "State in a captured parameter", "'{0}' holds parameters and is used outside of initialisers, where it is not recorded: hold it in a get-only property and use that");

    public static readonly DiagnosticDescriptor NotStored = Error(
        "REC030", "A type that a record cannot store", "'{0}' is of type '{1}', which a record cannot store: hold a number, text, tensor or record, or a list, tuple or map of these, or mark the property [NotRecorded]");

    public static readonly DiagnosticDescriptor StoredEnum = Error(
        "REC031", "An enum cannot be stored", "'{0}' is of the enum '{1}', and no record of Burn holds a variant without a value: hold its number or its name, or mark the property [NotRecorded]");

    public static readonly DiagnosticDescriptor StoredModule = Error(
        "REC032", "A module is not its record", "'{0}' is of type '{1}', a module: hold what it records, its '{1}Record'");

    public static readonly DiagnosticDescriptor StoredConstant = Error(
        "REC033", "A constant is not stored", "'{0}' is of type '{1}', and the value of a constant is in no file: hold a ConstantRecord where a file has one, never a nullable one, or mark the property [NotRecorded]");

    public static readonly DiagnosticDescriptor Keys = Error(
        "REC034", "A key that a map cannot have", "'{0}' has keys of type '{1}': the keys of a map are texts or parameter ids");

    public static readonly DiagnosticDescriptor NotMade = Error(
        "REC035", "A record that cannot be made", "'{0}' could not be made when it is loaded: {1}");

    public static readonly DiagnosticDescriptor RecordInherits = Error(
        "REC036", "A record cannot inherit", "'{0}' inherits from '{1}', whose members would not be recorded: hold it in a property instead");

    public static readonly DiagnosticDescriptor StoredTree = Error(
        "REC037", "A tree without a type is a whole file", "'{0}' is a RecordTree, which only a whole file can be: give the part a type");

    public static readonly DiagnosticDescriptor Discarded = new(
        "REC100", "The loaded module is discarded", "'{0}' gives a new module and changes nothing: use its result, or discard it with '_ ='", "Records", DiagnosticSeverity.Warning, true);

    public static readonly DiagnosticDescriptor WrongVersion = Error(
        "REC040", "A version is 1 or more", "The [RecordVersion] of '{0}' is {1}: versions count from 1");

    public static readonly DiagnosticDescriptor VersionGap = Error(
        "REC041", "A version that nothing leads from", "'{0}' is of version {1}, and nothing leads to it from version {2}: write a static method for that, marked [RecordMigration]");

    public static readonly DiagnosticDescriptor WrongMigration = Error(
        "REC042", "A migration of another form", "'{0}' is no migration to '{1}': {2}");

    public static readonly DiagnosticDescriptor NoDefault = Error(
        "REC043", "A default without a value", "'{0}' is marked [RecordDefault] and has nothing to be where a file lacks it: make it nullable, or a parameter of the constructor with a default");

    private static readonly DiagnosticDescriptor[] All =
    [
        NotPartial, ContainerNotPartial, WrongKind, Generic, Inherits, NotPublic, Settable, NotRecordable, Unmarked, Interface, Clash,
        EmptyName, WrongLength, WrongCase, NoCases, Reserved, StateInField, Recursive, RecordExists, Captured, Discarded,
        NotStored, StoredEnum, StoredModule, StoredConstant, Keys, NotMade, RecordInherits, StoredTree,
        .. ConfigDiagnostics.All,
        WrongVersion, VersionGap, WrongMigration, NoDefault,
    ];

    public static DiagnosticDescriptor ById(string id) => All.First(descriptor => descriptor.Id == id);

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Records", DiagnosticSeverity.Error, true);
}
