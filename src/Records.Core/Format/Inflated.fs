namespace Records.Core

open System
open System.IO.Compression

/// Bytes that come out of an inflater. Raises InvalidDataException for what is no deflated data.
type internal IInflated =
    /// The next bytes, as many as come at once; 0 at the end.
    abstract Read: target: Span<byte> -> int
    /// Compressed bytes that it has not.
    abstract Rest: int64
    /// Inflated bytes that may be waiting to be read, at most.
    abstract Waiting: int64
    /// More was asked for than there is: an inflater that has seen its last block asks for nothing.
    abstract Starved: bool

[<RequireQualifiedAccess>]
module internal Fill =

    /// Reads until the target is full or nothing comes any more.
    let from (inflate: DeflateStream) (target: Span<byte>) =
        let mutable count = 0
        let mutable more = true

        while more && count < target.Length do
            let read = inflate.Read(target.Slice count)
            count <- count + read
            more <- read > 0

        count
