namespace Records.Core

open System
open System.IO
open System.Runtime.InteropServices

/// Folders on disk: .NET has no way to flush one.
[<RequireQualifiedAccess>]
module internal Folder =

    [<DllImport("libc", EntryPoint = "open", SetLastError = true)>]
    extern int private openFolder([<MarshalAs(UnmanagedType.LPUTF8Str)>] string path, int flags)

    [<DllImport("libc", EntryPoint = "fsync", SetLastError = true)>]
    extern int private flushFolder(int descriptor)

    [<DllImport("libc", EntryPoint = "close")>]
    extern int private closeFolder(int descriptor)

    /// A call that a signal broke off is made again; it says so with EINTR, 4 wherever .NET runs.
    let rec private uninterrupted call : int =
        let result = call ()

        if result < 0 && Marshal.GetLastPInvokeError() = 4 then
            uninterrupted call
        else
            result

    let private failed path =
        let code = Marshal.GetLastPInvokeError()
        raise (IOException($"{Marshal.GetPInvokeErrorMessage code} ('{path}')", code))

    /// Makes a rename inside the folder outlast a power failure. Windows does so by itself, as far as it does.
    let flush (path: string) =
        if not (OperatingSystem.IsWindows()) then
            // O_RDONLY is 0 wherever .NET runs
            let descriptor = uninterrupted (fun () -> openFolder (path, 0))

            if descriptor < 0 then
                failed path

            let result = uninterrupted (fun () -> flushFolder descriptor)
            // the code must be read before the next call
            let flushed = result = 0 || Marshal.GetLastPInvokeError() = 22 // EINVAL: a file system that needs no flush

            if not flushed then
                closeFolder descriptor |> ignore
                failed path

            closeFolder descriptor |> ignore
