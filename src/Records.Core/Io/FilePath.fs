namespace Records.Core

open System
open System.IO

/// Which file a name means. No disk is asked here.
[<RequireQualifiedAccess>]
module FilePath =

    let private nameOf (path: string) =
        match Path.GetFileName path with
        | null -> ""
        | name -> name

    /// The name is a file's: not empty, not a folder.
    let internal check (path: string) =
        let name = nameOf path

        if name = "" || name = "." || name = ".." then
            Error(RecordError.Unsupported([], $"'{path}' does not name a file"))
        else
            Ok path

    /// The name as it is when it ends with the extension, otherwise with what it lacks of it appended: model.mpk becomes
    /// model.mpk.gz.
    let withExtension (extension: string) (path: string) =
        let ends (extension: string) =
            path.EndsWith("." + extension, StringComparison.Ordinal)

        check path
        |> Result.map (fun path ->
            match extension.LastIndexOf '.' with
            | _ when ends extension -> path
            | dot when dot > 0 && ends (extension.Substring(0, dot)) -> path + extension.Substring dot
            | _ -> path + "." + extension)

    /// Burn's rule, which is Rust's `set_extension`: what follows the last dot of the name is replaced.
    let asBurn (extension: string) (path: string) =
        // Rust sees no trailing separator: 'dir/' is the file 'dir'
        let path = path.TrimEnd(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar)

        check path
        |> Result.map (fun path ->
            let name = nameOf path

            let stem =
                match name.LastIndexOf '.' with
                | dot when dot > 0 -> path.Substring(0, path.Length - name.Length + dot)
                | _ -> path

            stem + "." + extension)
