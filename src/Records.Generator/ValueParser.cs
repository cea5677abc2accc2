using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>What a type is to a [Record], which stores every value it has.</summary>
internal sealed class ValueParser(Compilation compilation)
{
    private const string Collections = "System.Collections.Generic.";
    private const string Immutables = "System.Collections.Immutable.";

    private static readonly SymbolDisplayFormat Full = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <summary>The shape of what the property stores, or the rule that its type breaks and the type that breaks it.</summary>
    public (Shape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) Parse(IPropertySymbol property) => Parse(property.Type, property);

    /// <summary>The types that a stored type is made of.</summary>
    public static IEnumerable<ITypeSymbol> Leaves(ITypeSymbol type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => Leaves(nullable.TypeArguments[0]),
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.SelectMany(element => Leaves(element.Type)),
        IArrayTypeSymbol array => Leaves(array.ElementType),
        INamedTypeSymbol { IsGenericType: true } generic => generic.TypeArguments.SelectMany(Leaves),
        _ => [type],
    };

    public static bool IsRecord(ITypeSymbol type) => ShapeParser.Has(type, "RecordAttribute") || type.AllInterfaces.Any(contract =>
        contract is { Name: "IRecord", Arity: 1, ContainingNamespace: { Name: "Records", ContainingNamespace.IsGlobalNamespace: true } }
        && SymbolEqualityComparer.Default.Equals(contract.TypeArguments[0], type));

