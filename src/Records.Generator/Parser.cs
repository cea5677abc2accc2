using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>Reads a marked type into a model, or into what is wrong with it.</summary>
internal sealed class Parser
{
    private readonly INamedTypeSymbol type;
    private readonly TypeDeclarationSyntax syntax;
    private readonly Compilation compilation;
    private readonly CancellationToken cancellationToken;
    private readonly FieldParser fields;
    private readonly List<DiagnosticModel> problems = [];

    // Whether it is a [Record], which stores its values, and not a [Module], which records what its record holds.
    private readonly bool storesValues;

    private Parser(GeneratorAttributeSyntaxContext found, bool storesValues, CancellationToken cancellationToken)
    {
        this.storesValues = storesValues;
        (type, syntax) = ((INamedTypeSymbol)found.TargetSymbol, (TypeDeclarationSyntax)found.TargetNode);
        (compilation, this.cancellationToken) = (found.SemanticModel.Compilation, cancellationToken);
        fields = new FieldParser(Report, storesValues ? new ValueParser(compilation).Parse : static property => ShapeParser.Parse(property.Type), storesValues);
    }

    public static ParseResult Parse(GeneratorAttributeSyntaxContext found, bool storesValues, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var parser = new Parser(found, storesValues, cancellationToken);
        // A model of a type that is wrong would only add the compiler's errors to ours.
        var model = parser.CanBeMarked() ? parser.Model() : null;
        return new(parser.problems.Count == 0 ? model : null, parser.problems.ToEquatableArray());
    }

    private bool IsEnum => type is { IsAbstract: true, IsRecord: true };

    private string Mark => storesValues ? "Record" : "Module";

    private string What => storesValues ? "record" : "module";

    private bool CanBeMarked()
    {
        string? wrong =
            type.TypeKind == TypeKind.Struct ? "a struct"
            : type.IsStatic ? "static"
            : type.IsFileLocal ? "local to its file"
            : storesValues && ShapeParser.Has(type, "ModuleAttribute") ? "a [Module]"
            : type is { IsAbstract: true, IsRecord: false } ? "an abstract class"
            : null;
        if (wrong is not null)
            Report(Diagnostics.WrongKind, type, type.Name, wrong, Mark);
        if (!Declared.IsPartial(syntax))
            Report(Diagnostics.NotPartial, type, type.Name, Mark);
        if (type.Arity > 0)
            Report(Diagnostics.Generic, type, type.Name, What);
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            if (outer.Arity > 0)
                Report(Diagnostics.Generic, type, outer.Name, What);
            if (!outer.DeclaringSyntaxReferences.All(reference => Declared.IsPartial(reference.GetSyntax())))
                Report(Diagnostics.ContainerNotPartial, type, outer.Name, type.Name, What);
        }

        if (storesValues)
        {
            if (type.BaseType is { SpecialType: not SpecialType.System_Object } inherited)
                Report(Diagnostics.RecordInherits, type, type.Name, inherited.Name);
            return problems.Count == 0;
        }

        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (ShapeParser.HoldsParameters(parent))
            {
                Report(Diagnostics.Inherits, type, type.Name, parent.Name);
                break;
            }
        }

        string record = type.Name + "Record";
        var around = type.ContainingType is { } container ? container.GetTypeMembers(record) : type.ContainingNamespace.GetTypeMembers(record);
        if (around.Any(other => other.Arity == 0 && SymbolEqualityComparer.Default.Equals(other.ContainingAssembly, type.ContainingAssembly)))
            Report(Diagnostics.RecordExists, type, type.Name, record);
        return problems.Count == 0;
    }

    private ModuleModel Model()
    {
        var own = fields.Parse(type);
        foreach (var captured in CapturedState.Of(type, compilation, cancellationToken))
            Report(Diagnostics.Captured, captured, captured.Name);
        var making = storesValues && !IsEnum && problems.Count == 0 ? Making(type, own) : MakingModel.None;
        var cases = IsEnum ? Cases(own) : [];
        Declared.NoClash(Report, type, own.SelectMany(field => field.Former.Prepend(field.Name).Select(name => (field.Property, name))));
        Declared.NoClash(Report, type, cases.Select(item => (item.Case, item.Name)));
        if (Recursion.Find(type, storesValues) is { } again)
            Report(Diagnostics.Recursive, type, type.Name, again.Name);
        return new(
            Declared.Namespace(type),
            Declared.Containers(type),
            type.Name,
            type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            storesValues ? type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) : ShapeParser.RecordOf(type),
            SyntaxFacts.GetText(type.DeclaredAccessibility),
            type.IsRecord,
            IsEnum,
            Declared.WritesToString(type),
            Describe(),
            HasLayouts(),
            storesValues,
            making,
            own.ToEquatableArray(),
            cases.ToEquatableArray(),
            new VersionParser(type, storesValues, compilation, Report).Parse());
    }

    private List<CaseModel> Cases(List<FieldModel> own)
    {
        foreach (var field in own)
            Report(Diagnostics.WrongCase, type.GetMembers(field.Property).FirstOrDefault() ?? type, field.Property, type.Name, What);
        var cases = new List<CaseModel>();
        foreach (var nested in type.GetTypeMembers())
        {
            if (!SymbolEqualityComparer.Default.Equals(nested.BaseType, type))
                continue;
            int before = problems.Count;
            var members = fields.Parse(nested);
            if (nested is not { IsRecord: true, IsSealed: true, Arity: 0 } || (problems.Count == before && (members.Count != 1 || members[0].BackingField is not null)))
                Report(Diagnostics.WrongCase, nested, nested.Name, type.Name, What);
            else if (nested.Name is "Schema" || (!storesValues && nested.Name == type.Name + "Record"))
                Report(Diagnostics.Reserved, nested, nested.Name);
            else if (members.Count == 1)
                cases.Add(new(nested.Name, fields.Said(nested) ?? nested.Name, members[0], storesValues ? Making(nested, members) : MakingModel.None));
        }

        if (cases.Count == 0 && problems.Count == 0)
            Report(Diagnostics.NoCases, type, type.Name);
        return cases;
    }

    private MakingModel Making(INamedTypeSymbol made, IReadOnlyList<FieldModel> members)
    {
        var (making, problem) = MakingParser.Parse(made, members);
        if (problem is not null)
            Report(Diagnostics.NotMade, made, made.Name, problem);
        return making;
    }

    private UserDescribe Describe()
    {
        if (type.Interfaces.Any(contract => ShapeParser.IsNamed(contract, "IModule")))
            return UserDescribe.Interface;
        bool says = type.GetMembers("Describe").Any(member =>
            member is IMethodSymbol { Parameters.Length: 1 } method && ShapeParser.IsNamed(method.Parameters[0].Type, "ModuleDisplay"));
        return says ? UserDescribe.Method : UserDescribe.No;
    }

    // static RecordSchema Layouts(RecordSchema newest)
    private bool HasLayouts() => type.GetMembers("Layouts").Any(member =>
        member is IMethodSymbol { IsStatic: true, Parameters.Length: 1 } method
        && ShapeParser.IsNamed(method.Parameters[0].Type, "RecordSchema")
        && ShapeParser.IsNamed(method.ReturnType, "RecordSchema"));

    private void Report(DiagnosticDescriptor rule, ISymbol where, params string[] arguments) =>
        problems.Add(new(rule.Id, LocationModel.Of(where.Locations.FirstOrDefault()), arguments.ToEquatableArray()));
}
