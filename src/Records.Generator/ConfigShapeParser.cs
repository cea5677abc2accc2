using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Records.Generator;

/// <summary>What a type is to a config.</summary>
/// <param name="named">The name of an enum's value in the file, where it is said.</param>
internal sealed class ConfigShapeParser(System.Func<ISymbol, string?> named)
{
    private const string Collections = "System.Collections.Generic.";
    private const string Immutables = "System.Collections.Immutable.";

    private static readonly SymbolDisplayFormat Full =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The shape, or the rule that the type breaks (null where the compiler says it itself) and the type that breaks it.</summary>
    public (ConfigShape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) Parse(ITypeSymbol type)
    {
        string name = type.ToDisplayString(Full);
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return Wrap(Parse(nullable.TypeArguments[0]), item => ConfigShape.Of(ConfigKind.Optional, name, item) with { IsValue = true });
        if (type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated)
            return Wrap(Parse(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)), item => ConfigShape.Of(ConfigKind.Optional, name, item));
        if (type.TypeKind == TypeKind.Error)
            return (null, null, type);
        if (Leaf(type) is { } kind)
            return (ConfigShape.Leaf(kind, name), null, type);
        if (type.TypeKind == TypeKind.Enum)
            return (ConfigShape.Leaf(ConfigKind.Enum, name) with { Names = Values(type, name).ToEquatableArray() }, null, type);
        if (IsConfig(type))
            return (ConfigShape.Leaf(ConfigKind.Config, name), null, type);
        if (type is INamedTypeSymbol { IsTupleType: true } tuple)
            return Tuple(tuple, name);
        if (Item(type) is var (item, form) && item is not null)
            return Wrap(Parse(item), held => ConfigShape.Of(ConfigKind.List, name, held) with { Form = form });
        if (Entries(type) is var (key, value, dictionary) && key is not null && value is not null)
            return Map(key, value, dictionary, name);
        return (null, Rule(type), type);
    }

    public static bool IsConfig(ITypeSymbol type) =>
        type is INamedTypeSymbol { Arity: 0 } && (ShapeParser.Has(type, "ConfigAttribute") || type.AllInterfaces.Any(contract =>
            contract is { Name: "IConfig", Arity: 1, ContainingNamespace: { Name: "Records", ContainingNamespace.IsGlobalNamespace: true } }
            && SymbolEqualityComparer.Default.Equals(contract.TypeArguments[0], type)));

    private static (ConfigShape?, DiagnosticDescriptor?, ITypeSymbol) Wrap(
        (ConfigShape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) inner,
        System.Func<ConfigShape, ConfigShape> wrap) => (inner.Shape is null ? null : wrap(inner.Shape), inner.Rule, inner.Culprit);

    private static ConfigKind? Leaf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => ConfigKind.Bool,
        SpecialType.System_String => ConfigKind.Text,
        SpecialType.System_Char => ConfigKind.Letter,
        SpecialType.System_Single or SpecialType.System_Double => ConfigKind.Float,
        (>= SpecialType.System_SByte and <= SpecialType.System_UInt64) or SpecialType.System_IntPtr or SpecialType.System_UIntPtr => ConfigKind.Integer,
        _ => null,
    };

    private IEnumerable<NamedValueModel> Values(ITypeSymbol type, string name) =>
        type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue)
            .Select(field => new NamedValueModel(named(field) ?? field.Name, name + "." + Emitter.Id(field.Name)));

    private (ConfigShape?, DiagnosticDescriptor?, ITypeSymbol) Tuple(INamedTypeSymbol tuple, string name)
    {
        var items = new List<ConfigShape>();
        foreach (var element in tuple.TupleElements)
        {
            var parsed = Parse(element.Type);
            if (parsed.Shape is null)
                return parsed;
            items.Add(parsed.Shape);
        }

        return (ConfigShape.Of(ConfigKind.Tuple, name, items.ToArray()), null, tuple);
    }

    private (ConfigShape?, DiagnosticDescriptor?, ITypeSymbol) Map(ITypeSymbol key, ITypeSymbol value, ConfigForm form, string name)
    {
        var keys = Parse(key);
        if (keys.Shape is not { } keyShape)
            return keys;
        if (keyShape.Kind is not (ConfigKind.Text or ConfigKind.Integer or ConfigKind.Enum))
            return (null, ConfigDiagnostics.WrongKey, key);
        return Wrap(Parse(value), held => ConfigShape.Of(ConfigKind.Map, name, keyShape, held) with { Form = form });
    }

    private static (ITypeSymbol? Item, ConfigForm Form) Item(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => (array.ElementType, ConfigForm.Plain),
        INamedTypeSymbol { Arity: 1 } generic => Name(generic) switch
        {
            Collections + "IReadOnlyList" or Collections + "IList" => (generic.TypeArguments[0], ConfigForm.Plain),
            Collections + "List" or Immutables + "ImmutableList" => (generic.TypeArguments[0], ConfigForm.Collected),
            Immutables + "ImmutableArray" => (generic.TypeArguments[0], ConfigForm.ImmutableArray),
            _ => (null, default),
        },
        _ => (null, default),
    };

    private static (ITypeSymbol? Key, ITypeSymbol? Value, ConfigForm Form) Entries(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { Arity: 2 } generic)
            return default;
        ConfigForm? form = Name(generic) switch
        {
            Collections + "Dictionary" or Collections + "IDictionary" or Collections + "IReadOnlyDictionary" => ConfigForm.Plain,
            Collections + "SortedDictionary" => ConfigForm.Sorted,
            Immutables + "ImmutableDictionary" => ConfigForm.ImmutableDictionary,
            _ => null,
        };
        return form is { } found ? (generic.TypeArguments[0], generic.TypeArguments[1], found) : default;
    }

    private static string Name(INamedTypeSymbol generic) => generic.ContainingNamespace.ToDisplayString() + "." + generic.Name;

    private static DiagnosticDescriptor Rule(ITypeSymbol type) =>
        ShapeParser.IsNamed(type, "Tensor") || ShapeParser.HoldsParameters(type) ? ConfigDiagnostics.Tensors
        : type is { TypeKind: TypeKind.Class or TypeKind.Struct } && type.Locations.Any(location => location.IsInSource) ? ConfigDiagnostics.Unmarked
        : ConfigDiagnostics.NotWritable;
}
