namespace Records.Core

open System
open System.IO
open Microsoft.Win32.SafeHandles

/// A file for what memory should not have to hold while something is made of it. Others do not see it, and it is gone once
/// it is closed; where the system allows that, even if this program is killed before.
[<Sealed>]
type internal Scratch(folder: string) =
    let mutable file: FileStream option = None
    let mutable length = 0L

    let failed operation cause : 'T =
        RecordError.raise (RecordError.Io($"a temporary file in {folder}", operation, cause))

    let guard operation work =
        try
            work ()
        with
        | :? IOException as cause -> failed operation cause
        | :? UnauthorizedAccessException as cause -> failed operation cause

    // What is not made yet has no folder yet.
    let rec existing (path: string) =
        match Path.GetDirectoryName path with
        | _ when Directory.Exists path -> path
        | null -> "."
        | parent -> existing parent

    let create () =
        let unique = Convert.ToHexStringLower(Security.Cryptography.RandomNumberGenerator.GetBytes 8)
        let path = Path.Combine(existing (Path.GetFullPath folder), $".records.{unique}.tmp")

        let options =
            FileStreamOptions(
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                BufferSize = 0
            )

        if OperatingSystem.IsWindows() then
            options.Options <- System.IO.FileOptions.DeleteOnClose
            new FileStream(path, options)
        else
            options.UnixCreateMode <- UnixFileMode.UserRead ||| UnixFileMode.UserWrite
            let stream = new FileStream(path, options)
            File.Delete path
            stream

    let handle () : SafeFileHandle =
        match file with
        | Some stream -> stream.SafeFileHandle
        | None ->
            let stream = guard "create" create
            file <- Some stream
            stream.SafeFileHandle

    let fill (offset: int64) (target: Span<byte>) =
        let mutable from = offset
        let mutable rest = target

        try
            while not rest.IsEmpty do
                let count = RandomAccess.Read(handle (), rest, from)

                if count = 0 then
                    raise (EndOfStreamException "It became shorter.")

                from <- from + int64 count
                rest <- rest.Slice count
        with :? IOException as cause ->
            failed "read" cause

    let source =
        { new ISource with
            member _.Name = "a temporary file"
            member _.Length = length
            member _.InMemory = false
            member _.Outlives = false

            member _.Read(offset, count) =
                let bytes = GC.AllocateUninitializedArray<byte> count
                fill offset (bytes.AsSpan())
                ReadOnlyMemory bytes

            member _.Fill(offset, target) = fill offset target
            member _.Dispose() = ()
        }

    /// Takes in the payload, after what was taken in before, and gives it back as a slice.
    member _.Store(payload: Payload) : Slice =
        let start = length

        for part in payload.Parts do
            guard "write" (fun () -> RandomAccess.Write(handle (), part.Span, length))
            length <- length + int64 part.Length

        { Source = source; Offset = start; Length = length - start }

    interface IDisposable with
        member _.Dispose() = file |> Option.iter _.Dispose()
