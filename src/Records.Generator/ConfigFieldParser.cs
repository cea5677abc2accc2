using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>The properties of a config, or of one of its cases, in the order of their declaration.</summary>
internal sealed class ConfigFieldParser(FieldParser.ReportProblem report, System.Func<ISymbol, string?> said)
{
    private readonly ConfigShapeParser shapes = new(said);

    public List<ConfigFieldModel> Parse(INamedTypeSymbol type)
    {
        var stored = type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic).Select(field => field.AssociatedSymbol).ToList();
        var positional = Primary(type)?.Parameters.ToList() ?? [];
        var properties = type.GetMembers().OfType<IPropertySymbol>()
            .Where(property => !property.IsStatic && !property.IsIndexer
                // Only what is stored: a computed property has no field behind it.
                && stored.Contains(property, SymbolEqualityComparer.Default) && !FieldParser.IsNotRecorded(property))
            .Select(property => (property, parameter: positional.Find(parameter => parameter.Name == property.Name)))
            .OrderBy(pair => pair.parameter?.Ordinal ?? int.MaxValue);
        var fields = new List<ConfigFieldModel>();
        foreach (var (property, parameter) in properties)
        {
            if (Field(type, property, parameter) is { } field)
                fields.Add(field);
        }

        return fields;
    }

    /// <summary>Tells when a file does not give what it takes to make one.</summary>
    public void CanBeMade(INamedTypeSymbol type, List<ConfigFieldModel> fields)
    {
        if (Primary(type) is not { } primary)
        {
            if (type.InstanceConstructors.All(constructor => constructor.Parameters.Length > 0 || constructor.DeclaredAccessibility == Accessibility.Private))
                report(ConfigDiagnostics.NoConstructor, type, type.Name);
            return;
        }

        foreach (var parameter in primary.Parameters)
        {
            // A property that is wrong was told already.
            bool isMember = type.GetMembers(parameter.Name).OfType<IPropertySymbol>().Any(property => !FieldParser.IsNotRecorded(property));
            if (!parameter.HasExplicitDefaultValue && !isMember)
                report(ConfigDiagnostics.NoDefault, parameter, parameter.Name);
        }
    }

    public static IMethodSymbol? Primary(INamedTypeSymbol type) => type.InstanceConstructors.FirstOrDefault(constructor =>
        constructor.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is RecordDeclarationSyntax));

    private ConfigFieldModel? Field(INamedTypeSymbol type, IPropertySymbol property, IParameterSymbol? parameter)
    {
        if (property is not { DeclaredAccessibility: Accessibility.Public, SetMethod: { IsInitOnly: true, DeclaredAccessibility: Accessibility.Public } })
            return Refuse(ConfigDiagnostics.NotInitialisable, property, property.Name);
        if (property.Name is "Save" or "SaveAsync" or "Load" or "LoadAsync" or "ToJson")
            return Refuse(ConfigDiagnostics.Reserved, property, property.Name);
        var (shape, rule, culprit) = shapes.Parse(property.Type);
        if (shape is null)
            return rule is null ? null : Refuse(rule, property, property.Name, culprit.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
        var length = ShapeParser.Attribute(property, "LengthAttribute") ?? (parameter is null ? null : ShapeParser.Attribute(parameter, "LengthAttribute"));
        if (length is not null)
        {
            shape = Fix(shape, length.ConstructorArguments.FirstOrDefault().Value as int? ?? 0);
            if (shape is null)
                return Refuse(Diagnostics.WrongLength, property, property.Name);
        }

        var (isArgument, isDefaultNull, hasDefault) = Default(property, parameter);
        var group = hasDefault && !isDefaultNull ? ConfigGroup.Default : shape.Kind is ConfigKind.Optional ? ConfigGroup.Optional
            : hasDefault ? ConfigGroup.Default : ConfigGroup.Needed;
        bool writesWith = !type.GetMembers("With" + property.Name).Any(member => member is IMethodSymbol { Parameters.Length: 1 });
        return new(property.Name, said(property) ?? FieldName.Of(property.Name), shape, group, isArgument, property.IsRequired, writesWith);
    }

    // Whether the constructor needs it, and what it is where it is not said.
    private static (bool IsArgument, bool IsDefaultNull, bool HasDefault) Default(IPropertySymbol property, IParameterSymbol? parameter)
    {
        if (parameter is not null)
        {
            bool has = parameter.HasExplicitDefaultValue;
            return (!has, has && parameter.ExplicitDefaultValue is null && !IsPlainValue(parameter.Type), has);
        }

        var initialiser = property.DeclaringSyntaxReferences
            .Select(reference => (reference.GetSyntax() as PropertyDeclarationSyntax)?.Initializer)
            .FirstOrDefault(found => found is not null);
        bool isNull = initialiser is null ? !IsPlainValue(property.Type) : initialiser.Value.IsKind(SyntaxKind.NullLiteralExpression) || initialiser.Value.IsKind(SyntaxKind.DefaultLiteralExpression);
        return (false, isNull, !property.IsRequired);
    }

    // default of one of these is no null
    private static bool IsPlainValue(ITypeSymbol type) => type.IsValueType && type.OriginalDefinition.SpecialType != SpecialType.System_Nullable_T;

    private static ConfigShape? Fix(ConfigShape shape, int length) => shape.Kind switch
    {
        ConfigKind.List when length > 0 => shape with { Kind = ConfigKind.Array, Length = length },
        ConfigKind.Optional when Fix(shape.Item, length) is { } item => shape with { Items = new[] { item }.ToEquatableArray() },
        _ => null,
    };

    private ConfigFieldModel? Refuse(DiagnosticDescriptor rule, ISymbol where, params string[] arguments)
    {
        report(rule, where, arguments);
        return null;
    }
}
