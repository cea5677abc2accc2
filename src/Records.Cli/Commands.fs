/// What each command does. Each gives the exit code: 0 good, 1 the file is bad or the job failed, 2 the command line is wrong.
module Records.Cli.Commands

open System.IO
open Records.Core

let private limits = Recorder.defaultLimits

/// The file at this path, whatever its name ends with, closed when the work is done.
let private withFile file (work: Input -> Result<int, RecordError>) =
    let result =
        File.source false file
        |> Result.bind (fun source ->
            use source = source
            RecordError.catch (fun () -> work (Forward.input source)) |> Result.bind id)

    match result with
    | Ok code -> code
    | Error error -> Output.failed file error

/// The schema that --schema gives: JSON itself, or a file of it.
let schema (text: string) : Result<Schema, string> =
    let parsed where json =
        SchemaJson.toSchema limits json
        |> Result.mapError (fun error -> $"{where}: {RecordError.message error}")

    if text.TrimStart().StartsWith '{' || text.TrimStart().StartsWith '"' then
        parsed "--schema" text
    else
        File.source false text
        |> Result.bind (fun source ->
            use source = source
            Slice.whole { Source = source; Offset = 0L; Length = source.Length })
        |> Result.mapError (fun error -> $"--schema: {RecordError.message error}")
        |> Result.bind (fun bytes -> parsed $"--schema '{text}'" (System.Text.Encoding.UTF8.GetString bytes.Span))

/// The format that --to names.
let format (name: string) : Result<string, string> =
    let name = name.TrimStart '.'

    if List.contains name Formats.extensions then
        Ok name
    else
        let known = System.String.Join(", ", Formats.extensions)
        Error $"'{name}' is no format that is written: --to takes one of {known}."

/// The version of Burn that an option names, of those whose files are known.
let burn option (text: string) : Result<BurnVersion, string> =
    match BurnVersion.tryParse text with
    | None -> Error $"'{text}' is no version of Burn: {option} takes one such as 0.14."
    | Some version when version < BurnVersion.minor 7 || version >= BurnVersion.minor 23 ->
        Error $"Burn {text} has no files that are known: {option} takes 0.7 to 0.22."
    | Some version -> Ok version

let private hashed (summary: Summary) hash : Result<Output.Hashed list option, RecordError> =
    let add (tensor: TensorSummary) : Output.Hashed =
        if hash then
            match Inspect.sha256 tensor.Data with
            | Ok digest -> { Tensor = tensor; Sha256 = Some digest }
            | Error error -> RecordError.raise error
        else
            { Tensor = tensor; Sha256 = None }

    RecordError.catch (fun () -> Option.map (List.map add) summary.Tensors)

/// What is inside the file.
let inspect file json hash (schema: Schema option) =
    withFile file (fun input ->
        Inspect.input limits schema input
        |> Result.bind (fun summary ->
            hashed summary hash
            |> Result.map (fun tensors ->
                if json then
                    Output.json summary tensors
                else
                    Output.summary summary tensors

                0)))

/// The structure of a file that describes itself, for --schema.
let structure file =
    withFile file (fun input ->
        Inspect.document limits None input
        |> Result.map (fun document ->
            Output.line (SchemaJson.ofSchema (Maybe.ofRecord document.Root))
            0))
