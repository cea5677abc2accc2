using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>Parameters of a class's primary constructor that its methods use: state in a field that nobody sees.</summary>
internal static class CapturedState
{
    public static IEnumerable<IParameterSymbol> Of(INamedTypeSymbol type, Compilation compilation, CancellationToken cancellationToken)
    {
        var parameters = type.IsRecord ? [] : Primary(type)?.Parameters.Where(parameter => ShapeParser.HoldsParameters(parameter.Type)).ToList() ?? [];
        return parameters.Where(parameter => type.DeclaringSyntaxReferences.Any(reference =>
        {
            var declaration = reference.GetSyntax(cancellationToken);
            var uses = declaration.DescendantNodes().OfType<IdentifierNameSyntax>()
                .Where(name => name.Identifier.ValueText == parameter.Name && IsInBody(name, declaration));
            return uses.Any(name => SymbolEqualityComparer.Default.Equals(
                compilation.GetSemanticModel(name.SyntaxTree).GetSymbolInfo(name, cancellationToken).Symbol, parameter));
        }));
    }

    private static IMethodSymbol? Primary(INamedTypeSymbol type) => type.InstanceConstructors.FirstOrDefault(constructor =>
        constructor.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is ClassDeclarationSyntax));

    // An initialiser runs in the constructor and captures nothing.
    private static bool IsInBody(SyntaxNode name, SyntaxNode declaration) =>
        name.Ancestors().TakeWhile(node => node != declaration).Any(node => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax)
        || name.Ancestors().TakeWhile(node => node != declaration).OfType<ArrowExpressionClauseSyntax>().Any();
}
