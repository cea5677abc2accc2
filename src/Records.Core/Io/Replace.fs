namespace Records.Core

open System
open System.Buffers
open System.IO
open System.Threading

/// One file in place of another: whole, or not at all.
[<RequireQualifiedAccess>]
module internal Replace =

    /// Does one step of a save; the failures that a disk has say which step it was.
    let private step path operation work =
        let failed (cause: exn) =
            RecordError.raise (RecordError.Io(path, operation, cause))

        try
            work ()
        with
        | :? IOException as cause -> failed cause
        | :? UnauthorizedAccessException as cause -> failed cause
        | :? NotSupportedException as cause -> failed cause

    /// Parts smaller than this are gathered before they are written.
    let private gathered = 1 <<< 18

    /// A part may be a whole tensor: of a larger one so much is written at a time, between which a save can be cancelled.
    let private writtenAtOnce = 1 <<< 20

    /// Bytes that a disk is given at a time while the next are made.
    let private flushedAtOnce = 1L <<< 24

    let private writeAll write (payload: Payload) (token: CancellationToken) =
        let buffer = ArrayPool<byte>.Shared.Rent gathered
        let mutable used = 0
        let mutable offset = 0L

        let gatheredSoFar used = ReadOnlyMemory(buffer, 0, used)

        try
            for part in payload.Parts do
                token.ThrowIfCancellationRequested()

                if used > 0 && part.Length > gathered - used then
                    write (gatheredSoFar used) offset
                    offset <- offset + int64 used
                    used <- 0

                if part.Length > gathered then
                    for start in 0..writtenAtOnce .. part.Length - 1 do
                        token.ThrowIfCancellationRequested()
                        let piece = part.Slice(start, min writtenAtOnce (part.Length - start))
                        write piece offset
                        offset <- offset + int64 piece.Length
                else
                    part.Span.CopyTo(Span(buffer, used, part.Length))
                    used <- used + part.Length

            if used > 0 then
                write (gatheredSoFar used) offset
        finally
            ArrayPool<byte>.Shared.Return buffer

    /// The file that a chain of links ends at.
    let private followed (path: string) =
        match File.ResolveLinkTarget(path, returnFinalTarget = true) with
        | null -> Path.GetFullPath path
        | target -> target.FullName

    /// The folders from this one upwards that are not there yet.
    let rec private missing (folder: string) =
        match Path.GetDirectoryName folder with
        | _ when Directory.Exists folder -> []
        | null -> [ folder ]
        | parent -> folder :: missing parent

    /// A new sibling that is ours. It has its name before it has its lock, and a sweep of another save that falls between
    /// takes the one or the other: then another is made.
    let rec private create (disk: Disk) target size tries =
        let sibling = Leftovers.fresh target

        let made =
            try
                let handle = disk.Create sibling size

                if tries = 1 || File.Exists sibling then
                    Some handle
                else
                    handle.Dispose()
                    None
            with :? IOException as cause when tries > 1 && Disk.isTaken cause ->
                None

        match made with
        | Some handle -> sibling, handle
        | None -> create disk target size (tries - 1)

    /// What could not be removed is swept by the next save; the error to tell is the one that came before.
    let private discard (disk: Disk) sibling =
        try
            disk.Delete sibling
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    let private flushFolder (disk: Disk) folder =
        let failed (cause: exn) =
            raise (IOException($"The new file is there, but may not outlast a power failure. {cause.Message}", cause))

        try
            disk.FlushFolder folder
        with
        | :? IOException as cause -> failed cause
        | :? UnauthorizedAccessException as cause -> failed cause

    /// The payload in place of the file, or of the file that it links to; flushed, bytes and names are on the disk then.
    /// Check is given the name under which it was written, and may refuse what is there.
    let file (disk: Disk) overwrite flushed (check: string -> unit) (path: string) (payload: Payload) token =
        let target =
            if File.Exists path then
                followed path
            else
                Path.GetFullPath path

        let folder = Path.GetDirectoryName target |> Option.ofObj |> Option.defaultValue "."
        let made = missing folder
        let step operation work = step path operation work
        step "make the folder of" (fun () -> Directory.CreateDirectory folder |> ignore)
        let existing = FileInfo target

        step "replace" (fun () ->
            if existing.Exists && not overwrite then
                raise (IOException "There is a file already.")

            if existing.Exists && existing.IsReadOnly then
                raise (UnauthorizedAccessException "The file is read-only."))

        Leftovers.sweep disk target
        let size = payload.Length |> Option.defaultValue 0L
        let sibling, handle = step "create" (fun () -> create disk target size 8)
        let mutable renamed = false
        let mutable swapped = false

        try
            use handle = handle

            if existing.Exists && not (OperatingSystem.IsWindows()) then
                step "set the permissions of" (fun () -> disk.SetMode handle existing.UnixFileMode)

            let begun = ref 0L

            let write (bytes: ReadOnlyMemory<byte>) offset =
                step "write" (fun () ->
                    disk.Write handle bytes offset
                    let arrived = RandomAccess.GetLength handle - offset

                    if arrived <> int64 bytes.Length then
                        raise (IOException $"Of {bytes.Length} bytes {arrived} arrived.")

                    // the disk writes while the next bytes are read, converted and hashed
                    if flushed && offset + int64 bytes.Length - begun.Value >= flushedAtOnce then
                        let stop = offset + int64 bytes.Length
                        disk.BeginFlush handle begun.Value (stop - begun.Value)
                        begun.Value <- stop)

            writeAll write payload token

            if flushed then
                step "flush" (fun () -> disk.Flush handle)

            step "read back" (fun () -> check sibling)

            // Elsewhere it stays open, and locked, until it has its name: nobody takes it for a leftover.
            if OperatingSystem.IsWindows() then
                handle.Dispose()

            // ext4 writes a file out while it is renamed over another, which is what the caller did not ask for: half the time of
            // a save. Where two files can swap names nothing is waited for, and the old one then goes by the temporary name.
            step "rename" (fun () ->
                swapped <- not flushed && overwrite && existing.Exists && disk.Swap sibling target

                if not swapped then
                    disk.Rename sibling target overwrite)

            renamed <- true
        finally
            if swapped || not renamed then
                discard disk sibling

        if flushed then
            step "flush the folder of" (fun () ->
                flushFolder disk folder

                // so that the names of new folders last as well
                for made in made do
                    Path.GetDirectoryName made |> Option.ofObj |> Option.iter (flushFolder disk))
