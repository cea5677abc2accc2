/// Runs the generator and the analyzer over source, as a compiler would.
module Records.Tests.Generator.Compile

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Threading
open Microsoft.CodeAnalysis
open Microsoft.CodeAnalysis.CSharp
open Microsoft.CodeAnalysis.Diagnostics
open Records.Generator

let private references =
    (string (AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES")).Split Path.PathSeparator
    |> Array.map (fun path -> MetadataReference.CreateFromFile path :> MetadataReference)

// What a project with implicit usings has, and this library.
let private usings =
    "global using System; global using System.Collections.Generic; global using System.Threading.Tasks; global using Records;"

let private parse = CSharpParseOptions.Default.WithLanguageVersion LanguageVersion.CSharp14

/// The source as a library with nullable on.
let compilation (source: string) =
    let options =
        CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions = NullableContextOptions.Enable
        )

    let trees =
        [
            CSharpSyntaxTree.ParseText(usings, parse, "Usings.cs")
            CSharpSyntaxTree.ParseText(source, parse, "Source.cs")
        ]

    CSharpCompilation.Create("Sample", trees, references, options)

/// A driver that remembers why each step ran.
let driver () =
    let options =
        GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps = true)

    CSharpGeneratorDriver.Create(
        [ ModuleGenerator().AsSourceGenerator(); ConfigGenerator().AsSourceGenerator() ],
        parseOptions = parse,
        driverOptions = options
    )
    :> GeneratorDriver

let private serious (diagnostics: seq<Diagnostic>) =
    diagnostics
    |> Seq.filter (fun diagnostic -> diagnostic.Severity >= DiagnosticSeverity.Warning)
    |> Seq.map (fun diagnostic ->
        let line = diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1
        $"{diagnostic.Id} line {line}: {diagnostic.GetMessage CultureInfo.InvariantCulture}")
    |> Seq.distinct
    |> List.ofSeq

/// What the generator wrote, in one text.
let generated source =
    let result = driver().RunGenerators(compilation source).GetRunResult()

    result.GeneratedTrees
    |> Seq.map (fun tree -> $"// ---- {Path.GetFileName tree.FilePath}\n{tree.GetText()}")
    |> String.concat "\n"

/// What the generator says.
let problems source =
    serious (driver().RunGenerators(compilation source).GetRunResult().Diagnostics)

/// What the generator and then the compiler say.
let compiled source =
    let _, output, problems = driver().RunGeneratorsAndUpdateCompilation(compilation source)

    serious problems @ serious (output.GetDiagnostics())

/// What the analyzer says about source and what was generated for it.
let analyzed source =
    let _, output, _ = driver().RunGeneratorsAndUpdateCompilation(compilation source)
    let errors = serious (output.GetDiagnostics())

    if not errors.IsEmpty then
        failwith (String.concat "\n" errors)

    let analyzers = ImmutableArray.Create<DiagnosticAnalyzer>(DiscardAnalyzer())

    serious (
        output.WithAnalyzers(analyzers).GetAnalyzerDiagnosticsAsync(CancellationToken.None).GetAwaiter().GetResult()
    )
