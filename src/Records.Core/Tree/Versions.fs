namespace Records.Core

open System

/// Versions of types, in the annex of a file: "version" of the type that is saved, "version.<path>" of those inside it.
/// All items of a list or map have one type and one entry, under "*". What has none is of version 1.
[<RequireQualifiedAccess>]
module Versions =

    let private word = "version"

    let private key (path: RecordPath) = String.Join('.', word :: path)

    /// Stands in a path for every item of a list and every value of a map.
    let items = "*"

    /// The entries of types with these versions: none for version 1, so that a file without versions is as Burn wrote it.
    let toAnnex (versions: (RecordPath * int) seq) : Map<string, string> =
        Map.ofSeq
            [
                for path, version in versions do
                    if version > 1 then
                        key path, string version
            ]

    /// What of an annex says versions.
    let internal annexOf (annex: Map<string, string>) =
        annex
        |> Map.filter (fun key _ -> key = word || key.StartsWith(word + ".", StringComparison.Ordinal))

    /// The version that a file with this annex has of the type at this path.
    let at (path: RecordPath) (annex: Map<string, string>) : Result<int, RecordError> =
        match Map.tryFind (key path) annex with
        | None -> Ok 1
        | Some text ->
            match Int32.TryParse(text, Globalization.NumberStyles.None, Globalization.CultureInfo.InvariantCulture) with
            | true, version when version > 0 -> Ok version
            | _ -> Error(RecordError.Mismatch(path, "the number of a version", $"'{text}'"))

    /// Every version that the annex has, by its path: "" is the type that was saved. What is no number is left out.
    let ofAnnex (annex: Map<string, string>) : Map<string, int> =
        Map.ofSeq
            [
                for entry in annex do
                    if entry.Key = word || entry.Key.StartsWith(word + ".", StringComparison.Ordinal) then
                        match Int32.TryParse(entry.Value, Globalization.CultureInfo.InvariantCulture) with
                        | true, version -> entry.Key.Substring(word.Length).TrimStart '.', version
                        | _ -> ()
            ]

    /// The name, of those that a field has had, under which the annex knows it: the first where it knows none.
    let spelled (path: RecordPath) (names: string list) (annex: Map<string, string>) =
        let knows name =
            let entry = key (path @ [ name ])

            annex
            |> Map.exists (fun key _ -> key = entry || key.StartsWith(entry + ".", StringComparison.Ordinal))

        names |> List.tryFind knows |> Option.defaultValue names.Head

    /// What is wrong with a file of a version that is not known yet.
    let later (path: RecordPath) (name: string) found newest =
        let reason = $"the file has version {found} of {name}, and {newest} is the newest that is known here"
        RecordError.Unsupported(path, reason)
