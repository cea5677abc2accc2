namespace Records.Core

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Threading.Tasks

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

[<RequireQualifiedAccess>]
module private Fill =

    /// Reads until the target is full or nothing comes any more.
    let from (inflate: DeflateStream) (target: byte[]) length =
        let mutable count = 0
        let mutable more = true

        while more && count < length do
            let read = inflate.Read(target, count, length - count)
            count <- count + read
            more <- read > 0

        count

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
        working <- ValueSome(Task.Run(fun () -> Fill.from inflate target size))
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

/// Inflates each stretch for itself, up to so many at a time on other threads. Those only turn bytes into bytes: the source is read by
/// the thread that reads. With one thread too: whether an index is right must not depend on how many there are.
[<Sealed>]
type private Stretches(source: IForward, length: int64, degree: int, index: GzipIndex) =
    let lanes = Lanes<struct (byte[] * int)> degree
    // read ahead of those at work, so that none of them waits for the reader: some, but not much of what is large
    let most =
        if degree > 1 then
            degree + max 1 (min 4 ((1 <<< 23) / index.Size))
        else
            1

    let working = Queue<Task<struct (byte[] * int)>>()
    let mutable next = 0
    let mutable current = Array.empty<byte>
    let mutable used = 0
    let mutable filled = 0
    let mutable left = length
    let mutable ended = false

    let take (target: Span<byte>) =
        let count = Forward.fill source target
        left <- left - int64 count

        if count < target.Length then
            raise (InvalidDataException "A stretch that is cut off.")

    /// One stretch, which must be of exactly this size.
    let inflated (bytes: byte[]) length size =
        let target = ArrayPool<byte>.Shared.Rent(size + 1)

        try
            use inflate = new DeflateStream(new MemoryStream(bytes, 0, length), CompressionMode.Decompress)

            if Fill.from inflate target (size + 1) <> size then
                raise (InvalidDataException "A stretch of another size than the index says.")

            struct (target, size)
        finally
            ArrayPool<byte>.Shared.Return bytes

    let start () =
        let length = index.Lengths[next]

        let size =
            if next = index.Lengths.Length - 1 then
                index.LastSize
            else
                index.Size

        let bytes = ArrayPool<byte>.Shared.Rent length
        take (Span(bytes, 0, length))

        working.Enqueue(
            if degree > 1 then
                lanes.Start(fun () -> inflated bytes length size)
            else
                Task.FromResult(inflated bytes length size)
        )

        next <- next + 1

    /// What ends the stream, behind the last stretch.
    let finish () =
        let ending = Array.zeroCreate<byte> Deflate.ending.Length
        take (Span ending)

        if ending <> Deflate.ending then
            raise (InvalidDataException "Something behind the last stretch.")

        ended <- true

    let advance () =
        ArrayPool<byte>.Shared.Return current
        current <- Array.empty
        used <- 0
        filled <- 0

        while working.Count < most && next < index.Lengths.Length do
            start ()

        if working.Count = 0 then
            finish ()
        else
            let struct (bytes, count) = working.Dequeue().GetAwaiter().GetResult()
            current <- bytes
            filled <- count

            if degree > 1 && next < index.Lengths.Length then
                start ()

    interface IInflated with
        member _.Read target =
            if used = filled && not ended then
                advance ()

            let count = min target.Length (filled - used)
            Span(current, used, count).CopyTo target
            used <- used + count
            count

        member _.Rest = left
        member _.Waiting = int64 (working.Count + 1) * int64 index.Size
        // each stretch is of the size that is said, and what ends the stream is looked at
        member _.Starved = false

[<RequireQualifiedAccess>]
module internal Inflate =

    /// So many bytes of the source, inflated: on the calling thread, or with others where more than one may work at a time.
    let start degree (index: GzipIndex voption) (source: IForward) length : IInflated =
        match index with
        | ValueSome index -> Stretches(source, length, degree, index)
        | _ when degree > 1 -> Ahead(source, length)
        | _ -> Here(source, length)
