using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Records.Generator;

/// <summary>Writes the second half of each [Module]: its record type, and how to save and load it.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModuleGenerator : IIncrementalGenerator
{
    /// <summary>The name of the step whose result decides whether anything is written again.</summary>
    internal const string ParsedStep = "Parsed";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                "Records.ModuleAttribute",
                static (node, _) => node is TypeDeclarationSyntax,
                static (found, cancellationToken) => Parser.Parse(found, cancellationToken))
            .WithTrackingName(ParsedStep);

        context.RegisterSourceOutput(parsed, static (output, result) =>
        {
            foreach (var problem in result.Problems)
                output.ReportDiagnostic(problem.ToDiagnostic());
            if (result.Module is { } module)
                output.AddSource(module.HintName, SourceText.From(Emitter.Emit(module), Encoding.UTF8));
        });
    }
}
