/// The words of the command line.
module Records.Cli.Program

open System
open System.CommandLine
open System.CommandLine.Invocation
open Records.Core

let private file () =
    Argument<string>("FILE", Description = "The model file: its format is found from its bytes.")

let private flag (name: string) description =
    Option<bool>(name, Description = description, DefaultValueFactory = (fun _ -> false))

let private inspect () =
    let file = file ()
    let json = flag "--json" "One JSON object on standard output."
    let hash = flag "--hash" "With the SHA-256 of each tensor's bytes."

    let schema =
        Option<string>(
            "--schema",
            Description = "What is in a bin: the JSON of 'records schema', or a file of it.",
            HelpName = "S"
        )

    let command = Command("inspect", "What is inside a file, without loading it.")
    command.Add file
    command.Add json
    command.Add hash
    command.Add schema

    command.SetAction(fun (parsed: ParseResult) ->
        let run schema =
            Commands.inspect
                (parsed.GetRequiredValue file)
                (parsed.GetRequiredValue json)
                (parsed.GetRequiredValue hash)
                schema

        match parsed.GetValue schema with
        | null -> run None
        | text ->
            match Commands.schema text with
            | Ok schema -> run (Some schema)
            | Error message ->
                Console.Error.WriteLine(Output.plain message)
                2)

    command

let private schema () =
    let file = file ()
    let command = Command("schema", "The structure of a self-describing file, as JSON for --schema.")
    command.Add file
    command.SetAction(fun (parsed: ParseResult) -> Commands.structure (parsed.GetRequiredValue file))
    command

/// What goes wrong beyond the files that the core knows about is still one line and not a page.
let private guarded work =
    try
        work ()
    with error ->
        Console.Error.WriteLine(Output.plain $"{error.GetType().Name}: {error.Message}")
        1

[<EntryPoint>]
let main arguments =
    let root = RootCommand "Looks into the files of trained models."
    root.Add(inspect ())
    root.Add(schema ())
    let parsed = root.Parse arguments

    match parsed.Action with
    | :? ParseErrorAction ->
        // an error that names one of the words says more than that something is missing
        let names (message: string) =
            arguments
            |> Array.exists (fun word -> message.Contains($"'{word}'", StringComparison.Ordinal))

        let problems = [ for error in parsed.Errors -> error.Message ]

        let problem =
            List.tryFind names problems
            |> Option.orElse (List.tryHead problems)
            |> Option.defaultValue "The command line is wrong."

        Console.Error.WriteLine(Output.plain $"{problem} See 'records --help'.")
        2
    | _ -> guarded (fun () -> parsed.Invoke(InvocationConfiguration(EnableDefaultExceptionHandler = false)))
