namespace Records.Core

open System
open System.IO

/// What a save that was killed leaves: its temporary file, known by its name, .FILE.<16 hex digits>.tmp.
[<RequireQualifiedAccess>]
module internal Leftovers =

    let private suffix = ".tmp"

    /// A name beside the target that nothing else has.
    let fresh (target: string) =
        let folder = Path.GetDirectoryName target |> Option.ofObj |> Option.defaultValue ""
        let unique = Convert.ToHexStringLower(Security.Cryptography.RandomNumberGenerator.GetBytes 8)
        Path.Combine(folder, $".{Path.GetFileName target}.{unique}{suffix}")

    /// Whether a save over the file of this name could have left that one.
    let isOf (name: string) (other: string) =
        let prefix = $".{name}."

        other.Length = prefix.Length + 16 + suffix.Length
        && other.StartsWith(prefix, StringComparison.Ordinal)
        && other.EndsWith(suffix, StringComparison.Ordinal)
        && other.AsSpan(prefix.Length, 16).IndexOfAnyExcept("0123456789abcdef") < 0

    /// Whoever cannot do something here leaves it: a save does not fail because of what another left.
    let private attempt fallback work =
        try
            work ()
        with
        | :? IOException
        | :? UnauthorizedAccessException
        | :? NotSupportedException -> fallback

    /// The file, unless someone has it open. Reading and writing, because that does not wait for the other end of a pipe.
    let private alone (path: string) =
        let share =
            // Windows deletes what is open only when that is shared
            if OperatingSystem.IsWindows() then
                FileShare.Delete
            else
                FileShare.None

        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, share)

    /// Not every file system keeps locks. Where they do not hold, one that nobody writes looks like one that somebody does.
    let private locksHold disk target =
        attempt false (fun () ->
            let probe = fresh target
            use _ = disk.Create probe 0L

            try
                try
                    (alone probe).Dispose()
                    false
                with :? IOException ->
                    true
            finally
                disk.Delete probe)

    let private remove disk (path: string) =
        attempt () (fun () ->
            use handle = alone path
            // a pipe has no length, and is nobody's leftover
            RandomAccess.GetLength handle |> ignore
            disk.Delete path)

    /// Removes what killed saves over the target left beside it: plain files of that very name that no process has open.
    let sweep (disk: Disk) (target: string) =
        attempt () (fun () ->
            match Path.GetDirectoryName target, Path.GetFileName target with
            | null, _
            | _, null -> ()
            | folder, name ->
                let left =
                    [
                        for file in DirectoryInfo(folder).EnumerateFiles() do
                            if isOf name file.Name && not (file.Attributes.HasFlag FileAttributes.ReparsePoint) then
                                file.FullName
                    ]

                if not left.IsEmpty && locksHold disk target then
                    List.iter (remove disk) left)
