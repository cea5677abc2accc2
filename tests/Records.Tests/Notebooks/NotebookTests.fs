module Records.Tests.Notebooks.NotebookTests

open System
open System.IO
open System.Text.Json
open Expecto
open Records.Tests

let private folder = Path.Combine(House.root, "notebooks")

// Generous: the machine may be busy, and the first cell loads a compiler.
let private limit = TimeSpan.FromMinutes 2.0

/// A notebook of these cells that nobody wrote down: language, code, what it is said to print.
let private improvised cells =
    let cell (language: string, code: string, printed: string) =
        {|
            cell_type = "code"
            metadata = {| polyglot_notebook = {| kernelName = language |} |}
            source = code
            outputs = [ {| output_type = "stream"; text = [ printed ] |} ]
        |}

    NotebookRunner.parse folder (JsonSerializer.Serialize {| cells = List.map cell cells |})

let private failure cells =
    task {
        match! NotebookRunner.run limit (improvised cells) with
        | Ok printed -> return failtest $"It runs and prints {printed}."
        | Error failure -> return failure
    }

let private runs (path: string) =
    testTask (string (Path.GetFileName path)) {
        let notebook = NotebookRunner.parse folder (File.ReadAllText path)

        match! NotebookRunner.run limit notebook with
        | Error failure -> failtest failure
        | Ok printed ->
            if Environment.GetEnvironmentVariable "RECORDS_UPDATE_GOLDEN" = "1" then
                File.WriteAllText(path, NotebookRunner.withOutputs printed notebook)
            else
                for cell, printed in List.zip notebook.Cells printed do
                    if cell.Compared then
                        Expect.equal
                            printed
                            cell.Committed
                            $"cell {cell.Number} prints what the notebook says; RECORDS_UPDATE_GOLDEN=1 rewrites it"
    }

let tests =
    testList
        "notebooks"
        [
            testList
                "run, and print what they say"
                [ for path in Array.sort (Directory.GetFiles(folder, "*.ipynb")) -> runs path ]

            testTask "cells of a language share what they define" {
                let notebook =
                    improvised
                        [
                            "fsharp", "let number = 41", ""
                            "csharp", "int number = 1;", ""
                            "fsharp", "printf \"%d\" (number + 1)", "42"
                            "csharp", "number++; Console.WriteLine(number);", "2\n"
                        ]

                let! printed = NotebookRunner.run limit notebook
                Expect.equal printed (Ok [ for cell in notebook.Cells -> cell.Committed ]) "each its own"
            }

            testTask "an F# error is told with its cell, and ends the run" {
                let! failure =
                    failure
                        [
                            "fsharp", "let number = 1", ""
                            "fsharp", "let text =\n    number + \"a\"", ""
                            "csharp", "nothing", ""
                        ]

                Expect.stringContains failure "Cell 2 (FSharp)" "the cell"
                Expect.stringContains failure "cell 2(2,14): error FS0001" "line and column in the cell"
            }

            testTask "what a cell throws is told with its cell" {
                let! failure =
                    failure [ "csharp", "int one = 1;", ""; "csharp", "throw new Exception(\"no\" + one);", "" ]

                Expect.stringContains failure "Cell 2 (CSharp)" "the cell"
                Expect.stringContains failure "no1" "the message"
            }

            testTask "a C# error is told with its cell" {
                let! failure = failure [ "csharp", "int one = \"a\";", "" ]
                Expect.stringContains failure "Cell 1 (CSharp)" "the cell"
                Expect.stringContains failure "CS0029" "the diagnostic"
            }

            testTask "a cell that does not end is stopped" {
                for endless in
                    [ "fsharp", "System.Threading.Thread.Sleep -1", ""; "csharp", "await Task.Delay(-1);", "" ] do
                    match! NotebookRunner.run (TimeSpan.FromSeconds 3.0) (improvised [ endless ]) with
                    | Ok _ -> failtest "It ends."
                    | Error failure -> Expect.stringContains failure "did not end within 3 seconds" "in time"
            }

            test "outputs go back into the notebook and nothing else changes" {
                let notebook = improvised [ "fsharp", "printfn \"…\"", "" ]
                let written = NotebookRunner.withOutputs [ "…\n'é' < 1 ms\n" ] notebook
                let read = NotebookRunner.parse folder written
                Expect.equal read.Cells [ { notebook.Cells.Head with Committed = "…\n'é' < 1 ms\n" } ] "the output"
                Expect.equal (NotebookRunner.withOutputs [ read.Cells.Head.Committed ] read) written "written again"
            }

            test "what differs from run to run is not compared" {
                let temporary = Path.Combine(Path.GetTempPath(), "records-x1Y2z", "model.mpk")

                Expect.equal
                    (NotebookRunner.normalise $"'{temporary}'\r\n12.5 ms")
                    "'/tmp/records/model.mpk'\n… ms"
                    "alike"
            }

            test "the quickstart's folder, where notebooks look, is the quickstart's" {
                Expect.isTrue
                    (File.Exists(Path.Combine(House.root, "examples", "Quickstart", "Quickstart.csproj")))
                    NotebookRunner.library
            }
        ]
