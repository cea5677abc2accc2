using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>The version of a marked type, and the methods that lead to it.</summary>
internal sealed class VersionParser(INamedTypeSymbol type, bool storesValues, Compilation compilation, FieldParser.ReportProblem report)
{
    private static readonly SymbolDisplayFormat Full = SymbolDisplayFormat.FullyQualifiedFormat;

    private readonly int number = NumberOf(type);

    private string Record => storesValues ? type.Name : type.Name + "Record";

    /// <summary>The versions, or null for a type that never had another one.</summary>
    public VersionsModel? Parse()
    {
        if (number < 1)
            report(Diagnostics.WrongVersion, type, type.Name, number.ToString());
        var found = type.GetMembers().OfType<IMethodSymbol>()
            .Where(method => ShapeParser.Has(method, "RecordMigrationAttribute"))
            .Select(method => (Method: method, Way: Migration(method)))
            .ToList();
        var ways = found.Select(pair => pair.Way).OfType<MigrationModel>().ToList();
        // A method that is wrong would have led from somewhere.
        if (ways.Count == found.Count)
        {
            for (int older = 1; older < number; older++)
            {
                if (!ways.Any(way => way.From == older || (way.Old is not null && way.From > older)))
                    report(Diagnostics.VersionGap, type, type.Name, number.ToString(), older.ToString());
            }
        }

        return number > 1 ? new(number, ways.ToEquatableArray()) : null;
    }

    private static int NumberOf(ISymbol symbol) =>
        ShapeParser.Attribute(symbol, "RecordVersionAttribute") is { ConstructorArguments.Length: 1 } attribute
            ? attribute.ConstructorArguments[0].Value as int? ?? 1
            : 1;

    private MigrationModel? Migration(IMethodSymbol method)
    {
        if (number <= 1)
            return Refuse(method, $"'{type.Name}' is of version 1; give it a [RecordVersion]");
        if (!method.IsStatic || method.Parameters.Length != 1 || method.Arity > 0)
            return Refuse(method, "make it a static method of one parameter");
        if (method.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected)
            return Refuse(method, "make it public or internal, the record calls it");
        string name = $"{type.ToDisplayString(Full)}.{Emitter.Id(method.Name)}";
        var arguments = ShapeParser.Attribute(method, "RecordMigrationAttribute")!.ConstructorArguments;
        return arguments.Length == 2
            ? Tree(method, name, arguments[0].Value as int? ?? 0, arguments[1].Value as string ?? "")
            : Typed(method, name);
    }

    private MigrationModel? Tree(IMethodSymbol method, string name, int from, string schema)
    {
        if (from < 1 || from >= number)
            return Refuse(method, $"version {from} is not older than {number}");
        if (!ShapeParser.IsNamed(method.Parameters[0].Type, "RecordTree") || !ShapeParser.IsNamed(method.ReturnType, "RecordTree"))
            return Refuse(method, "it must take a RecordTree and give one");
        bool isThere = type.GetMembers(schema).Any(member =>
            member is IPropertySymbol { IsStatic: true, DeclaredAccessibility: not (Accessibility.Private or Accessibility.Protected) } property
            && ShapeParser.IsNamed(property.Type, "RecordSchema"));
        return isThere
            ? new(name, from, null, $"{type.ToDisplayString(Full)}.{Emitter.Id(schema)}")
            : Refuse(method, $"'{type.Name}' has no public or internal static property '{schema}' of type RecordSchema");
    }

    private MigrationModel? Typed(IMethodSymbol method, string name)
    {
        bool gives = storesValues ? SymbolEqualityComparer.Default.Equals(method.ReturnType, type) : method.ReturnType.Name == Record;
        if (!gives)
            return Refuse(method, $"it must give a {Record}");
        var (record, version) = Older(method);
        if (record is null)
            return Refuse(method, $"'{method.Parameters[0].Type.Name}' is no record: take the record of an older [Module], or an older [Record]");
        return version < number ? new(name, version, record, null) : Refuse(method, $"'{method.Parameters[0].Type.Name}' is of version {version}, which is not older than {number}");
    }

    /// <summary>The record that a migration takes, in full, and its version.</summary>
    private (string? Record, int Version) Older(IMethodSymbol method)
    {
        var old = method.Parameters[0].Type;
        if (old.TypeKind != TypeKind.Error)
            return ValueParser.IsRecord(old) ? (old.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(Full), NumberOf(old)) : (null, 0);
        // A module's record is not there yet when this runs, but its name is known.
        string module = old.Name.EndsWith("Record", System.StringComparison.Ordinal) ? old.Name.Substring(0, old.Name.Length - "Record".Length) : "";
        var syntax = (method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() as MethodDeclarationSyntax)?.ParameterList.Parameters[0].Type;
        if (module.Length == 0 || syntax is null)
            return (null, 0);
        var semantics = compilation.GetSemanticModel(syntax.SyntaxTree);
        IEnumerable<ISymbol> found = syntax is QualifiedNameSyntax qualified
            ? (IEnumerable<ISymbol>?)(semantics.GetSymbolInfo(qualified.Left).Symbol as INamespaceOrTypeSymbol)?.GetTypeMembers(module) ?? []
            : semantics.LookupNamespacesAndTypes(syntax.SpanStart, name: module);
        var symbol = found.OfType<INamedTypeSymbol>().FirstOrDefault(found => found.Arity == 0 && ShapeParser.Has(found, "ModuleAttribute"));
        return symbol is null ? (null, 0) : (ShapeParser.RecordOf(symbol), NumberOf(symbol));
    }

    private MigrationModel? Refuse(IMethodSymbol method, string reason)
    {
        report(Diagnostics.WrongMigration, method, method.Name, type.Name, reason);
        return null;
    }
}
