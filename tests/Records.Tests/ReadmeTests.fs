/// The code in the README is the code of a user.
module Records.Tests.ReadmeTests

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open Expecto
open Microsoft.CodeAnalysis
open Microsoft.CodeAnalysis.Diagnostics
open Records.Generator
open Records.Tests.Generator

let private readme = lazy File.ReadAllText(Path.Combine(House.root, "README.md"))

/// Every block of the language, one after the other.
let private blocks language =
    let found = Regex.Matches(readme.Value, $"```{language}\n(.*?)```", RegexOptions.Singleline)
    Expect.isNonEmpty found $"the README has {language}"
    String.Join("\n", [ for block in found -> block.Groups[1].Value ])

/// What generator and compiler say of a program.
let private said code =
    let parsed = Compile.compilation code

    // a block of declarations alone is no program
    let hasStatements =
        parsed.SyntaxTrees
        |> Seq.collect (fun tree -> tree.GetRoot().ChildNodes())
        |> Seq.exists (fun node -> node :? CSharp.Syntax.GlobalStatementSyntax)

    let program =
        parsed.WithOptions(
            CSharp.CSharpCompilationOptions(
                (if hasStatements then
                     OutputKind.ConsoleApplication
                 else
                     OutputKind.DynamicallyLinkedLibrary),
                nullableContextOptions = NullableContextOptions.Enable
            )
        )

    let mutable output: Compilation = program
    let mutable told = Collections.Immutable.ImmutableArray.Empty

    Compile.driver().RunGeneratorsAndUpdateCompilation(program, &output, &told)
    |> ignore

    let analyzed =
        output
            .WithAnalyzers(Collections.Immutable.ImmutableArray.Create<DiagnosticAnalyzer>(DiscardAnalyzer()))
            .GetAnalyzerDiagnosticsAsync(Threading.CancellationToken.None)
            .GetAwaiter()
            .GetResult()

    [
        for said in Seq.concat [ Seq.cast<Diagnostic> told; output.GetDiagnostics(); analyzed ] do
            if said.Severity >= DiagnosticSeverity.Warning then
                said.GetMessage()
    ]

let tests =
    testList
        "README"
        [
            test "the C# compiles without a word, generator and analyzer included" {
                let programs = Regex.Matches(readme.Value, "```csharp\n(.*?)```", RegexOptions.Singleline)

                Expect.isNonEmpty programs "there is some"

                for program in programs do
                    Expect.equal (said program.Groups[1].Value) [] "no error, no warning"
            }

            test "the F# runs and prints what the README says" {
                let folder = Directory.CreateTempSubdirectory "records-"

                try
                    let script = Path.Combine(folder.FullName, "readme.fsx")

                    let references =
                        [
                            for name in
                                [
                                    "Records.Core"
                                    "MessagePack"
                                    "System.Formats.Cbor"
                                    "System.IO.Hashing"
                                    "System.Numerics.Tensors"
                                ] ->
                                let path = Path.Combine(AppContext.BaseDirectory, name + ".dll")
                                $"#r @\"{path}\"\n"
                        ]

                    File.WriteAllText(script, String.Join("", references) + blocks "fsharp")

                    let start =
                        ProcessStartInfo("dotnet", [ "fsi"; "--quiet"; script ], WorkingDirectory = folder.FullName)

                    start.RedirectStandardOutput <- true
                    start.RedirectStandardError <- true

                    match Process.Start start with
                    | null -> failtest "dotnet fsi does not start"
                    | fsi ->
                        use fsi = fsi
                        let errors = fsi.StandardError.ReadToEndAsync()
                        let output = fsi.StandardOutput.ReadToEnd().Trim()
                        fsi.WaitForExit()
                        Expect.equal (output, errors.Result.Trim()) ("weight is F16 [2, 1]", "") "as promised"
                        Expect.stringContains readme.Value $"It prints `{output}`" "and as it says there"
                        Expect.isTrue (File.Exists(Path.Combine(folder.FullName, "model.mpk.gz"))) "the file is there"
                finally
                    folder.Delete true
            }
        ]
