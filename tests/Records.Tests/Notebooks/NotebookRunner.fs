/// Runs notebooks as a reader would: every code cell, in order, F# and C# each with a memory of its own.
module Records.Tests.Notebooks.NotebookRunner

open System
open System.Diagnostics
open System.Globalization
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open System.Threading
open System.Threading.Tasks
open Microsoft.CodeAnalysis
open Microsoft.CodeAnalysis.CSharp.Scripting
open Microsoft.CodeAnalysis.Scripting

[<RequireQualifiedAccess>]
type Language =
    | FSharp
    | CSharp

type Cell =
    {
        /// Among the code cells, from 1: what Jupyter calls the execution count.
        Number: int
        Language: Language
        Source: string
        /// What the notebook says that the cell prints.
        Committed: string
        /// False for a cell that prints what this machine has: it is tagged "output-varies".
        Compared: bool
    }

[<NoEquality; NoComparison>]
type Notebook = { Folder: string; Json: JsonNode; Cells: Cell list }

// ---- reading

let private member' (name: string) (node: JsonNode | null) : JsonNode | null =
    match node with
    | :? JsonObject as found -> found[name]
    | _ -> null

let private items (node: JsonNode | null) =
    match node with
    | :? JsonArray as array -> List.ofSeq array
    | _ -> []

/// A text, which notebooks also write as the list of its lines.
let private text (node: JsonNode | null) =
    match node with
    | null -> ""
    | :? JsonArray as lines -> String.Join("", [ for line in lines -> string line ])
    | node -> string node

/// The language of a cell, which newer and older notebooks keep under different names; the notebook's own where it says none.
let private language (notebook: JsonNode) cell =
    let metadata = member' "metadata" cell

    let said =
        [
            metadata |> member' "polyglot_notebook" |> member' "kernelName"
            metadata |> member' "dotnet_interactive" |> member' "language"
            notebook |> member' "metadata" |> member' "kernelspec" |> member' "name"
        ]
        |> List.map text
        |> List.tryFind (fun name -> name <> "")

    match said with
    | Some "fsharp"
    | Some ".net-fsharp" -> Language.FSharp
    | Some "csharp"
    | Some ".net-csharp" -> Language.CSharp
    | Some other -> failwith $"A cell is in '{other}': only fsharp and csharp are run."
    | None -> failwith "A cell has no language."

