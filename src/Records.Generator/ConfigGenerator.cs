using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Records.Generator;

/// <summary>Writes the second half of each [Config]: how it is changed, saved and loaded.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ConfigGenerator : IIncrementalGenerator
{
    /// <summary>The name of the step whose result decides whether anything is written again.</summary>
    internal const string ParsedStep = "ParsedConfig";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                "Records.ConfigAttribute",
                static (node, _) => node is TypeDeclarationSyntax,
                static (found, cancellationToken) => ConfigParser.Parse(found, cancellationToken))
            .WithTrackingName(ParsedStep);

        context.RegisterSourceOutput(parsed, static (output, result) =>
        {
            foreach (var problem in result.Problems)
                output.ReportDiagnostic(problem.ToDiagnostic());
            if (result.Config is { } config)
                output.AddSource(config.HintName, SourceText.From(ConfigEmitter.Emit(config), Encoding.UTF8));
        });
    }
}
