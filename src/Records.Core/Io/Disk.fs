namespace Records.Core

open System
open System.IO
open System.Runtime.InteropServices
open Microsoft.Win32.SafeHandles

/// What a save asks of the system, one operation each. Tests put another in its place, whose operations fail.
[<NoEquality; NoComparison>]
type internal Disk =
    {
        /// A new file, locked for as long as it is open, with room for so many bytes.
        Create: string -> int64 -> SafeFileHandle
        SetMode: SafeFileHandle -> UnixFileMode -> unit
        /// All of the bytes, at this offset.
        Write: SafeFileHandle -> ReadOnlyMemory<byte> -> int64 -> unit
        /// Begins to flush so many bytes from this offset on, and waits for nothing: advice, which cannot fail.
        BeginFlush: SafeFileHandle -> int64 -> int64 -> unit
        Flush: SafeFileHandle -> unit
        /// From one name to another, over what is there or not.
        Rename: string -> string -> bool -> unit
        /// Each of two files under the name of the other, at once; false where the system does not do that.
        Swap: string -> string -> bool
        Delete: string -> unit
        FlushFolder: string -> unit
    }

module internal Disk =

    [<DllImport("libc", EntryPoint = "renameat2")>]
    extern int private renameat2(
        int fromFolder,
        [<MarshalAs(UnmanagedType.LPUTF8Str)>] string from,
        int toFolder,
        [<MarshalAs(UnmanagedType.LPUTF8Str)>] string target,
        uint flags
    )

    [<DllImport("libc", EntryPoint = "sync_file_range")>]
    extern int private sync_file_range(SafeFileHandle file, int64 offset, int64 length, uint flags)

    /// Linux alone: elsewhere all is flushed at the end.
    let private beginFlush handle offset length =
        try
            if OperatingSystem.IsLinux() then
                // SYNC_FILE_RANGE_WRITE
                sync_file_range (handle, offset, length, 2u) |> ignore
        with :? EntryPointNotFoundException ->
            ()

    /// Linux alone, and not on every file system.
    let private swap first second =
        try
            // AT_FDCWD for both folders, RENAME_EXCHANGE
            OperatingSystem.IsLinux() && renameat2 (-100, first, -100, second, 2u) = 0
        with :? EntryPointNotFoundException ->
            false

    /// Whether this says that another has the file and shares it with nobody: EWOULDBLOCK on Linux and on macOS, a sharing violation on Windows.
    let isTaken (cause: IOException) =
        cause.HResult = 11 || cause.HResult = 35 || cause.HResult = 0x80070020

    /// Does this, and again for up to a tenth of a second where another has the file: a save that looks for what killed ones left may hold,
    /// for an instant, a file that another save has just given its name.
    let whenFree (work: unit -> 'T) : 'T =
        let waiting = Diagnostics.Stopwatch.StartNew()

        let rec attempt () =
            let found =
                try
                    ValueSome(work ())
                with :? IOException as cause when isTaken cause && waiting.ElapsedMilliseconds < 100L ->
                    ValueNone

            match found with
            | ValueSome value -> value
            | ValueNone ->
                Threading.Thread.Sleep 1
                attempt ()

        attempt ()

    /// The system's own. .NET goes on by itself after a short write and after EINTR.
    let real: Disk =
        {
            // Sharing with readers takes a shared lock on Unix: the file can be read the moment it has its new name, while
            // Leftovers, which asks for the file alone, is refused.
            Create =
                fun path size ->
                    File.OpenHandle(
                        path,
                        FileMode.CreateNew,
                        FileAccess.Write,
                        FileShare.Read,
                        preallocationSize = size
                    )
            SetMode = fun handle mode -> File.SetUnixFileMode(handle, mode)
            Write = fun handle bytes offset -> RandomAccess.Write(handle, bytes.Span, offset)
            BeginFlush = beginFlush
            Flush = RandomAccess.FlushToDisk
            Rename = fun source target overwrite -> File.Move(source, target, overwrite)
            Swap = swap
            Delete = File.Delete
            FlushFolder = Folder.flush
        }
