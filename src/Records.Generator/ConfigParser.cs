using System.Collections.Generic;
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
        if (!Declared.IsPartial(syntax))
            Report(ConfigDiagnostics.NotPartial, type, type.Name);
        if (type.Arity > 0)
            Report(ConfigDiagnostics.Generic, type, type.Name);
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            if (outer.Arity > 0)
                Report(ConfigDiagnostics.Generic, type, outer.Name);
            if (!outer.DeclaringSyntaxReferences.All(reference => Declared.IsPartial(reference.GetSyntax())))
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
        Declared.NoClash(Report, type, own.Select(field => (field.Property, field.Name)));
        Declared.NoClash(Report, type, cases.Select(item => (item.Case, item.Name)));
        return new(
            Declared.Namespace(type),
            Declared.Containers(type),
            type.Name,
            type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            type.IsAbstract,
            Declared.WritesToString(type),
            own.ToEquatableArray(),
            cases.ToEquatableArray());
    }

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
        Declared.NoClash(Report, nested, members.Select(field => (field.Property, field.Name)));
        var positional = ConfigFieldParser.Primary(nested)?.Parameters ?? [];
        bool isNamed = positional.Length == 0 || ShapeParser.Has(nested, "NamedFieldsAttribute");
        if (!isNamed && members.Any(member => positional.All(parameter => parameter.Name != member.Property)))
            Report(ConfigDiagnostics.Mixed, nested, nested.Name);
        var form = members.Count == 0 ? CaseForm.Unit : isNamed ? CaseForm.Struct : members.Count == 1 ? CaseForm.Single : CaseForm.Tuple;
        return new(nested.Name, names.Said(nested) ?? nested.Name, form, members.ToEquatableArray());
    }

    private void Report(DiagnosticDescriptor rule, ISymbol where, params string[] arguments) =>
        problems.Add(new(rule.Id, LocationModel.Of(where.Locations.FirstOrDefault()), arguments.ToEquatableArray()));
}
