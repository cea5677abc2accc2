using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>How a marked type is declared, for its other half to be declared again.</summary>
internal static class Declared
{
    private static readonly SymbolDisplayFormat Escaped =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    public static string Namespace(INamedTypeSymbol type) =>
        type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(Escaped);

    /// <summary>The types around it, outermost first.</summary>
    public static EquatableArray<ContainerModel> Containers(INamedTypeSymbol type)
    {
        var containers = new List<ContainerModel>();
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            containers.Insert(0, new(Keyword(outer), outer.Name));
        return containers.ToEquatableArray();
    }

    /// <summary>Whether the user leaves its printing to us.</summary>
    public static bool WritesToString(INamedTypeSymbol type) =>
        !type.GetMembers("ToString").Any(member => member is IMethodSymbol { Parameters.Length: 0, IsImplicitlyDeclared: false });

    public static bool IsPartial(SyntaxNode node) =>
        node is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword);

    /// <summary>Tells of each name that two members have in files.</summary>
    public static void NoClash(FieldParser.ReportProblem report, INamedTypeSymbol owner, IEnumerable<(string Property, string Name)> names)
    {
        var known = new Dictionary<string, string>();
        foreach (var (property, name) in names)
        {
            if (known.TryGetValue(name, out string other))
                report(Diagnostics.Clash, owner.GetMembers(property).FirstOrDefault() ?? owner, other, property, name);
            else
                known.Add(name, property);
        }
    }

    private static string Keyword(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Interface } => "interface",
        { TypeKind: TypeKind.Struct, IsRecord: true } => "record struct",
        { TypeKind: TypeKind.Struct } => "struct",
        { IsRecord: true } => "record",
        _ => "class",
    };
}
