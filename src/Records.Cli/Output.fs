/// What the tool says, and how: JSON for programs, a table for a terminal, lines for a pipe.
module Records.Cli.Output

open System
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open Records.Core
open Spectre.Console

/// A tensor with what was asked about its bytes.
[<NoEquality; NoComparison>]
type Hashed = { Tensor: TensorSummary; Sha256: string option }

/// A stranger's text on one line: what would move the cursor or colour the screen is spelt out.
let plain (text: string) =
    if Seq.exists Char.IsControl text then
        let line = StringBuilder()

        for letter in text do
            if Char.IsControl letter then
                line.Append($"\\u{int letter:x4}") |> ignore
            else
                line.Append letter |> ignore

        line.ToString()
    else
        text

/// How many tensors, as people say it.
let counted count =
    if count = 1 then "1 tensor" else $"{count} tensors"

/// Writes UTF-8 whatever the console's own encoding is, all of it or, when the work fails, nothing.
let private print (work: Stream -> unit) =
    use text = new MemoryStream()
    work text
    use output = Console.OpenStandardOutput()
    text.WriteTo output

/// A text as it is; none leaves standard output alone.
let text (text: string) =
    if text <> "" then
        print (fun stream -> stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes text)))

/// One line and its end.
let line words = text (words + "\n")

/// One line on standard error.
let warn (text: string) =
    Console.Error.WriteLine(plain (text.Replace("\n", " ")))

/// One line on standard error that names the file, and the exit code for one that is bad or a job that failed.
let told (file: string) (message: string) =
    warn (
        if message.Contains($"'{file}'", StringComparison.Ordinal) then
            message
        else
            $"'{file}': {message}"
    )

    1

/// The same for an error.
let failed file error = told file (RecordError.message error)

let private path (tensor: TensorSummary) = String.Join('.', tensor.Path)

let private id (tensor: TensorSummary) =
    tensor.ParamId |> Option.map (fun (ParamId id) -> id)

// ---- JSON

/// One JSON object on a line, with what the work writes into it.
let object' (work: Utf8JsonWriter -> unit) =
    // Names are a stranger's, and quotes and controls are escaped all the same: this leaves letters readable.
    let options = JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    print (fun stream ->
        use writer = new Utf8JsonWriter(stream, options)
        writer.WriteStartObject()
        work writer
        writer.WriteEndObject()
        writer.Flush()
        stream.WriteByte '\n'B)

/// The object that scripts read: keys may be added to it, and none changes its meaning.
let json (summary: Summary) (tensors: Hashed list option) =
    object' (fun writer ->
        let optional (name: string) (value: string option) =
            match value with
            | Some value -> writer.WriteString(name, value)
            | None -> writer.WriteNull name

        writer.WriteString("format", summary.Format)
        optional "compression" summary.Compression
        optional "burn" summary.Burn
        writer.WriteBoolean("sealed", summary.Sealed)
        writer.WriteStartObject "metadata"

        for entry in summary.Metadata do
            writer.WriteString(entry.Key, entry.Value)

        writer.WriteEndObject()

        // the whole under "", what is inside by its path; only where a type has had another version
        if not summary.Versions.IsEmpty then
            writer.WriteStartObject "versions"

            for entry in summary.Versions do
                writer.WriteNumber(entry.Key, entry.Value)

            writer.WriteEndObject()

        match tensors with
        | None -> writer.WriteNull "tensors"
        | Some tensors ->
            writer.WriteStartArray "tensors"

            for hashed in tensors do
                let tensor = hashed.Tensor
                writer.WriteStartObject()
                writer.WriteString("path", path tensor)
                writer.WriteString("dtype", Dtype.name tensor.Data.Dtype)
                writer.WriteStartArray "shape"

                for dim in Shape.dims tensor.Data.Shape do
                    writer.WriteNumberValue dim

                writer.WriteEndArray()
                writer.WriteNumber("bytes", tensor.Data.Bytes.Length)
                optional "paramId" (id tensor)

                match hashed.Sha256 with
                | Some hash -> writer.WriteString("sha256", hash)
                | None -> ()

                writer.WriteEndObject()

            writer.WriteEndArray())

// ---- for people

let private unknown = "unknown: bincode does not describe itself, --schema says what is in it"

let private facts (summary: Summary) =
    [
        "format", summary.Format
        "compression", Option.defaultValue "none" summary.Compression
        "sealed", (if summary.Sealed then "yes" else "no")
        for entry in summary.Metadata do
            $"metadata.{entry.Key}", entry.Value
        for entry in summary.Versions do
            (if entry.Key = "" then "version" else $"version.{entry.Key}"), string entry.Value
    ]

/// Lines for a pipe: what the file is after '#', then a line for each tensor, its columns separated by tabs.
let private lines (summary: Summary) (tensors: Hashed list option) =
    let text = StringBuilder()

    let add (line: string) = text.Append(line).Append '\n' |> ignore

    for name, value in facts summary do
        add $"# {plain name}: {plain value}"

    match tensors with
    | None -> add $"# tensors: {unknown}"
    | Some tensors ->
        for hashed in tensors do
            let data = hashed.Tensor.Data

            let columns =
                [
                    plain (path hashed.Tensor)
                    Dtype.name data.Dtype
                    "[" + String.Join(",", Shape.dims data.Shape) + "]"
                    string data.Bytes.Length
                    plain (Option.defaultValue "-" (id hashed.Tensor))
                    yield! Option.toList hashed.Sha256
                ]

            add (String.Join("\t", columns))

    print (fun stream -> stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes(text.ToString()))))

let private table (summary: Summary) (tensors: Hashed list option) =
    let shown text = Markup.Escape(plain text)

    for name, value in facts summary do
        AnsiConsole.MarkupLine $"[grey]{shown name}[/] {shown value}"

    match tensors with
    | None -> AnsiConsole.MarkupLine $"[grey]tensors[/] [yellow]{shown unknown}[/]"
    | Some tensors ->
        let table = Table(Border = TableBorder.Rounded)

        let right (name: string) =
            TableColumn(name, Alignment = Justify.Right)

        table.AddColumn("path").AddColumn("dtype").AddColumn("shape").AddColumn(right "bytes").AddColumn "id"
        |> ignore

        let hashing = tensors |> List.exists _.Sha256.IsSome

        if hashing then
            table.AddColumn "sha256" |> ignore

        for hashed in tensors do
            let data = hashed.Tensor.Data
            let id = Option.defaultValue "" (id hashed.Tensor)

            let cells =
                [|
                    $"[aqua]{shown (path hashed.Tensor)}[/]"
                    $"[yellow]{Dtype.name data.Dtype}[/]"
                    shown (Shape.text data.Shape)
                    data.Bytes.Length.ToString("N0", Globalization.CultureInfo.InvariantCulture)
                    $"[grey]{shown id}[/]"
                    match hashed.Sha256 with
                    // enough to compare by eye, and it fits; pipes and JSON have all of it
                    | Some hash -> $"[grey]{hash.Substring(0, 12)}…[/]"
                    | None -> ()
                |]

            table.AddRow cells |> ignore

        AnsiConsole.Write table
        let total = tensors |> List.sumBy _.Tensor.Data.Bytes.Length

        let total = total.ToString("N0", Globalization.CultureInfo.InvariantCulture)
        let count = counted tensors.Length
        AnsiConsole.MarkupLine $"{count}, {total} bytes"

/// A table in a terminal, plain lines anywhere else.
let summary summary tensors =
    if Console.IsOutputRedirected then
        lines summary tensors
    else
        table summary tensors