let private codeCells (notebook: JsonNode) =
    notebook
    |> member' "cells"
    |> items
    |> List.filter (fun cell -> text (member' "cell_type" cell) = "code")

/// The notebook that this JSON is; its cells run in the folder.
let parse folder (json: string) =
    match JsonNode.Parse json with
    | null -> failwith "The notebook is null."
    | notebook ->
        let cell index cell =
            {
                Number = index + 1
                Language = language notebook cell
                Source = text (member' "source" cell)
                Committed =
                    String.Join("", [ for output in items (member' "outputs" cell) -> text (member' "text" output) ])
                Compared =
                    member' "metadata" cell
                    |> member' "tags"
                    |> items
                    |> List.forall (fun tag -> text tag <> "output-varies")
            }

        { Folder = folder; Json = notebook; Cells = List.mapi cell (codeCells notebook) }

// ---- what a cell sees

/// Where the notebooks look for the library, once the quickstart is built. The tests have the same files in their own folder,
/// built just now and in whichever configuration.
let library = "../artifacts/bin/Quickstart/debug"

let private withLibrary (source: string) =
    let here = AppContext.BaseDirectory.Replace('\\', '/').TrimEnd '/'
    source.Replace(library, here)

/// What a cell printed, without what differs from run to run: temporary folders, times, the ends of lines.
let normalise (printed: string) =
    let temporary = Regex.Escape(Path.GetTempPath().TrimEnd('/', '\\'))
    let printed = printed.ReplaceLineEndings "\n"
    let printed = Regex.Replace(printed, temporary + @"[/\\]records-\w+[/\\]?", "/tmp/records/")
    Regex.Replace(printed, @"\b\d+([.,]\d+)? ms\b", "… ms")

/// Runs the code of one cell: what it printed, or what is wrong with it.
type private ISession =
    inherit IDisposable
    abstract Run: cell: Cell * limit: TimeSpan -> Task<Result<string, string>>

// ---- F#: one interactive process, fed cell after cell

/// The lines up to the mark. None when the stream ends first.
let private upTo (mark: string) (reader: StreamReader) =
    let printed = StringBuilder()

    let rec next () =
        task {
            match! reader.ReadLineAsync() with
            | null -> return None
            | line when line.EndsWith(mark, StringComparison.Ordinal) ->
                // the cell may have left its last line open
                return Some(printed.Append(line, 0, line.Length - mark.Length).ToString())
            | line ->
                printed.Append(line).Append('\n') |> ignore
                return! next ()
        }

    next ()

let private fsharp (folder: string) : ISession =
    let start = ProcessStartInfo("dotnet", [ "fsi"; "--quiet"; "--nologo" ], WorkingDirectory = folder)
    let utf8 = UTF8Encoding false
    start.RedirectStandardInput <- true
    start.RedirectStandardOutput <- true
    start.RedirectStandardError <- true
    start.StandardInputEncoding <- utf8
    start.StandardOutputEncoding <- utf8
    start.StandardErrorEncoding <- utf8
    start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] <- "1"

    let fsi =
        match Process.Start start with
        | null -> failwith "dotnet fsi does not start."
        | started -> started

    { new ISession with
        member _.Run(cell, limit) =
            task {
                let mark = $"#end-of-cell-{cell.Number}#"
                // The marks come after the cell, whether it went well or not; the line directive counts lines as the reader does.
                let marks = $"System.Console.Out.WriteLine \"{mark}\"\nSystem.Console.Error.WriteLine \"{mark}\"\n;;\n"
                let code = $"# 1 \"cell {cell.Number}\"\n{withLibrary cell.Source}\n;;\n{marks}"
                let output = upTo mark fsi.StandardOutput
                let errors = upTo mark fsi.StandardError

                try
                    do! fsi.StandardInput.WriteAsync(code).WaitAsync limit
                    do! fsi.StandardInput.FlushAsync().WaitAsync limit
                    let! output = output.WaitAsync limit
                    let! errors = errors.WaitAsync limit

                    match output, errors with
                    | Some output, Some errors when String.IsNullOrWhiteSpace errors -> return Ok output
                    | _, Some errors -> return Error(errors.Trim())
                    | _ -> return Error "dotnet fsi has ended."
                with
                | :? TimeoutException ->
                    return
                        Error
                            $"It did not end within {limit.TotalSeconds} seconds, or a bracket or text in it does not."
                | :? IOException -> return Error "dotnet fsi has ended."
            }

        member _.Dispose() =
            if not fsi.HasExited then
                fsi.Kill true

            fsi.Dispose()
    }

// ---- C#: scripts in this process, each continuing the last

/// The console of cells, apart from everyone else's: what runs beside them goes on printing where it did.
type private CellConsole(others: TextWriter) =
    inherit TextWriter(CultureInfo.InvariantCulture)
    let current = AsyncLocal<TextWriter | null>()

    let target () =
        match current.Value with
        | null -> others
        | writer -> writer

    member _.Current
        with set (writer: TextWriter | null) = current.Value <- writer

    override _.Encoding = others.Encoding
    override _.Write(value: char) = target().Write value
    override _.Write(value: string | null) = target().Write value
    override _.Write(buffer: char[], index, count) = target().Write(buffer, index, count)
    override _.Flush() = target().Flush()

let private console =
    lazy
        (let console = new CellConsole(Console.Out)
         Console.SetOut console
         console)

let private framework =
    lazy
        (let folder = Path.GetDirectoryName typeof<obj>.Assembly.Location

         [
             for path in (string (AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES")).Split Path.PathSeparator do
                 if Path.GetDirectoryName path = folder then
                     MetadataReference.CreateFromFile path :> MetadataReference
         ])

let private csharp () : ISession =
    let options =
        ScriptOptions.Default
            .WithReferences(framework.Value)
            // what .NET Interactive opens by itself
            .WithImports(
                "System",
                "System.Text",
                "System.Collections",
                "System.Collections.Generic",
                "System.Threading.Tasks",
                "System.Linq"
            )

    let mutable last: ScriptState<obj> | null = null

    let run (cell: Cell) (output: TextWriter) =
        task {
            CultureInfo.CurrentCulture <- CultureInfo.InvariantCulture
            console.Value.Current <- output
            let code = withLibrary cell.Source

            let script =
                match last with
                | null -> CSharpScript.Create(code, options)
                | state -> state.Script.ContinueWith(code, options)

            let serious =
                [
                    for said in script.Compile() do
                        if said.Severity >= DiagnosticSeverity.Warning then
                            string said
                ]

            if serious <> [] then
                return Error(String.Join("\n", serious))
            else
                let! state =
                    match last with
                    | null -> script.RunAsync()
                    | state -> script.RunFromAsync state

                last <- state
                return Ok()
        }

    { new ISession with
        member _.Run(cell, limit) =
            task {
                use output = new StringWriter(CultureInfo.InvariantCulture)

                try
                    // On a thread of its own: a cell may block, and what it sets for its flow ends with it.
                    let! result = Task.Run<Result<unit, string>>(fun () -> run cell output).WaitAsync limit
                    return result |> Result.map (fun () -> output.ToString())
                with
                | :? TimeoutException -> return Error $"It did not end within {limit.TotalSeconds} seconds."
                | thrown -> return Error(string thrown)
            }

        member _.Dispose() = ()
    }

// ---- notebooks

/// What each cell printed, or the first cell that failed and how. No cell may take longer than the limit.
let run (limit: TimeSpan) (notebook: Notebook) =
    task {
        // A process takes seconds to start: a notebook without F# does without.
        let fsharp = lazy fsharp notebook.Folder
        use csharp = csharp ()

        use _ =
            { new IDisposable with
                member _.Dispose() =
                    if fsharp.IsValueCreated then
                        fsharp.Value.Dispose()
            }

        let printed = ResizeArray<string>()
        let mutable failed = None

        for cell in notebook.Cells do
            if failed.IsNone then
                let session =
                    if cell.Language = Language.FSharp then
                        fsharp.Value
                    else
                        csharp

                match! session.Run(cell, limit) with
                | Ok output -> printed.Add(normalise output)
                | Error diagnostics -> failed <- Some $"Cell {cell.Number} ({cell.Language}) failed:\n{diagnostics}"

        return
            match failed with
            | Some failure -> Error failure
            | None -> Ok(List.ofSeq printed)
    }

/// As Jupyter writes it: a list of lines, each with its line feed.
let private output (printed: string) =
    let outputs = JsonArray()

    if printed <> "" then
        let lines = JsonArray()

        for line in Regex.Split(printed, "(?<=\n)") do
            if line <> "" then
                lines.Add line

        let stream = JsonObject()
        stream["name"] <- "stdout"
        stream["output_type"] <- "stream"
        stream["text"] <- lines
        outputs.Add stream

    outputs

let private jupyter =
    JsonSerializerOptions(
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    )

/// The notebook's JSON with these outputs, one for each code cell. A cell that is not compared keeps the output it has.
let withOutputs (printed: string list) (notebook: Notebook) =
    let json = notebook.Json.DeepClone()

    for node, cell, printed in List.zip3 (codeCells json) notebook.Cells printed do
        match node with
        | null -> ()
        | node ->
            node["execution_count"] <- cell.Number

            if cell.Compared || cell.Committed = "" then
                node["outputs"] <- output printed

    json.ToJsonString jupyter + "\n"
