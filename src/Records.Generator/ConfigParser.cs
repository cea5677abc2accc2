using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>Reads a [Config] into a model, or into what is wrong with it.</summary>
internal sealed class ConfigParser
{
    private readonly INamedTypeSymbol type;
    private readonly TypeDeclarationSyntax syntax;
    private readonly FieldParser names;
    private readonly ConfigFieldParser fields;
    private readonly List<DiagnosticModel> problems = [];

    private ConfigParser(GeneratorAttributeSyntaxContext found)
    {
        (type, syntax) = ((INamedTypeSymbol)found.TargetSymbol, (TypeDeclarationSyntax)found.TargetNode);
        names = new FieldParser(Report, static property => ShapeParser.Parse(property.Type), storesValues: true);
        fields = new ConfigFieldParser(Report, names.Said);
    }

    public static ConfigResult Parse(GeneratorAttributeSyntaxContext found, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var parser = new ConfigParser(found);
        // A model of a type that is wrong would only add the compiler's errors to ours.
        var model = parser.CanBeConfig() ? parser.Model() : null;
        return new(parser.problems.Count == 0 ? model : null, parser.problems.ToEquatableArray());
    }

    private bool CanBeConfig()
    {
        string? wrong =
            type.TypeKind == TypeKind.Struct ? "a struct"
            : type.TypeKind == TypeKind.Interface ? "an interface"
            : type.IsFileLocal ? "local to its file"
            : !type.IsRecord ? "a class"
            : null;
        if (wrong is not null)
            Report(ConfigDiagnostics.WrongKind, type, type.Name, wrong);
        if (!IsPartial(syntax))
            Report(ConfigDiagnostics.NotPartial, type, type.Name);
        if (type.Arity > 0)
            Report(ConfigDiagnostics.Generic, type, type.Name);
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            if (outer.Arity > 0)
                Report(ConfigDiagnostics.Generic, type, outer.Name);
            if (!outer.DeclaringSyntaxReferences.All(reference => IsPartial(reference.GetSyntax())))
                Report(ConfigDiagnostics.ContainerNotPartial, type, outer.Name, type.Name);
        }

        if (wrong is null && type.BaseType is { SpecialType: not SpecialType.System_Object } parent)
            Report(ConfigDiagnostics.Inherits, type, type.Name, parent.Name);
        foreach (string other in new[] { "Module", "Record" })
        {
            if (ShapeParser.Has(type, other + "Attribute"))
                Report(ConfigDiagnostics.Both, type, type.Name, other);
        }

        return problems.Count == 0;
    }

    private ConfigModel Model()
    {
        var own = fields.Parse(type);
        var cases = type.IsAbstract ? Cases(own) : [];
        if (!type.IsAbstract)
            fields.CanBeMade(type, own);
        NoClash(type, own.Select(field => (field.Property, field.Name)));
        NoClash(type, cases.Select(item => (item.Case, item.Name)));
        return new(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(Escaped),
            Containers().ToEquatableArray(),
            type.Name,
            type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            type.IsAbstract,
            !type.GetMembers("ToString").Any(member => member is IMethodSymbol { Parameters.Length: 0, IsImplicitlyDeclared: false }),
            own.ToEquatableArray(),
            cases.ToEquatableArray());
    }

    private static readonly SymbolDisplayFormat Escaped =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    private List<ConfigCaseModel> Cases(List<ConfigFieldModel> own)
    {
        foreach (var field in own)
            Report(ConfigDiagnostics.WrongCase, type.GetMembers(field.Property).FirstOrDefault() ?? type, field.Property, type.Name);
        var cases = new List<ConfigCaseModel>();
        foreach (var nested in type.GetTypeMembers())
        {
            if (!SymbolEqualityComparer.Default.Equals(nested.BaseType, type))
                continue;
            if (nested is not { IsRecord: true, IsSealed: true, Arity: 0 })
                Report(ConfigDiagnostics.WrongCase, nested, nested.Name, type.Name);
            else
                cases.Add(Case(nested));
        }

        if (cases.Count == 0 && problems.Count == 0)
            Report(ConfigDiagnostics.NoCases, type, type.Name);
        return cases;
    }

    private ConfigCaseModel Case(INamedTypeSymbol nested)
    {
        var members = fields.Parse(nested);
        fields.CanBeMade(nested, members);
        NoClash(nested, members.Select(field => (field.Property, field.Name)));
        var positional = ConfigFieldParser.Primary(nested)?.Parameters ?? [];
        bool isNamed = positional.Length == 0 || ShapeParser.Has(nested, "NamedFieldsAttribute");
        if (!isNamed && members.Any(member => positional.All(parameter => parameter.Name != member.Property)))
            Report(ConfigDiagnostics.Mixed, nested, nested.Name);
        var form = members.Count == 0 ? CaseForm.Unit : isNamed ? CaseForm.Struct : members.Count == 1 ? CaseForm.Single : CaseForm.Tuple;
        return new(nested.Name, names.Said(nested) ?? nested.Name, form, members.ToEquatableArray());
    }

    private void NoClash(INamedTypeSymbol owner, IEnumerable<(string Property, string Name)> all)
    {
        var known = new Dictionary<string, string>();
        foreach (var (property, name) in all)
        {
            if (known.TryGetValue(name, out string other))
                Report(Diagnostics.Clash, owner.GetMembers(property).FirstOrDefault() ?? owner, other, property, name);
            else
                known.Add(name, property);
        }
    }

    private IEnumerable<ContainerModel> Containers()
    {
        var containers = ImmutableArray.CreateBuilder<ContainerModel>();
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            containers.Insert(0, new(Keyword(outer), outer.Name));
        return containers;
    }

    private static string Keyword(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Interface } => "interface",
        { TypeKind: TypeKind.Struct, IsRecord: true } => "record struct",
        { TypeKind: TypeKind.Struct } => "struct",
        { IsRecord: true } => "record",
        _ => "class",
    };

    private static bool IsPartial(SyntaxNode node) =>
        node is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword);

    private void Report(DiagnosticDescriptor rule, ISymbol where, params string[] arguments) =>
        problems.Add(new(rule.Id, LocationModel.Of(where.Locations.FirstOrDefault()), arguments.ToEquatableArray()));
}
