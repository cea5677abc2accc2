namespace Records.Core

open System
open System.Threading

/// How far a save or load has come.
type Progress =
    {
        /// Bytes of the file that are done.
        Bytes: int64
        /// Bytes of the file, where that is known beforehand.
        Total: int64 option
        /// The tensor in hand.
        Path: RecordPath option
    }

/// What accompanies a save or load: someone who watches, and the wish to stop.
[<NoEquality; NoComparison>]
type Watch = { Report: (Progress -> unit) option; Token: CancellationToken }

/// A document whose tensors are still in its source. Disposing it closes the source; reading a tensor after that is an error.
[<Sealed>]
type Opened(document: Document, source: ISource) =
    /// What the file holds.
    member _.Document = document

    interface IDisposable with
        member _.Dispose() = source.Dispose()

/// How much of a file of so many bytes was read, whatever was read twice: from its front on, and from its end, where seals are looked for first.
[<Sealed>]
type internal Covered(length: int64) =
    let mutable front = 0L
    let mutable back = length
    let mutable bytes = 0L

    member _.Bytes = bytes

    /// So many bytes from this one on were read.
    member _.Add(offset: int64, count: int64) =
        if offset > front && offset + count >= back then
            bytes <- bytes + max 0L (back - offset)
            back <- min back offset
        else
            let stop = min back (offset + count)
            bytes <- bytes + max 0L (stop - max offset front)
            front <- max front stop

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Watch =

    /// Says how far it is, and stops where that is wished.
    let tell (watch: Watch) bytes total path =
        watch.Token.ThrowIfCancellationRequested()

        match watch.Report with
        | Some report -> report { Bytes = bytes; Total = total; Path = path }
        | None -> ()

    /// The same source, which says what is being read and stops when asked to.
    let source (source: ISource) (reading: int64 -> int64 -> unit) =
        { new ISource with
            member _.Name = source.Name
            member _.Length = source.Length
            member _.InMemory = source.InMemory
            member _.Outlives = source.Outlives

            member _.Read(offset, count) =
                reading offset (int64 count)
                source.Read(offset, count)

            member _.Fill(offset, target) =
                reading offset (int64 target.Length)
                source.Fill(offset, target)

            member _.Dispose() = source.Dispose()
          interface IWatched with
              member _.Unwatched = source
        }
