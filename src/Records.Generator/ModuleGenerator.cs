using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Records.Generator;

/// <summary>Writes the second half of each [Module], its record type and how to save and load it, and of each [Record].</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModuleGenerator : IIncrementalGenerator
{
    /// <summary>The name of the step whose result decides whether anything is written again.</summary>
    internal const string ParsedStep = "Parsed";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        Register(context, "Records.ModuleAttribute", storesValues: false);
        Register(context, "Records.RecordAttribute", storesValues: true);
    }

    private static void Register(IncrementalGeneratorInitializationContext context, string attribute, bool storesValues)
    {
        var parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute,
                static (node, _) => node is TypeDeclarationSyntax,
                (found, cancellationToken) => Parser.Parse(found, storesValues, cancellationToken))
            .WithTrackingName(ParsedStep);

        context.RegisterSourceOutput(parsed, static (output, result) =>
        {
            foreach (var problem in result.Problems)
                output.ReportDiagnostic(problem.ToDiagnostic());
            if (result.Module is { } model)
            {
                string text = model.StoresValues ? ValueEmitter.Emit(model) : Emitter.Emit(model);
                output.AddSource(model.HintName, SourceText.From(text, Encoding.UTF8));
            }
        });
    }
}
