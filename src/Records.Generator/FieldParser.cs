using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>The recorded properties of a type, in the order of their declaration.</summary>
internal sealed class FieldParser(FieldParser.ReportProblem report, FieldParser.ParseShape parse, bool storesValues)
{
    public delegate void ReportProblem(DiagnosticDescriptor rule, ISymbol where, params string[] arguments);

    /// <summary>The shape, or the rule that the type breaks (null where the compiler says it itself) and the type that breaks it.</summary>
    public delegate (Shape? Shape, DiagnosticDescriptor? Rule, ITypeSymbol Culprit) ParseShape(IPropertySymbol property);

    private static readonly SymbolDisplayFormat Plain = SymbolDisplayFormat.MinimallyQualifiedFormat;

    private static readonly SymbolDisplayFormat Full =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    public List<FieldModel> Parse(INamedTypeSymbol type)
    {
        var backing = type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic).ToList();
        foreach (var field in backing)
        {
            if (field is { AssociatedSymbol: null, IsImplicitlyDeclared: false } && ShapeParser.HoldsParameters(field.Type))
                report(Diagnostics.StateInField, field, field.Name);
        }

        var fields = new List<FieldModel>();
        foreach (var property in InOrder(type))
        {
            // Only what is stored: a computed property has no field behind it.
            var stored = backing.FirstOrDefault(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));
            if (stored is not null && !IsNotRecorded(property) && Field(type, property, stored) is { } field)
                fields.Add(field);
        }

        return fields;
    }

    public static bool IsNotRecorded(IPropertySymbol property) => Attribute(property, "NotRecordedAttribute") is not null;

    /// <summary>The name that [RecordName] says, if it is there.</summary>
    public string? Said(ISymbol symbol)
    {
        var attribute = symbol is IPropertySymbol property
            ? Attribute(property, "RecordNameAttribute")
            : ShapeParser.Attribute(symbol, "RecordNameAttribute");
        if (attribute is null || attribute.ConstructorArguments.Length == 0)
            return null;
        string name = FieldName.Said(attribute.ConstructorArguments[0].Value as string ?? "");
        if (name.Length == 0)
            report(Diagnostics.EmptyName, symbol, symbol.Name);
        return name;
    }

    private FieldModel? Field(INamedTypeSymbol type, IPropertySymbol property, IFieldSymbol stored)
    {
        if (property.DeclaredAccessibility != Accessibility.Public)
            return Refuse(Diagnostics.NotPublic, property, property.Name);
        if (property.SetMethod is { IsInitOnly: false })
            return Refuse(Diagnostics.Settable, property, property.Name);
        if (property.Name is "Schema" || (property.Name == type.Name + "Record" && ShapeParser.Has(type, "ModuleAttribute")))
            return Refuse(Diagnostics.Reserved, property, property.Name);
        var (shape, rule, culprit) = parse(property);
        if (shape is null)
            return rule is null ? null : Refuse(rule, property, Arguments(rule, property, culprit));
        if (Attribute(property, "LengthAttribute") is { } length)
        {
            shape = Fix(shape, length.ConstructorArguments.FirstOrDefault().Value as int? ?? 0);
            if (shape is null)
                return Refuse(Diagnostics.WrongLength, property, property.Name);
        }

        string name = Said(property) ?? FieldName.Of(property.Name);
        // A record's copy takes what can be initialised in a with-expression; anything else is set where it is stored.
        bool through = type.IsRecord && property.SetMethod is { IsInitOnly: true };
        bool hasDefault = Attribute(property, "RecordDefaultAttribute") is not null;
        string? fallback = hasDefault && storesValues ? Fallback(property, shape) : null;
        if (hasDefault && storesValues && fallback is null)
            return Refuse(Diagnostics.NoDefault, property, property.Name);
        return new(
            property.Name,
            name,
            shape,
            property.Type.ToDisplayString(Full),
            through ? null : stored.Name,
            Former(property).ToEquatableArray(),
            hasDefault,
            fallback);
    }

    private IEnumerable<string> Former(IPropertySymbol property)
    {
        var said = Attribute(property, "RecordAliasAttribute")?.ConstructorArguments.FirstOrDefault() ?? default;
        if (said.Kind != TypedConstantKind.Array || said.IsNull)
            return [];
        var names = said.Values.Select(name => FieldName.Said(name.Value as string ?? "")).ToList();
        if (names.Any(name => name.Length == 0))
            report(Diagnostics.EmptyName, property, property.Name);
        return names;
    }

    // The default of the constructor's parameter; nothing, where that is a value.
    private static string? Fallback(IPropertySymbol property, Shape shape)
    {
        var parameter = Primary(property.ContainingType)?.Parameters.FirstOrDefault(parameter => parameter.Name == property.Name);
        if (parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: { } value })
            return $"({shape.Type.TrimEnd('?')})({SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false)})";
        return parameter is { HasExplicitDefaultValue: true } || shape.Kind == ShapeKind.Optional ? "default!" : null;
    }

    private static string[] Arguments(DiagnosticDescriptor rule, IPropertySymbol property, ITypeSymbol culprit) =>
        rule == Diagnostics.Generic ? [culprit.ToDisplayString(Plain), "module"] : [property.Name, culprit.ToDisplayString(Plain)];

    private static Shape? Fix(Shape shape, int length) => shape.Kind switch
    {
        ShapeKind.List when length > 0 => shape with { Kind = ShapeKind.Array, Length = length },
        ShapeKind.Optional when Fix(shape.Item, length) is { } item => shape with { Items = new[] { item }.ToEquatableArray() },
        _ => null,
    };

    private static IEnumerable<IPropertySymbol> InOrder(INamedTypeSymbol type)
    {
        var properties = type.GetMembers().OfType<IPropertySymbol>().Where(property => !property.IsStatic && !property.IsIndexer).ToList();
        var positions = Primary(type)?.Parameters.Select(parameter => parameter.Name).ToList() ?? [];
        return properties
            .OrderBy(property => positions.IndexOf(property.Name) is >= 0 and var position ? position : int.MaxValue)
            .ToList();
    }

    // On a positional record an attribute lands on the parameter, unless it is said to be the property's.
    private static AttributeData? Attribute(IPropertySymbol property, string name) =>
        ShapeParser.Attribute(property, name)
        ?? (Primary(property.ContainingType)?.Parameters.FirstOrDefault(parameter => parameter.Name == property.Name) is { } parameter
            ? ShapeParser.Attribute(parameter, name)
            : null);

    /// <summary>The constructor that a record's positional parameters make.</summary>
    public static IMethodSymbol? Primary(INamedTypeSymbol type) => !type.IsRecord
        ? null
        : type.InstanceConstructors.FirstOrDefault(constructor =>
            constructor.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is RecordDeclarationSyntax));

    private FieldModel? Refuse(DiagnosticDescriptor rule, ISymbol where, params string[] arguments)
    {
        report(rule, where, arguments);
        return null;
    }
}
