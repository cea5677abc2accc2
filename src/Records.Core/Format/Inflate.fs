namespace Records.Core

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Threading.Tasks

/// So many compressed bytes as the stream that .NET's inflater wants. The last byte is given alone, so that an inflater which stops early is
/// seen to have left something behind. Only ReadAhead and HandOver touch the source; what has been handed over may be read by another thread.
[<Sealed>]
type private Compressed(source: IForward, length: int64, fillsItself: bool) =
    inherit Stream()

    // read, and not yet handed over
    let ahead = Queue<struct (byte[] * int)>()
    let mutable aheadBytes = 0
    let ready = Queue<struct (byte[] * int)>()
    let mutable current = Array.empty<byte>
    let mutable start = 0
    let mutable stop = 0
    let mutable left = length
    let mutable consumed = 0L

    static member val private Piece = 1 <<< 16

    /// Something was asked for when nothing was left.
    member val Starved = false with get, set

    member _.Rest = length - consumed

    /// What has been handed over and not been read.
    member private _.Waiting = int (length - left - consumed) - aheadBytes

    /// Reads until so many bytes wait to be handed over, as far as there are some.
    member _.ReadAhead(bytes: int) =
        let mutable more = true

        while more && aheadBytes < bytes && left > 0L do
            let wanted = int (min left (int64 Compressed.Piece))
            let piece = ArrayPool<byte>.Shared.Rent Compressed.Piece
            let count = Forward.fill source (Span(piece, 0, wanted))
            ahead.Enqueue(struct (piece, count))
            aheadBytes <- aheadBytes + count
            left <- left - int64 count
            more <- count > 0

    /// Gives the inflater all that has been read. Says how much it has.
    member this.HandOver() =
        for piece in ahead do
            ready.Enqueue piece

        ahead.Clear()
        aheadBytes <- 0
        this.Waiting

    override this.Read(target: Span<byte>) =
        if start = stop && ready.Count = 0 && fillsItself then
            this.ReadAhead 1
            this.HandOver() |> ignore

        if this.Rest = 0L then
            this.Starved <- true

        if start = stop && ready.Count > 0 then
            ArrayPool<byte>.Shared.Return current
            let struct (piece, count) = ready.Dequeue()
            current <- piece
            start <- 0
            stop <- count

        let wanted = int (min (int64 target.Length) (max 1L (this.Rest - 1L)))
        let count = min wanted (stop - start)
        Span(current, start, count).CopyTo target
        start <- start + count
        consumed <- consumed + int64 count
        count

    override this.Read(bytes: byte[], offset: int, count: int) = this.Read(Span(bytes, offset, count))

    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) = raise (NotSupportedException())

/// Inflates on the thread that reads.
[<Sealed>]
type private Here(source: IForward, length: int64) =
    let compressed = new Compressed(source, length, true)
    let inflate = new DeflateStream(compressed, CompressionMode.Decompress)

    interface IInflated with
        member _.Read target = inflate.Read target
        member _.Rest = compressed.Rest
        member _.Waiting = 0L
        member _.Starved = compressed.Starved

/// Inflates one buffer ahead of whoever reads, on another thread. That only turns bytes into bytes: what it needs is read from the source by
/// the thread that reads, while the buffer before is inflated.
[<Sealed>]
type private Ahead(source: IForward, length: int64) =
    let size = 1 <<< 19
    /// What a buffer may need, and as much again.
    let most = 2 * (size + (size >>> 3))
    let compressed = new Compressed(source, length, false)
    let inflate = new DeflateStream(compressed, CompressionMode.Decompress)
    let mutable current = Array.zeroCreate<byte> size
    let mutable other = Array.zeroCreate<byte> size
    let mutable used = 0
    let mutable filled = 0
    let mutable rest = length
    let mutable working: Task<int> voption = ValueNone
    let mutable ended = false

    let start () =
        rest <- compressed.Rest
        let waiting = compressed.HandOver()
        let target = other
        working <- ValueSome(Task.Run(fun () -> Fill.from inflate (Span(target, 0, size))))
        compressed.ReadAhead(most - waiting)

    let rec next (before: int64) =
        match working with
        | ValueNone ->
            compressed.ReadAhead(most / 2)
            start ()
            next length
        | ValueSome task ->
            match task.GetAwaiter().GetResult() with
            // compressed bytes that say nothing can be any number
            | 0 when compressed.Rest > 0L && compressed.Rest < before ->
                let before = compressed.Rest
                start ()
                next before
            | 0 ->
                rest <- compressed.Rest
                ended <- true
            | count ->
                let free = current
                current <- other
                other <- free
                used <- 0
                filled <- count
                start ()

    interface IInflated with
        member _.Read target =
            if used = filled && not ended then
                next Int64.MaxValue

            let count = min target.Length (filled - used)
            Span(current, used, count).CopyTo target
            used <- used + count
            count

        // as it was when the buffer in hand was begun: another thread is at work
        member _.Rest = rest
        member _.Waiting = 2L * int64 size
        member _.Starved = compressed.Starved

[<RequireQualifiedAccess>]
module internal Inflate =

    /// So many bytes of the source, inflated: on the calling thread, or with others where more than one may work at a time. A second reader of
    /// the same bytes is asked for where they are worth guessing.
    let start
        degree
        (index: GzipIndex voption)
        (source: IForward)
        length
        (again: (unit -> IForward) voption)
        : IInflated =
        let degree = min degree Deflate.most

        match index, again with
        | ValueSome index, _ -> Stretches(source, length, degree, index)
        | ValueNone, ValueSome again when degree > 1 && length > 2L * int64 Guessing.Chunk ->
            let idle = Idle(fun () -> Pieces())
            Guessing(Guessing.Chunk, idle, again (), source, length, degree, (fun () -> Ahead(source, length)))
        | _ when degree > 1 -> Ahead(source, length)
        | _ -> Here(source, length)
