namespace Records.Core

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Threading.Tasks

/// The bytes of one stretch, which notes that more was asked for than there is.
[<Sealed>]
type private StretchBytes(bytes: byte[], start: int, length: int) =
    inherit MemoryStream(bytes, start, length, writable = false)

    member val IsStarved = false with get, set

    override this.Read(buffer: byte[], offset: int, count: int) =
        let count = base.Read(buffer, offset, count)
        this.IsStarved <- this.IsStarved || count = 0
        count

/// Inflates each stretch for itself, up to so many at a time on other threads. Those only turn bytes into bytes: the source is read by
/// the thread that reads. With one thread too: whether an index is right must not depend on how many there are.
[<Sealed>]
type internal Stretches(source: IForward, length: int64, degree: int, index: GzipIndex) =
    let together = Stretches.Together index.Size
    let degree = min degree (Stretches.Most index.Size)
    let lanes = Lanes<struct (byte[] * int)> degree
    let idle = Idle(fun () -> Abreast())
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

    /// One stretch, which must be of exactly this size, and end no stream.
    let alone (bytes: byte[]) start length (target: byte[]) place size =
        use stretch = new StretchBytes(bytes, start, length)
        use inflate = new DeflateStream(stretch, CompressionMode.Decompress)

        if
            Fill.from inflate (Span(target, place, size)) <> size
            || Fill.from inflate (Span(Array.zeroCreate<byte> 1)) > 0
            // an inflater that has seen a last block asks for nothing
            || not stretch.IsStarved
        then
            raise (InvalidDataException "A stretch of another size than the index says, or with a last block.")

    /// Two stretches where both have a length.
    let inflated (bytes: byte[]) (struct (length, nextLength)) (struct (size, nextSize)) =
        let target = ArrayPool<byte>.Shared.Rent(size + nextSize)

        let abreast () =
            idle.Use(fun abreast ->
                abreast.Inflate(bytes, struct (length, nextLength), target, struct (size, nextSize)))

        try
            if nextLength = 0 then
                alone bytes 0 length target 0 size
            elif not (abreast ()) then
                alone bytes 0 length target 0 size
                alone bytes length nextLength target size nextSize

            struct (target, size + nextSize)
        finally
            ArrayPool<byte>.Shared.Return bytes

    let start () =
        let last = index.Lengths.Length - 1
        let first = next
        next <- min index.Lengths.Length (if next = 0 then 1 else next + together)

        let each what =
            struct (what first, (if next > first + 1 then what (first + 1) else 0))

        let struct (length, nextLength) as lengths = each (fun place -> index.Lengths[place])
        let sizes = each (fun place -> if place = last then index.LastSize else index.Size)
        let bytes = ArrayPool<byte>.Shared.Rent(length + nextLength)
        take (Span(bytes, 0, length + nextLength))

        working.Enqueue(
            if degree > 1 then
                lanes.Start(fun () -> inflated bytes lengths sizes)
            else
                Task.FromResult(inflated bytes lengths sizes)
        )

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

        // One is read ahead of those at work, so that none of them waits for the reader. Who reads only what a file begins with pays for one.
        let ahead = if degree = 1 || next = 0 then 0 else degree

        while working.Count <= ahead && next < index.Lengths.Length do
            start ()

        if working.Count = 0 then
            finish ()
        else
            let struct (bytes, count) = lanes.Result(working.Dequeue())
            current <- bytes
            filled <- count

            if ahead > 0 && next < index.Lengths.Length then
                start ()

    /// Two stretches are one piece of work, but not where they are large.
    static member Together(size: int) = if size <= (1 <<< 22) then 2 else 1

    /// Pieces at a time: each takes its compressed bytes and what they become, and two more wait. That is 64 MiB, where one alone is not more.
    static member Most(size: int) =
        max 1 ((1 <<< 26) / (2 * Stretches.Together size * size) - 2)

    interface IInflated with
        member _.Read target =
            if used = filled && not ended then
                advance ()

            let count = min target.Length (filled - used)
            Span(current, used, count).CopyTo target
            used <- used + count
            count

        member _.Rest = left
        member _.Waiting = int64 (working.Count + 1) * int64 together * int64 index.Size
        // each stretch is of the size that is said, and what ends the stream is looked at
        member _.Starved = false
