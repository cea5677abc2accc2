using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Records.Generator;

/// <summary>Finds modules that contain themselves.</summary>
internal static class Recursion
{
    /// <summary>The member type through which the module comes back to itself, or null.</summary>
    public static ITypeSymbol? Find(INamedTypeSymbol module)
    {
        var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        return Modules(module).FirstOrDefault(member => Reaches(member, module, seen));
    }

    private static bool Reaches(ITypeSymbol from, INamedTypeSymbol target, HashSet<ITypeSymbol> seen) =>
        SymbolEqualityComparer.Default.Equals(from, target)
        || (seen.Add(from) && Modules(from).Any(member => Reaches(member, target, seen)));

    // The modules among a module's own properties, and among those of its cases.
    private static IEnumerable<ITypeSymbol> Modules(ITypeSymbol type) =>
        type.GetMembers().OfType<IPropertySymbol>()
            .Where(property => !property.IsStatic && property.Name != "EqualityContract" && !FieldParser.IsNotRecorded(property))
            .SelectMany(property => ShapeParser.Leaves(property.Type))
            .Where(ShapeParser.IsModule)
            .Select(leaf => leaf.WithNullableAnnotation(NullableAnnotation.NotAnnotated))
            .Concat(type.GetTypeMembers()
                .Where(nested => SymbolEqualityComparer.Default.Equals(nested.BaseType, type))
                .SelectMany(Modules));
}
