/// What 'verify' says of a file.
module Records.Cli.Verifying

open System
open System.Globalization
open System.Text.Json
open Records.Core

[<NoEquality; NoComparison>]
type private Told = { Kind: string; Path: RecordPath; Expected: string option; Actual: string option }

let private parts error =
    let told kind path expected actual =
        { Kind = kind; Path = path; Expected = expected; Actual = actual }

    match error with
    | RecordError.NotFound _ -> told "not-found" [] None None
    | RecordError.WrongFormat(_, expected, actual) -> told "wrong-format" [] (Some expected) (Some actual)
    | RecordError.Malformed(_, path, _, expected, actual) -> told "malformed" path (Some expected) (Some actual)
    | RecordError.Missing(path, expected) -> told "missing" path (Some expected) None
    | RecordError.Unexpected(path, actual) -> told "unexpected" path None (Some actual)
    | RecordError.Mismatch(path, expected, actual) -> told "mismatch" path (Some expected) (Some actual)
    | RecordError.OutOfRange(path, _, value, target) -> told "out-of-range" path (Some target) (Some value)
    | RecordError.TooLarge(path, _, actual, limit) ->
        told "too-large" path (Some $"at most {limit}") (Some(string actual))
    | RecordError.Unsupported(path, _) -> told "unsupported" path None None
    | RecordError.Io _ -> told "io" [] None None
    | RecordError.Many _ -> told "several" [] None None

let private message (problem: Problem) =
    let text = (RecordError.message problem.Error).Replace("\n", " ")

    match problem.Offset, problem.Error with
    | _, RecordError.Malformed _
    | None, _ -> text
    | Some offset, _ -> $"{text.TrimEnd '.'}, at byte {offset}."

let private json file (verdict: Verdict) =
    Output.object' (fun writer ->
        let optional (name: string) (value: string option) =
            match value with
            | Some value -> writer.WriteString(name, value)
            | None -> writer.WriteNull name

        writer.WriteString("file", (file: string))
        optional "format" verdict.Format
        optional "compression" verdict.Compression
        writer.WriteBoolean("sealed", verdict.Sealed)
        writer.WriteBoolean("ok", verdict.Problems.IsEmpty)
        writer.WriteStartArray "problems"

        for problem in verdict.Problems do
            let told = parts problem.Error
            writer.WriteStartObject()
            writer.WriteString("kind", told.Kind)

            optional
                "path"
                (if told.Path.IsEmpty then
                     None
                 else
                     Some(String.Join('.', told.Path)))

            match problem.Offset with
            | Some offset -> writer.WriteNumber("offset", offset)
            | None -> writer.WriteNull "offset"

            optional "expected" told.Expected
            optional "actual" told.Actual
            writer.WriteString("message", message problem)
            writer.WriteEndObject()

        writer.WriteEndArray())

/// Verifies the file and tells all that is wrong with it.
let run (file: string) asJson (schema: Schema option) =
    let verdict = Verify.file Recorder.defaultLimits (Option.map (fun schema _ -> schema) schema) file

    if asJson then
        json file verdict

    match verdict.Problems with
    | [] ->
        if not asJson then
            let bytes = verdict.Bytes.ToString("N0", CultureInfo.InvariantCulture)
            let seal = if verdict.Sealed then "sealed" else "no seal"
            Output.line (Output.plain $"'{file}' is good: {Output.counted verdict.Tensors}, {bytes} bytes, {seal}.")

        0
    | first :: others ->
        if not asJson && not others.IsEmpty then
            let lines = [ for problem in verdict.Problems -> Output.plain (message problem) + "\n" ]
            Output.text (String.concat "" lines)

        let more =
            match others.Length with
            | 0 -> ""
            | count -> $" And {count} more."

        Output.told file (message first + more)
