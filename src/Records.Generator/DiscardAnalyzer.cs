using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Records.Generator;

/// <summary>Warns when a loaded module is thrown away: modules are immutable, so nothing was loaded then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DiscardAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Diagnostics.Discarded];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(
            static found =>
            {
                if (Discarded(((IExpressionStatementOperation)found.Operation).Operation) is { } call)
                    found.ReportDiagnostic(Diagnostic.Create(Diagnostics.Discarded, call.Syntax.GetLocation(), call.TargetMethod.Name));
            },
            OperationKind.ExpressionStatement);
    }

    private static IInvocationOperation? Discarded(IOperation operation) => operation switch
    {
        IAwaitOperation awaited => Discarded(awaited.Operation),
        IConditionalAccessOperation conditional => Discarded(conditional.WhenNotNull),
        IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } task } => Discarded(task),
        IInvocationOperation call when GivesModule(call.TargetMethod) => call,
        _ => null,
    };

    private static bool GivesModule(IMethodSymbol method)
    {
        if (method.Name is not ("LoadFile" or "LoadFileAsync" or "LoadRecord" or "Map"))
            return false;
        // An extension member's own container is the block it stands in.
        var container = method.ContainingType;
        while (container?.ContainingType is { } outer)
            container = outer;
        return container is { Name: "ModuleExtensions" or "ModuleFiles", ContainingNamespace: { Name: "Records", ContainingNamespace.IsGlobalNamespace: true } };
    }
}
