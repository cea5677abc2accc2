/// The tool as a process: what it prints and how it ends.
module Records.Tests.Cli.Tool

open System
open System.Diagnostics
open System.IO
open Expecto

[<NoEquality; NoComparison>]
type Outcome = { Code: int; Output: string; Errors: string }

/// Runs a program that lies beside the tests with these words to its end, with so much set in its environment; its standard output is a pipe.
let runProgramWith (environment: (string * string) list) (name: string) (words: string list) =
    let info = ProcessStartInfo("dotnet", Path.Combine(AppContext.BaseDirectory, name) :: words)
    info.RedirectStandardOutput <- true
    info.RedirectStandardError <- true
    info.StandardOutputEncoding <- Text.Encoding.UTF8
    info.StandardErrorEncoding <- Text.Encoding.UTF8

    for key, value in environment do
        info.Environment[key] <- value

    use tool =
        match Process.Start info with
        | null -> failtest "dotnet does not start"
        | started -> started

    let errors = tool.StandardError.ReadToEndAsync()
    let output = tool.StandardOutput.ReadToEndAsync()

    if not (tool.WaitForExit(TimeSpan.FromMinutes 3.0)) then
        tool.Kill()
        failtest "The tool hangs."

    { Code = tool.ExitCode; Output = output.Result; Errors = errors.Result }

let runProgram name words = runProgramWith [] name words

/// Runs the tool.
let run words = runProgram "records.dll" words

/// What it printed; a failed test when it did not end well or said something on standard error.
let good words =
    let outcome = run words
    Expect.equal (outcome.Code, outcome.Errors) (0, "") (String.Join(" ", words))
    outcome.Output

/// The one line it printed on standard error, and nothing on standard output.
let fails code words =
    let outcome = run words
    let told = String.Join(" ", words)
    Expect.equal outcome.Code code $"{told}: exit code, after {outcome.Errors}"
    Expect.equal outcome.Output "" $"{told}: standard output stays empty"
    Expect.equal (outcome.Errors.Split('\n').Length, outcome.Errors.EndsWith '\n') (2, true) $"{told}: one line"
    outcome.Errors.TrimEnd()
