/// What 'convert' does: one file, or the files of a checkpoint folder.
module Records.Cli.Converting

open System
open System.Globalization
open System.IO
open System.Text
open Records.Core

let private number (value: double) =
    value.ToString("G6", CultureInfo.InvariantCulture)

/// What casts lost, tensor by tensor.
let private lossLines (losses: Loss list) =
    let text = StringBuilder()

    let row (cells: string list) =
        text.Append(String.Join("\t", cells)).Append '\n' |> ignore

    if not losses.IsEmpty then
        row
            [
                "# path"
                "from"
                "to"
                "changed"
                "max abs error"
                "max rel error"
                "overflow"
                "underflow"
                "nan"
            ]

    for loss in losses do
        row
            [
                Output.plain (String.Join('.', loss.Path))
                Dtype.name loss.From
                Dtype.name loss.To
                string loss.Changed
                number loss.MaxAbsolute
                number loss.MaxRelative
                string loss.Overflows
                string loss.Underflows
                string loss.Nans
            ]

    text.ToString()

let private told (file: string) (converted: Converted) =
    for warning in converted.Warnings do
        Output.warn $"Warning: '{file}': {warning}."

    Output.text (lossLines converted.Losses)

let private nameOf (path: string) =
    match Path.GetFileName path with
    | null -> path
    | name -> name

let private one conversion force (file: string) (target: string) =
    let work watch =
        if File.Exists target && not force then
            Output.warn $"'{target}' exists; --force overwrites it."
            None
        else
            match ConvertFile.run conversion file target force watch with
            | Ok converted -> Some converted
            | Error error ->
                Output.failed file error |> ignore
                None

    try
        match Bar.watched (nameOf file) work with
        | Some converted ->
            told file converted
            0
        | None -> 1
    with :? OperationCanceledException ->
        Output.warn $"'{file}': stopped, nothing was written."
        1

let private isFolder (path: string) =
    Directory.Exists path || Path.EndsInDirectorySeparator path

/// A file that goes into a folder keeps its name, with the ending of its format.
let private within (folder: string) (file: string) extension =
    let name = nameOf file

    let stem =
        match Formats.extensionOf name with
        | Some own -> name.Substring(0, name.Length - own.Length - 1)
        | None -> name

    Path.Combine(folder, $"{stem}.{extension}")

let private wrong (message: string) =
    Output.warn message
    2

let private known = String.Join(", ", Formats.extensions)

/// Converts a file, or each file of a folder of checkpoints.
let run (conversion: string -> Conversion) (extension: string option) force (file: string) (output: string) =
    if Directory.Exists file then
        if File.Exists output then
            wrong $"'{file}' is a folder and '{output}' is none."
        elif not (isFolder output) && (Formats.extensionOf output).IsSome then
            wrong
                $"'{file}' is a folder of checkpoints and '{output}' is the name of a file: give a folder for them, and --to for a format."
        else
            match CheckpointFiles.plan file output extension with
            | Error error -> Output.failed file error
            | Ok files ->
                let existing = files |> List.filter (fun (_, target) -> File.Exists target)

                match existing with
                | (_, target) :: _ when not force ->
                    Output.warn $"'{target}' exists; --force overwrites it."
                    1
                | _ ->
                    // each file is whole or not there; one that fails does not keep the others back
                    files
                    |> List.map (fun (file, target) ->
                        let extension = extension |> Option.orElse (Formats.extensionOf target)
                        one (conversion (Option.defaultValue "" extension)) force file target)
                    |> List.max
    else
        let said = if isFolder output then file else output

        match extension |> Option.orElse (Formats.extensionOf said) with
        | None -> wrong $"'{said}' does not say a format: --to takes one of {known}."
        | Some extension ->
            let target =
                if isFolder output then
                    within output file extension
                else
                    output

            one (conversion extension) force file target
