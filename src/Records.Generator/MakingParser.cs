using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Records.Generator;

/// <summary>How a [Record] is made of what was read: its constructor by the names of its parameters, the rest by init.</summary>
internal static class MakingParser
{
    /// <summary>The way, or why there is none.</summary>
    public static (MakingModel Making, string? Problem) Parse(INamedTypeSymbol type, IReadOnlyList<FieldModel> fields)
    {
        var constructors = type.InstanceConstructors.Where(constructor => !IsCopy(constructor, type)).ToList();
        if (constructors.FirstOrDefault(IsPrimary) is { } primary)
            constructors = [primary];
        var ways = constructors.Select(constructor => Way(type, constructor, fields)).ToList();
        // The fewest things left to set; of equals, the first one written.
        var chosen = ways.Where(way => way.Problem is null).OrderByDescending(way => way.Making.Arguments.Count).ToList();
        return chosen.Count > 0 ? chosen[0]
            : ways.Count > 0 ? ways[0]
            : (MakingModel.None, "it has no constructor");
    }

    private static (MakingModel Making, string? Problem) Way(INamedTypeSymbol type, IMethodSymbol constructor, IReadOnlyList<FieldModel> fields)
    {
        var arguments = new List<ArgumentModel>();
        foreach (var parameter in constructor.Parameters)
        {
            var field = fields.FirstOrDefault(field => field.Property == parameter.Name)
                ?? fields.FirstOrDefault(field => string.Equals(field.Property, parameter.Name, StringComparison.OrdinalIgnoreCase));
            if (field is not null)
                arguments.Add(new(parameter.Name, field.Property));
            else if (!parameter.IsOptional)
                return (MakingModel.None, $"its constructor asks for '{parameter.Name}', which is not recorded; give that a default");
        }

        var initialised = new List<string>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>().Where(property => !property.IsStatic))
        {
            bool isField = fields.Any(field => field.Property == property.Name);
            bool isArgument = arguments.Any(argument => argument.Property == property.Name);
            if (isField && property.SetMethod is { IsInitOnly: true } && (!isArgument || property.IsRequired))
                initialised.Add(property.Name);
            else if (isField && !isArgument)
                return (MakingModel.None, $"'{property.Name}' can only be set by a constructor, and none takes it; make it init, or mark it [NotRecorded]");
            else if (!isField && property.IsRequired)
                return (MakingModel.None, $"'{property.Name}' is required and not recorded; let it have a value of its own");
        }

        return (new(arguments.ToEquatableArray(), initialised.ToEquatableArray()), null);
    }

    private static bool IsPrimary(IMethodSymbol constructor) =>
        constructor.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is TypeDeclarationSyntax { ParameterList: not null });

    private static bool IsCopy(IMethodSymbol constructor, INamedTypeSymbol type) =>
        type.IsRecord && constructor.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type);
}
