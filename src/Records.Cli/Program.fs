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

let private text (name: string) help description =
    Option<string>(name, Description = description, HelpName = help)

let private json () =
    flag "--json" "One JSON object on standard output."

let private schemaOption () =
    text "--schema" "S" "What is in a bin: the JSON of 'records schema', or a file of it."

let private wrong (message: string) =
    Console.Error.WriteLine(Output.plain message)
    2

/// Runs with what an option says, if it is there and can be understood.
let private withOption (parsed: ParseResult) (option: Option<string>) (parse: string -> Result<'T, string>) run =
    match parsed.GetValue option with
    | null -> run None
    | text ->
        match parse text with
        | Ok value -> run (Some value)
        | Error message -> wrong message

let private inspect () =
    let file = file ()
    let json = json ()
    let hash = flag "--hash" "With the SHA-256 of each tensor's bytes."
    let schema = schemaOption ()
    let command = Command("inspect", "What is inside a file, without loading it.")
    command.Add file
    command.Add json
    command.Add hash
    command.Add schema

    command.SetAction(fun (parsed: ParseResult) ->
        withOption parsed schema Commands.schema (fun schema ->
            Commands.inspect
                (parsed.GetRequiredValue file)
                (parsed.GetRequiredValue json)
                (parsed.GetRequiredValue hash)
                schema))

    command

let private verify () =
    let file = file ()
    let json = json ()
    let schema = schemaOption ()
    let command = Command("verify", "Everything that is wrong with a file: every byte is read.")
    command.Add file
    command.Add json
    command.Add schema

    command.SetAction(fun (parsed: ParseResult) ->
        withOption parsed schema Commands.schema (fun schema ->
            Verifying.run (parsed.GetRequiredValue file) (parsed.GetRequiredValue json) schema))

    command

let private precisions =
    [
        "keep", None
        "full", Some Precision.Full
        "half", Some Precision.Half
        "double", Some Precision.Double
    ]

let private schedulers =
    [
        "noam", SchedulerKind.Noam
        "linear", SchedulerKind.Linear
        "cosine", SchedulerKind.Cosine
        "exponential", SchedulerKind.Exponential
        "step", SchedulerKind.Step
    ]

let private convert () =
    let file = Argument<string>("IN", Description = "The model file, or a folder of checkpoints.")
    let output = Argument<string>("OUT", Description = "The new file, or the folder it goes to.")
    let extensions = String.Join(", ", Formats.extensions)
    let format = text "--to" "FORMAT" $"The new format: {extensions}. By default what OUT ends with."
    let words = String.Join("|", List.map fst precisions)
    let precision = text "--precision" words "What floats and integers become. By default they stay."

    let schema =
        text "--schema" "S" "What IN holds, where it is a bin or OUT is one: a schema's JSON, or a file of it."

    let burn = text "--burn" "V" "The Burn whose layout is written, such as 0.14. By default IN's own."
    let fromBurn = text "--from-burn" "V" "The Burn whose layout is read, where a bin could be of several."
    let kinds = String.Join("|", List.map fst schedulers)

    let scheduler =
        text "--scheduler" kinds "Whose number a scheduler's file holds, where burnpack has to say so and IN does not."

    let strict = flag "--strict" "What would be a warning is an error."
    let unsealed = flag "--unsealed" "Without the seal."
    let force = flag "--force" "Overwrites a file that is there."
    let command = Command("convert", "The same model in another format, precision, or layout of Burn.")
    command.Add file
    command.Add output

    for option in [ format; precision; schema; burn; fromBurn; scheduler ] do
        command.Add option

    for option in [ strict; unsealed; force ] do
        command.Add option

    let parsePrecision name =
        match List.tryFind (fst >> (=) name) precisions with
        | Some(_, precision) -> Ok precision
        | None -> Error $"'{name}' is no precision: --precision takes one of {words}."

    let parseScheduler name =
        match List.tryFind (fst >> (=) name) schedulers with
        | Some(_, kind) -> Ok kind
        | None -> Error $"'{name}' is no scheduler: --scheduler takes one of {kinds}."

    command.SetAction(fun (parsed: ParseResult) ->
        withOption parsed format Commands.format (fun format ->
            withOption parsed precision parsePrecision (fun precision ->
                withOption parsed burn (Commands.burn "--burn") (fun burn ->
                    withOption parsed fromBurn (Commands.burn "--from-burn") (fun fromBurn ->
                        withOption parsed scheduler parseScheduler (fun scheduler ->
                            withOption parsed schema Commands.schema (fun schema ->
                                let conversion extension =
                                    { Conversion.into extension Recorder.defaultLimits with
                                        Precision = Option.flatten precision
                                        Schema = schema |> Option.map (fun schema _ -> schema)
                                        Burn = burn
                                        FromBurn = fromBurn
                                        Scheduler = scheduler
                                        Strict = parsed.GetRequiredValue strict
                                        Unsealed = parsed.GetRequiredValue unsealed
                                        Parallelism = Environment.ProcessorCount
                                    }

                                Converting.run
                                    conversion
                                    format
                                    (parsed.GetRequiredValue force)
                                    (parsed.GetRequiredValue file)
                                    (parsed.GetRequiredValue output))))))))

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
    let root = RootCommand "Looks into the files of trained models, converts and checks them."
    root.Add(inspect ())
    root.Add(convert ())
    root.Add(verify ())
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
