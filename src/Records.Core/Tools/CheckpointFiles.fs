namespace Records.Core

open System
open System.IO
open System.Text.RegularExpressions

/// The files of a folder of checkpoints, by the names that Burn gives them: model-3.mpk, optim-3.mpk, scheduler-3.mpk.
[<RequireQualifiedAccess>]
module CheckpointFiles =

    // the last two are those of reinforcement learning since 0.21
    let private names =
        Regex(@"^(model|optim|scheduler|policy|learning-agent)-[0-9]+\.", RegexOptions.CultureInvariant)

    /// A name of such a file without what its format adds, and its format; None for another name.
    let internal parse (name: string) : (string * FileKind) option =
        if names.IsMatch name then
            Formats.kindOf name
            |> Option.filter (fun kind -> name.Length - kind.Extension.Length - 1 = name.IndexOf '.')
            |> Option.map (fun kind -> name.Substring(0, name.IndexOf '.'), kind)
        else
            None

    /// Why a link is not followed: it ends outside of the folder, or nowhere.
    let private astray (folder: string) (file: FileInfo) =
        try
            match file.LinkTarget with
            | null -> None
            | _ ->
                match file.ResolveLinkTarget(returnFinalTarget = true) with
                | null -> None
                | target when Path.GetDirectoryName target.FullName <> Path.GetFullPath folder ->
                    Some $"to '{target.FullName}', outside of the folder"
                | target when not target.Exists -> Some $"to '{target.Name}', which is not there"
                | _ -> None
        with :? IOException ->
            Some "that leads to itself"

    let private unsupported reason = RecordError.Unsupported([], reason)

    let private listed (folder: string) =
        let failed cause =
            Error(RecordError.Io(folder, "list", cause))

        try
            Ok(List.ofSeq (DirectoryInfo(folder).EnumerateFiles()))
        with
        | :? IOException as cause -> failed cause
        | :? UnauthorizedAccessException as cause -> failed cause

    /// The files of the folder and what each becomes in the other folder: of this kind, or of its own when none is asked for.
    /// A link out of the folder is an error and is not followed, as are two files that would become one.
    let plan
        (folder: string)
        (target: string)
        (extension: string option)
        : Result<(string * string) list, RecordError> =
        listed folder
        |> Result.bind (fun files ->
            let found =
                [
                    for file in files do
                        match parse file.Name with
                        | Some(stem, kind) ->
                            let extension = Option.defaultValue kind.Extension extension
                            file, Path.Combine(target, $"{stem}.{extension}")
                        | None -> ()
                ]
                |> List.sortBy (fun (file, _) -> file.Name)

            let links =
                [
                    for file, result in found do
                        match astray folder file with
                        | Some where -> unsupported $"'{file.Name}' is a link {where}: it is not followed"
                        | None -> ()

                        if not (isNull (FileInfo(result).LinkTarget)) then
                            unsupported $"'{result}' is a link: it is not written through"
                ]

            let twice =
                [
                    for result, files in List.groupBy snd found do
                        if files.Length > 1 then
                            let names = String.Join(" and ", [ for file, _ in files -> $"'{file.Name}'" ])
                            unsupported $"{names} would both become '{result}'"
                ]

            match found, links @ twice with
            | [], _ ->
                Error(
                    RecordError.NotFound(
                        folder,
                        "no file of it is named like model-1.mpk, optim-1.mpk or scheduler-1.mpk"
                    )
                )
            | _, [] -> Ok [ for file, result in found -> Path.Combine(folder, file.Name), result ]
            | _, problems -> Error(RecordError.ofList problems))
