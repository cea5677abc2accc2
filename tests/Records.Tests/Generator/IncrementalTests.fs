module Records.Tests.Generator.IncrementalTests

open Expecto
open Microsoft.CodeAnalysis
open Microsoft.CodeAnalysis.CSharp
open Records.Generator

let private source =
    "namespace Demo; [Module] public sealed partial record Net(Param Weight, object Wrong); [Module] public sealed partial record Good(Param Weight);"

/// Why the parsed step and the outputs ran again after an edit.
let private reasons (edit: CSharpCompilation -> CSharpCompilation) =
    let first = Compile.compilation source
    let driver = Compile.driver().RunGenerators first
    let result = driver.RunGenerators(edit first).GetRunResult().Results[0]

    let reasons (steps: seq<IncrementalGeneratorRunStep>) =
        [
            for step in steps do
                for struct (_, reason) in step.Outputs -> reason
        ]

    reasons result.TrackedSteps[ModuleGenerator.ParsedStep],
    reasons (result.TrackedOutputSteps |> Seq.collect (fun pair -> pair.Value))

let private kept reason =
    reason = IncrementalStepRunReason.Cached
    || reason = IncrementalStepRunReason.Unchanged

let private tree (text: string) =
    CSharpSyntaxTree.ParseText(text, CSharpParseOptions(LanguageVersion.CSharp14))

let private replace (text: string) (compilation: CSharpCompilation) =
    let old = compilation.SyntaxTrees |> Seq.find (fun tree -> tree.FilePath = "Source.cs")
    compilation.ReplaceSyntaxTree(old, old.WithChangedText(Text.SourceText.From text))

let private writesNothing name edit =
    testCase name (fun () ->
        let parsed, outputs = reasons edit
        Expect.equal parsed.Length 2 "both modules were looked at"
        Expect.all parsed kept "the models are equal"
        Expect.isNonEmpty outputs "there are outputs"
        Expect.all outputs (fun reason -> reason = IncrementalStepRunReason.Cached) "and nothing is written again")

let tests =
    testList
        "Incremental"
        [
            writesNothing "an edit in another file" (fun compilation ->
                compilation.AddSyntaxTrees(tree "class Unrelated;"))

            writesNothing "an edit after the modules" (replace (source + " public class After { int x; }"))

            writesNothing "a method body" (fun compilation ->
                compilation.AddSyntaxTrees(tree "class Other { int M() => 2; }"))

            testCase "an edit of a module writes that module alone" (fun () ->
                let parsed, outputs = reasons (replace (source.Replace("Good(Param Weight)", "Good(Param Height)")))
                let changed = List.filter (kept >> not)
                Expect.equal (changed parsed) [ IncrementalStepRunReason.Modified ] ""
                Expect.equal (changed outputs) [ IncrementalStepRunReason.Modified ] "")
        ]
