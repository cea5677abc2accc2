namespace Records.Core

#nowarn "9" // a mapping is a pointer

open System
open System.Buffers
open System.IO
open System.IO.MemoryMappedFiles
open System.Threading
open Microsoft.FSharp.NativeInterop
open Microsoft.Win32.SafeHandles

/// Files read where the system has mapped them: no copy, no bound but the address space.
/// A mapped file that another program cuts short kills the process when the missing pages are touched; nobody can catch it.
[<RequireQualifiedAccess>]
module Mapped =

    /// A window of at most 2 GiB on mapped or foreign memory. Refuses once its owner is disposed.
    [<Sealed>]
    type private Window(address: nativeint, length: int, disposed: unit -> bool, owner: obj) =
        inherit MemoryManager<byte>()

        override _.GetSpan() =
            if disposed () then
                raise (ObjectDisposedException "The source of these bytes was closed.")

            // the owner keeps the mapping alive as long as the window is reachable
            GC.KeepAlive owner
            Span<byte>(NativePtr.toVoidPtr (NativePtr.ofNativeInt<byte> address), length)

        override this.Pin index =
            if disposed () then
                raise (ObjectDisposedException "The source of these bytes was closed.")

            let start = NativePtr.toVoidPtr (NativePtr.ofNativeInt<byte>(address + nativeint index))
            // what is pinned keeps the owner alive too
            new MemoryHandle(start, pinnable = this)

        override _.Unpin() = ()
        override _.Dispose(_: bool) = ()

    /// Foreign memory as a source. Release is called once, when nobody will be given any of it any more; spans that were given before may still be
    /// read then, on other threads too. So it must stay where it is for as long as the owner can be reached, which everything that was read
    /// keeps alive but a span.
    let memory name (address: nativeint) (length: int64) (owner: obj) (release: unit -> unit) =
        // threads may close it at once, and while others read
        let closed = ref 0
        let isClosed () = Volatile.Read &closed.contents = 1

        let view offset count =
            if offset < 0L || count < 0 || offset > length - int64 count then
                raise (ArgumentOutOfRangeException(nameof offset))

            let window = new Window(address + nativeint offset, count, isClosed, owner)
            Memory<byte>.op_Implicit window.Memory: ReadOnlyMemory<byte>

        { new ISource with
            member _.Name = name
            member _.Length = length
            member _.InMemory = true
            member _.Outlives = false
            member _.Read(offset, count) = view offset count

            member _.Fill(offset, target) =
                (view offset target.Length).Span.CopyTo target
                // the span does not, and whoever asked may have let go of the source
                GC.KeepAlive owner

            member _.Dispose() =
                if Interlocked.Exchange(&closed.contents, 1) = 0 then
                    release ()
        }

    /// Maps a file that is open for reading, and takes over its handle.
    let source path (handle: SafeFileHandle) : ISource =
        let length = RandomAccess.GetLength handle

        if length = 0L then
            // an empty file cannot be mapped
            handle.Dispose()
            let empty = Slice.ofMemory ReadOnlyMemory.Empty
            empty.Source
        else
            let file =
                MemoryMappedFile.CreateFromFile(
                    handle,
                    null,
                    0L,
                    MemoryMappedFileAccess.Read,
                    HandleInheritability.None,
                    leaveOpen = false
                )

            let view = file.CreateViewAccessor(0L, 0L, MemoryMappedFileAccess.Read)
            // The pages stay until nobody can reach the view, and its finalizer unmaps them: memory in use when the source is closed must
            // not lose its ground. A reference of our own to the handle would keep them for ever.
            let start = view.SafeMemoryMappedViewHandle.DangerousGetHandle()
            memory path (start + nativeint view.PointerOffset) length view file.Dispose
