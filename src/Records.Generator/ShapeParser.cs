using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Records.Generator;

/// <summary>What a type is to a record: a parameter, a module, a constant, or several of these.</summary>
internal static class ShapeParser
{
    private const string Lists = "System.Collections.Generic.";
    private const string Immutables = "System.Collections.Immutable.";

    /// <summary>The shape, or the rule that the type breaks (null where the compiler says it itself) and the type that breaks it.</summary>
    public static (Shape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) Parse(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return Wrap(Parse(nullable.TypeArguments[0]), static item => Shape.Optional(item, isValue: true));
        if (type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated)
            return Wrap(Parse(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)), static item => Shape.Optional(item, isValue: false));
        if (type.TypeKind == TypeKind.Error)
            return (null, null, type);
        if (IsNamed(type, "Param"))
            return (Shape.Leaf(ShapeKind.Param), null, type);
        if (IsScalar(type) || IsNamed(type, "Tensor") || ((Has(type, "ConstantAttribute") || ConfigShapeParser.IsConfig(type)) && !HoldsParameters(type)))
            return (Shape.Leaf(ShapeKind.Single), null, type);
        if (Module(type) is { } module)
            return (module, null, type);
        if (type is INamedTypeSymbol { IsTupleType: true } tuple)
            return Tuple(tuple);
        if (Item(type) is var (item, form) && item is not null)
            return Wrap(Parse(item), held => Shape.List(held, form));
        return (null, Rule(type), type);
    }

    public static bool Has(ISymbol symbol, string attribute) => Attribute(symbol, attribute) is not null;

    public static AttributeData? Attribute(ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is { } type && IsNamed(type, name));

    /// <summary>Whether it is a parameter or module, or something that holds one.</summary>
    public static bool HoldsParameters(ITypeSymbol type) => Holds(type, 0);

    public static bool IsModule(ITypeSymbol type) => Has(type, "ModuleAttribute") || Contract(type) is not null;

    /// <summary>The types a type is made of: items of lists, arrays, tuples and nullables, or the type itself.</summary>
    public static IEnumerable<ITypeSymbol> Leaves(ITypeSymbol type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => Leaves(nullable.TypeArguments[0]),
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.SelectMany(element => Leaves(element.Type)),
        _ when Item(type).Item is { } item => Leaves(item),
        _ => [type],
    };

    public static bool IsNamed(ITypeSymbol type, string name) =>
        type.Name == name && type is INamedTypeSymbol { Arity: 0, ContainingType: null }
        && type.ContainingNamespace is { Name: "Records", ContainingNamespace.IsGlobalNamespace: true };

    private static (Shape?, DiagnosticDescriptor?, ITypeSymbol) Wrap(
        (Shape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) inner,
        System.Func<Shape, Shape> wrap) => (inner.Shape is null ? null : wrap(inner.Shape), inner.Rule, inner.Culprit);

    private static (Shape?, DiagnosticDescriptor?, ITypeSymbol) Tuple(INamedTypeSymbol tuple)
    {
        var items = new List<Shape>();
        foreach (var element in tuple.TupleElements)
        {
            var parsed = Parse(element.Type);
            if (parsed.Shape is null)
                return parsed;
            items.Add(parsed.Shape);
        }

        return (Shape.Tuple(items.ToEquatableArray()), null, tuple);
    }

    private static Shape? Module(ITypeSymbol type)
    {
        string name = type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        if (Contract(type) is { } contract)
            return Shape.Leaf(ShapeKind.Module, name, contract.TypeArguments[1].ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
        // Of this compilation: what is generated for it is not seen here, but its name is known.
        return Has(type, "ModuleAttribute") && type is INamedTypeSymbol { Arity: 0 } ? Shape.Leaf(ShapeKind.Module, name, RecordOf(type)) : null;
    }

    public static string RecordOf(ITypeSymbol module)
    {
        string around = module.ContainingType?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)
            ?? (module.ContainingNamespace.IsGlobalNamespace
                ? "global::"
                : module.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
        return around + (around.EndsWith("::", System.StringComparison.Ordinal) ? "" : ".") + module.Name + "Record";
    }

    private static INamedTypeSymbol? Contract(ITypeSymbol type) => type.AllInterfaces.FirstOrDefault(contract =>
        contract is { Name: "IModule", Arity: 2, ContainingNamespace: { Name: "Records", ContainingNamespace.IsGlobalNamespace: true } }
        && SymbolEqualityComparer.Default.Equals(contract.TypeArguments[0], type));

    private static (ITypeSymbol? Item, ListForm Form) Item(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => (array.ElementType, ListForm.Plain),
        INamedTypeSymbol { Arity: 1, IsGenericType: true } generic => (generic.ContainingNamespace.ToDisplayString() + "." + generic.Name) switch
        {
            Lists + "IReadOnlyList" => (generic.TypeArguments[0], ListForm.Plain),
            Lists + "IList" => (generic.TypeArguments[0], ListForm.Copied),
            Lists + "List" or Immutables + "ImmutableArray" or Immutables + "ImmutableList" => (generic.TypeArguments[0], ListForm.Collected),
            _ => (null, default),
        },
        _ => (null, default),
    };

    private static bool IsScalar(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum
        || type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Char or SpecialType.System_String
            or SpecialType.System_IntPtr or SpecialType.System_UIntPtr
            or (>= SpecialType.System_SByte and <= SpecialType.System_Double)
        || type is { Name: "Half" or "Int128" or "UInt128", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };

    private static DiagnosticDescriptor Rule(ITypeSymbol type) =>
        type.TypeKind is TypeKind.Interface or TypeKind.Delegate || type.SpecialType == SpecialType.System_Object ? Diagnostics.Interface
        : Has(type, "ModuleAttribute") ? Diagnostics.Generic
        : HoldsParameters(type) ? Diagnostics.Unmarked
        : Diagnostics.NotRecordable;

    private static bool Holds(ITypeSymbol type, int depth)
    {
        foreach (var leaf in Leaves(type))
        {
            if (IsNamed(leaf, "Param") || IsModule(leaf) || (leaf.BaseType is { } parent && IsModule(parent)))
                return true;
            // Types of the framework hold none, and a chain of unmarked types this long is not looked through.
            if (depth < 4 && leaf.Locations.Any(location => location.IsInSource)
                && leaf.GetMembers().Any(member => member is IFieldSymbol { IsStatic: false } field && Holds(field.Type, depth + 1)))
                return true;
            if (leaf is INamedTypeSymbol { IsGenericType: true } generic && depth < 4 && generic.TypeArguments.Any(argument => Holds(argument, depth + 1)))
                return true;
        }

        return false;
    }
}
