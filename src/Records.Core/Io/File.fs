namespace Records.Core

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.Win32.SafeHandles

/// How far a save goes before it says that it is done.
[<RequireQualifiedAccess>]
type Durability =
    /// Bytes and name are on the disk: a power failure leaves the new file.
    | Flushed
    /// The name points to whole bytes, which the system writes out when it likes: a crash of the program is outlived,
    /// a power failure may leave the old file or an empty one.
    | Renamed

/// How a file is found, written and read.
type FileOptions =
    {
        Durability: Durability
        /// Names are made as Burn makes them: what follows the last dot is replaced.
        BurnPaths: bool
        /// Reading maps the file instead of copying from it.
        Mapped: bool
    }

/// A sink that can show what it has written before it counts.
type internal IReadBack =
    /// Writes the payload, unless what was written, read again, is refused: then the place is as it was.
    abstract Write:
        payload: Payload * check: (ISource -> Result<unit, RecordError>) * cancellationToken: CancellationToken ->
            Task<Result<unit, RecordError>>

/// A source that looks after each read whether what it reads from was changed.
type internal ILooks =
    /// Does work that is good for nothing where that was so: one look at its end is enough.
    abstract Together: work: (unit -> 'T) -> 'T

/// Files as places.
[<RequireQualifiedAccess>]
module File =

    let private failed location operation (cause: exn) =
        RecordError.Io(location, operation, cause)

    /// Turns the failures that a disk has into errors and lets the rest fly.
    let private guard location operation work =
        try
            work ()
        with
        | RecordFault error -> Error error
        | :? IOException as cause -> Error(failed location operation cause)
        | :? UnauthorizedAccessException as cause -> Error(failed location operation cause)
        | :? NotSupportedException as cause -> Error(failed location operation cause)
        | :? ArgumentException as cause -> Error(failed location operation cause)

    // ---- reading

    /// An open file, read at offsets. It notices when the file is changed in place meanwhile.
    [<Sealed>]
    type private FileSource(path: string, handle: SafeFileHandle) =
        let length = RandomAccess.GetLength handle
        let written = File.GetLastWriteTimeUtc handle
        let mutable together = false

        let look () =
            if File.GetLastWriteTimeUtc handle <> written then
                raise (IOException "The file was changed while it was open.")

        let fill offset (target: Span<byte>) =
            let mutable from = offset
            let mutable rest = target

            try
                while not rest.IsEmpty do
                    let count = RandomAccess.Read(handle, rest, from)

                    if count = 0 then
                        raise (EndOfStreamException "The file became shorter while it was open.")

                    from <- from + int64 count
                    rest <- rest.Slice count

                if not together then
                    look ()
            with :? IOException as cause ->
                RecordError.raise (failed path "read" cause)

        interface ILooks with
            member _.Together work =
                together <- true

                let value =
                    try
                        work ()
                    finally
                        together <- false

                try
                    look ()
                    value
                with :? IOException as cause ->
                    RecordError.raise (failed path "read" cause)

        interface ISource with
            member _.Name = path
            member _.Length = length
            member _.InMemory = false
            member _.Outlives = false

            member _.Read(offset, count) =
                let bytes = GC.AllocateUninitializedArray<byte> count
                fill offset (bytes.AsSpan())
                ReadOnlyMemory bytes

            member _.Fill(offset, target) = fill offset target
            member _.Dispose() = handle.Dispose()

    /// The file at exactly this path.
    let source mapped (path: string) : Result<ISource, RecordError> =
        let opened () =
            let handle =
                Disk.whenFree (fun () ->
                    File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read ||| FileShare.Delete))

            if mapped then
                Ok(Mapped.source path handle)
            else
                Ok(new FileSource(path, handle) :> ISource)

        if Directory.Exists path then
            Error(RecordError.NotFound(path, "a folder has that name"))
        else
            guard path "open" (fun () ->
                try
                    opened ()
                with
                | :? FileNotFoundException
                | :? DirectoryNotFoundException -> Error(RecordError.NotFound(path, "")))

    // ---- writing

    /// As sinkAt, on this disk.
    let internal sinkOn disk overwrite durability (path: string) : ISink =
        let write check payload token =
            let flushed = (durability = Durability.Flushed)

            guard path "save" (fun () -> Ok(Replace.file disk overwrite flushed check path payload token))
            |> Task.FromResult

        let readBack check sibling =
            use source =
                // shared with the handle that wrote it, which stays open
                let shared = FileShare.ReadWrite ||| FileShare.Delete
                new FileSource(path, File.OpenHandle(sibling, FileMode.Open, FileAccess.Read, shared)) :> ISource

            match check source with
            | Ok() -> ()
            | Error error -> raise (IOException(RecordError.message error))

        { new ISink with
            member _.Write(payload, token) = write ignore payload token
          interface IReadBack with
              member _.Write(payload, check, token) = write (readBack check) payload token
        }

    let private sink overwrite durability path =
        sinkOn Disk.real overwrite durability path

    /// The file at exactly this path, flushed to the disk. Unless it may be overwritten, a file that is there is an error
    /// and stays.
    let sinkAt overwrite path : ISink = sink overwrite Durability.Flushed path

    // ---- places

    /// Flushed, with our own rule for names, read into memory.
    let defaults = { Durability = Durability.Flushed; BurnPaths = false; Mapped = false }

    /// What to say of a file that is not there: the one that Burn would have opened may be.
    let private hint extension (path: string) =
        let candidates =
            [
                FilePath.asBurn extension path
                // The default recorders of Burn 0.11 and before compressed.
                FilePath.withExtension (extension + ".gz") path
                FilePath.asBurn (extension + ".gz") path
            ]

        candidates
        |> List.tryPick (function
            | Ok candidate when File.Exists candidate -> Some $"there is '{candidate}', where Burn would look"
            | _ -> None)
        |> Option.defaultValue ""

    /// The file that is to be read, our name first, then the very path.
    let private find options extension (path: string) =
        let named =
            if options.BurnPaths then
                FilePath.asBurn
            else
                FilePath.withExtension

        named extension path
        |> Result.bind (fun name ->
            if File.Exists name then
                Ok name
            elif not options.BurnPaths && File.Exists path then
                Ok path
            elif Directory.Exists name then
                Error(RecordError.NotFound(name, "a folder has that name"))
            else
                Error(RecordError.NotFound(name, hint extension path)))

    /// A path as a place, its extension not yet known and nothing opened.
    let place options (path: string) =
        { new IPlace with
            member _.Sink extension =
                let named =
                    if options.BurnPaths then
                        FilePath.asBurn
                    else
                        FilePath.withExtension

                named extension path |> Result.map (sink true options.Durability)

            member _.Open extension =
                find options extension path |> Result.bind (source options.Mapped)
        }

    /// A path as a place with the default options.
    let at path = place defaults path

    /// Exactly this path as a place, whatever the extension.
    let exactly options path =
        { new IPlace with
            member _.Sink _ =
                FilePath.check path |> Result.map (sink true options.Durability)

            member _.Open _ =
                FilePath.check path |> Result.bind (source options.Mapped)
        }
