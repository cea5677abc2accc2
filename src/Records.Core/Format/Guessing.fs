namespace Records.Core

open System
open System.Buffers
open System.Collections.Generic
open System.Threading.Tasks

/// Inflates a stream of somebody else's, which says nowhere where its blocks begin, in several places at a time on other threads: each looks for the
/// first block in its chunk. What was inflated counts only where all before it ends where it begins, bit for bit; what it copies from there is
/// filled in then. For weights, which are literals nearly all: what is anything else is left to the inflater that is given, from the start of the
/// source, which reads the same as the reader does and is not touched before. Never more of them at a time than the degree says, what the reader
/// waits for among them.
[<Sealed>]
type internal Guessing
    (
        chunkSize: int,
        idle: Idle<Pieces>,
        reader: IForward,
        source: IForward,
        length: int64,
        degree: int,
        otherwise: unit -> IInflated
    ) =
    let lanes = Lanes<Piece voption> degree
    let chunks = Queue<struct (DeflatedChunk * Task<Piece voption>)>()
    // what follows the chunk that was read last: enough for most blocks that begin in it to end
    let following = Array.zeroCreate<byte>(chunkSize / 3)
    let mutable followingCount = 0
    let mutable read = 0L
    // the bit where the next piece begins
    let mutable position = 0L
    let mutable isGuessTaken = false
    let before = Array.zeroCreate<byte> Copy.furthest
    let mutable beforeCount = 0
    let mutable current = Array.empty<byte>
    let mutable used = 0
    let mutable filled = 0
    let mutable delivered = 0L
    let mutable ended = false
    let mutable other: IInflated voption = ValueNone

    let start () =
        let bytes = ArrayPool<byte>.Shared.Rent(chunkSize + following.Length)
        Buffer.BlockCopy(following, 0, bytes, 0, followingCount)
        let room = chunkSize + following.Length - followingCount
        let wanted = int (min (int64 room) (length - read))
        let count = Forward.fill reader (Span(bytes, followingCount, wanted))

        if count < wanted then
            raise (IO.InvalidDataException "A stream that is cut off.")

        let chunk =
            {
                Start = read - int64 followingCount
                Bytes = bytes
                Size = min chunkSize (followingCount + count)
                Count = followingCount + count
            }

        read <- read + int64 count
        followingCount <- chunk.Count - chunk.Size
        Buffer.BlockCopy(bytes, chunk.Size, following, 0, followingCount)

        let work () =
            idle.Use(fun pieces ->
                if chunk.Start = 0L then
                    pieces.Known(chunk, 0L, -1L, ReadOnlyMemory.Empty)
                else
                    pieces.Guessed chunk)

        chunks.Enqueue(struct (chunk, lanes.Start work))

    let giveLog (piece: Piece) =
        if piece.Log.Length > 0 then
            ArrayPool<uint64>.Shared.Return piece.Log

    /// Leaves the chunk behind, with what was guessed of it and not taken.
    let leave () =
        let struct (chunk, task) = chunks.Dequeue()
        let guess = lanes.Result task
        ArrayPool<byte>.Shared.Return chunk.Bytes

        match guess with
        | ValueSome piece when not isGuessTaken ->
            ArrayPool<byte>.Shared.Return piece.Bytes
            giveLog piece
        | _ -> ()

        isGuessTaken <- false

    let giveUp () =
        while chunks.Count > 0 do
            let struct (_, task) = chunks.Dequeue()
            lanes.Result task |> ignore

        let inflated = otherwise ()
        let scratch = ArrayPool<byte>.Shared.Rent(1 <<< 16)
        let mutable left = delivered

        while left > 0L do
            match inflated.Read(Span(scratch, 0, int (min left (int64 scratch.Length)))) with
            | 0 -> left <- 0L
            | count -> left <- left - int64 count

        ArrayPool<byte>.Shared.Return scratch
        other <- ValueSome inflated

    /// The piece that begins at the position, in the first chunk.
    let piece () =
        let struct (chunk, task) = chunks.Peek()
        let before = ReadOnlyMemory(before, Copy.furthest - beforeCount, beforeCount)

        match lanes.Result task with
        // what a guess copies from before must be there
        | ValueSome guess when guess.Start = position && (guess.Log.Length = 0 || beforeCount = Copy.furthest) ->
            if guess.Log.Length > 0 then
                Pieces.Complete(guess, before)

            isGuessTaken <- true
            ValueSome guess
        | guess ->
            let joint =
                match guess with
                | ValueSome guess -> guess.Start
                | ValueNone -> -1L

            // before the guesses: all that follows waits for it
            lanes.Now(fun () -> idle.Use(fun pieces -> pieces.Known(chunk, position, joint, before)))

    /// Whether it is faster this way than by one thread that is good at copying.
    let isWorth (piece: Piece) =
        piece.Start > 0L || piece.Copies < piece.Filled / Literals.Worth

    let take (piece: Piece) =
        position <- piece.Stop
        ArrayPool<byte>.Shared.Return current
        current <- piece.Bytes
        used <- Copy.furthest
        filled <- piece.Filled
        delivered <- delivered + int64 (filled - used)
        beforeCount <- min Copy.furthest (beforeCount + filled - used)
        Buffer.BlockCopy(current, filled - Copy.furthest, before, 0, Copy.furthest)

        giveLog piece
        ended <- piece.IsLast

    /// Leaves the source where the other inflater would.
    let finish () =
        let mutable left = length

        while left > 0L do
            let step = min left (1L <<< 20)

            if (source.Take step).IsNone then
                raise (IO.InvalidDataException "A stream that is cut off.")

            left <- left - step

    let rec advance () =
        // who reads only what a file begins with pays for one piece
        let ahead = if position = 0L then 0 else degree + 2

        while chunks.Count <= ahead && read - int64 followingCount < length do
            start ()

        match chunks.TryPeek() with
        | true, struct (chunk, _) when position >= chunk.Stop ->
            leave ()
            advance ()
        | true, _ ->
            match piece () with
            | ValueSome piece when isWorth piece && (not piece.IsLast || (piece.Stop + 7L) / 8L = length) ->
                take piece

                if ended then
                    finish ()
                // a block that becomes nothing
                elif used = filled then
                    advance ()
            | _ -> giveUp ()
        | _ -> giveUp ()

    /// Compressed bytes of a chunk: looking for a block is little beside inflating it, and what is in hand is little beside a model.
    static member Chunk = 3 <<< 18

    interface IInflated with
        member _.Read target =
            if used = filled && not ended && other.IsNone then
                advance ()

            match other with
            | ValueSome other when used = filled -> other.Read target
            | _ ->
                let count = min target.Length (filled - used)
                Span(current, used, count).CopyTo target
                used <- used + count
                count

        member _.Rest =
            match other with
            | ValueSome other -> other.Rest
            | ValueNone -> length - (position + 7L) / 8L

        member _.Waiting =
            match other with
            | ValueSome other -> other.Waiting
            | ValueNone -> int64 (filled - used)

        member _.Starved =
            match other with
            | ValueSome other -> other.Starved
            | ValueNone -> false