    private (Shape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) Parse(ITypeSymbol type, IPropertySymbol property)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return Optional(Parse(nullable.TypeArguments[0], property));
        if (type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated)
            return Optional(Parse(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated), property));
        if (type.TypeKind == TypeKind.Error)
            return (Generated(type, property), null, type);
        string name = type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(Full);
        if (ShapeParser.IsNamed(type, "Param"))
            return (Leaf(ShapeKind.Param, name), null, type);
        if (ShapeParser.IsNamed(type, "Tensor"))
            return (Leaf(ShapeKind.Tensor, name), null, type);
        if (ShapeParser.IsNamed(type, "ConstantRecord"))
            return (Leaf(ShapeKind.Constant, name), null, type);
        if (ShapeParser.IsNamed(type, "RecordTree"))
            return (null, Diagnostics.StoredTree, type);
        if (IsScalar(type))
            return (Leaf(ShapeKind.Scalar, name, type.IsValueType), null, type);
        // A name that another assembly has may be one that is about to be generated, nearer by.
        if (IsRecord(type) && !type.Locations.Any(location => location.IsInSource) && Generated(type, property) is { } nearer)
            return (nearer, null, type);
        if (IsRecord(type) && type is INamedTypeSymbol { IsGenericType: false })
            return (Leaf(ShapeKind.Record, name, type.IsValueType), null, type);
        if (type is INamedTypeSymbol { IsTupleType: true, TupleElements.Length: > 1 } tuple)
            return Tuple(tuple, property);
        if (Item(type) is var (item, around, form) && item is not null)
            return List(Parse(item, property), type, around, form);
        if (type is INamedTypeSymbol { Arity: 2 } generic && IsMap(generic))
            return Map(generic, property);
        return (null, Rule(type), type);
    }

    // A module's record is not there yet when this runs, but its name is known: MlpRecord is what the [Module] Mlp records.
    private Shape? Generated(ITypeSymbol missing, IPropertySymbol property)
    {
        if (!missing.Name.EndsWith("Record", System.StringComparison.Ordinal) || missing is INamedTypeSymbol { Arity: > 0 })
            return null;
        string module = missing.Name.Substring(0, missing.Name.Length - "Record".Length);
        var written = property.DeclaringSyntaxReferences
            .SelectMany(reference => reference.GetSyntax().DescendantNodes())
            .OfType<IdentifierNameSyntax>()
            .FirstOrDefault(name => name.Identifier.ValueText == missing.Name);
        if (written is null)
            return null;
        var semantics = compilation.GetSemanticModel(written.SyntaxTree);
        INamespaceOrTypeSymbol? around = written.Parent switch
        {
            QualifiedNameSyntax qualified when qualified.Right == written => semantics.GetSymbolInfo(qualified.Left).Symbol as INamespaceOrTypeSymbol,
            AliasQualifiedNameSyntax { Alias.Identifier.ValueText: "global" } => compilation.GlobalNamespace,
            _ => null,
        };
        var found = written.Parent is QualifiedNameSyntax or AliasQualifiedNameSyntax
            ? (IEnumerable<ISymbol>?)around?.GetTypeMembers(module) ?? []
            : semantics.LookupNamespacesAndTypes(written.SpanStart, name: module);
        var symbol = found.OfType<INamedTypeSymbol>().FirstOrDefault(type => type.Arity == 0 && ShapeParser.Has(type, "ModuleAttribute"));
        return symbol is null ? null : Leaf(ShapeKind.Record, ShapeParser.RecordOf(symbol));
    }

    private (Shape?, DiagnosticDescriptor?, ITypeSymbol) Tuple(INamedTypeSymbol tuple, IPropertySymbol property)
    {
        var items = new List<Shape>();
        foreach (var element in tuple.TupleElements)
        {
            var parsed = Parse(element.Type, property);
            if (parsed.Shape is null)
                return parsed;
            items.Add(parsed.Shape);
        }

        string type = $"({string.Join(", ", items.Select(item => item.Type))})";
        return (new(ShapeKind.Tuple, type, "", true, 0, ListForm.Plain, items.ToEquatableArray()), null, tuple);
    }

    private (Shape?, DiagnosticDescriptor?, ITypeSymbol) Map(INamedTypeSymbol type, IPropertySymbol property)
    {
        var key = type.TypeArguments[0];
        bool byId = ShapeParser.IsNamed(key, "ParamId");
        if (!byId && key.SpecialType != SpecialType.System_String)
            return (null, Diagnostics.Keys, key);
        var (item, rule, culprit) = Parse(type.TypeArguments[1], property);
        if (item is null)
            return (null, rule, culprit);
        string full = $"global::{Collections}{type.Name}<{(byId ? "global::Records.ParamId" : "string")}, {item.Type}>";
        // What is read keeps the order of the file, and is one of these already, but for a Dictionary.
        var form = type.Name == "Dictionary" ? ListForm.Collected : ListForm.Plain;
        return (new(byId ? ShapeKind.MapById : ShapeKind.Map, full, "", false, 0, form, One(item)), null, type);
    }

    private static (Shape?, DiagnosticDescriptor?, ITypeSymbol) List(
        (Shape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) item,
        ITypeSymbol list,
        string around,
        ListForm form) => item.Shape is { } held
        ? (new(ShapeKind.List, around.Length == 0 ? held.Type + "[]" : $"global::{around}<{held.Type}>", "", list.IsValueType, 0, form, One(held)), null, list)
        : (null, item.Rule, item.Culprit);

    private static (Shape?, DiagnosticDescriptor?, ITypeSymbol) Optional((Shape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) item) => item.Shape switch
    {
        null => item,
        // Nil is what they are when they are there.
        { Kind: ShapeKind.Constant } => (null, Diagnostics.StoredConstant, item.Culprit),
        { Kind: ShapeKind.Scalar, Type: Unit } => (null, Diagnostics.NotStored, item.Culprit),
        var held => (new(ShapeKind.Optional, held.Type + "?", "", held.IsValue, 0, ListForm.Plain, One(held)), null, item.Culprit),
    };

    private const string Unit = "global::System.ValueTuple";

    private static (ITypeSymbol? Item, string Around, ListForm Form) Item(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => (array.ElementType, "", ListForm.Collected),
        INamedTypeSymbol { Arity: 1, IsGenericType: true } generic => (generic.ContainingNamespace.ToDisplayString() + "." + generic.Name) switch
        {
            Collections + "IReadOnlyList" and var name => (generic.TypeArguments[0], name, ListForm.Plain),
            Collections + "IList" and var name => (generic.TypeArguments[0], name, ListForm.Copied),
            (Collections + "List" or Immutables + "ImmutableArray" or Immutables + "ImmutableList") and var name => (generic.TypeArguments[0], name, ListForm.Collected),
            _ => (null, "", default),
        },
        _ => (null, "", default),
    };

    private static bool IsMap(INamedTypeSymbol type) =>
        type.ContainingNamespace.ToDisplayString() + "." == Collections
        && type.Name is "IReadOnlyDictionary" or "IDictionary" or "Dictionary" or "OrderedDictionary";

    private static bool IsScalar(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_Boolean or SpecialType.System_String or SpecialType.System_IntPtr or SpecialType.System_UIntPtr
            or SpecialType.System_Single or SpecialType.System_Double
            or (>= SpecialType.System_SByte and <= SpecialType.System_UInt64)
        || ShapeParser.IsNamed(type, "BFloat16")
        || type is INamedTypeSymbol { Name: "Half" or "ValueTuple", Arity: 0, ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };

    private static DiagnosticDescriptor Rule(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum ? Diagnostics.StoredEnum
        : ShapeParser.IsModule(type) ? Diagnostics.StoredModule
        : ShapeParser.Has(type, "ConstantAttribute") ? Diagnostics.StoredConstant
        : Diagnostics.NotStored;

    private static Shape Leaf(ShapeKind kind, string type, bool isValue = false) => new(kind, type, "", isValue, 0, ListForm.Plain, default);

    private static EquatableArray<Shape> One(Shape item) => new[] { item }.ToEquatableArray();
}
