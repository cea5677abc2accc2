using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Records.Generator;

/// <summary>Finds modules and records that contain themselves.</summary>
internal static class Recursion
{
    /// <summary>The member type through which the module comes back to itself, or null.</summary>
    public static ITypeSymbol? Find(INamedTypeSymbol module, bool storesValues)
    {
        var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        return Members(module, storesValues).FirstOrDefault(member => Reaches(member, module, storesValues, seen));
    }

    private static bool Reaches(ITypeSymbol from, INamedTypeSymbol target, bool storesValues, HashSet<ITypeSymbol> seen) =>
        SymbolEqualityComparer.Default.Equals(from, target)
        || (seen.Add(from) && Members(from, storesValues).Any(member => Reaches(member, target, storesValues, seen)));

    // The modules (or records) among a type's own properties, and among those of its cases.
    private static IEnumerable<ITypeSymbol> Members(ITypeSymbol type, bool storesValues) =>
        type.GetMembers().OfType<IPropertySymbol>()
            .Where(property => !property.IsStatic && property.Name != "EqualityContract" && !FieldParser.IsNotRecorded(property))
            .SelectMany(property => storesValues ? ValueParser.Leaves(property.Type) : ShapeParser.Leaves(property.Type))
            .Where(leaf => storesValues ? ValueParser.IsRecord(leaf) : ShapeParser.IsModule(leaf))
            .Select(leaf => leaf.WithNullableAnnotation(NullableAnnotation.NotAnnotated))
            .Concat(type.GetTypeMembers()
                .Where(nested => SymbolEqualityComparer.Default.Equals(nested.BaseType, type))
                .SelectMany(nested => Members(nested, storesValues)));
}
