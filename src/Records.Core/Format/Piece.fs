namespace Records.Core

open System
open System.Buffers

/// Deflated bytes of a stream, cut anywhere, with the beginning of what follows them.
[<NoEquality; NoComparison>]
type internal DeflatedChunk =
    {
        /// Where they are in the stream.
        Start: int64
        Bytes: byte[]
        /// Without what follows, and with it.
        Size: int
        Count: int
    }

    /// Behind the last bit of it in the stream.
    member this.Stop = 8L * (this.Start + int64 this.Size)

/// What some blocks of a deflate stream became.
[<NoEquality; NoComparison>]
type internal Piece =
    {
        /// The first bit in the stream, and that of the block behind.
        Start: int64
        Stop: int64
        /// As much as a copy may reach back, and then what the blocks became, up to the place that is said.
        Bytes: byte[]
        Filled: int
        /// Copies that are to be made once it is known what they reach back to; none where that was known.
        Log: uint64[]
        /// How many copies there are.
        Copies: int
        /// Whether the stream ends with it.
        IsLast: bool
    }

/// Inflates blocks in the midst of a stream.
[<Sealed>]
type internal Pieces() =
    let deflated = Deflated()

    /// More than a stored block or a copy needs.
    let room = 1 <<< 17

    /// A piece ends where it has become so much, and is none where it would become more than this: guesses are many at a time.
    let enough = 1 <<< 21
    let largest = 1 <<< 24
    let largestGuess = 1 <<< 22

    /// From a block that begins at this bit of the chunk to the first that begins behind it, at the other bit of the stream or where enough was made.
    /// So many bytes before it are in the target. None where the bits are wrong, or too many for the chunk.
    let run largest (chunk: DeflatedChunk) at (joint: int64) (first: byte[]) known log =
        let mutable target = first

        let from =
            {
                Bytes = chunk.Bytes
                At = at
                Stop = 8 * chunk.Count
                Target = target
                Known = Copy.furthest - known
                Filled = Copy.furthest
                Full = target.Length
            }

        deflated.Begin(from, log)
        let place () = 8L * chunk.Start + int64 deflated.At

        let isDone () =
            not deflated.InBlock
            && deflated.At > at
            && (deflated.IsLast
                || place () >= chunk.Stop
                || place () = joint
                || deflated.Filled >= enough)

        let mutable good = true

        while good && not (isDone ()) do
            if deflated.InBlock then
                // as many as there are bits for whatever they are, and so on with what is left
                while Literals.Alone deflated > 1000 do
                    ()

            if target.Length - deflated.Filled < room then
                good <- target.Length < largest

                if good then
                    let larger = ArrayPool<byte>.Shared.Rent(2 * target.Length)
                    Buffer.BlockCopy(target, 0, larger, 0, deflated.Filled)
                    ArrayPool<byte>.Shared.Return target
                    target <- larger
                    deflated.Grow(target, target.Length)

            good <- good && deflated.Advance()

        if good then
            ValueSome
                {
                    Start = 8L * chunk.Start + int64 at
                    Stop = place ()
                    Bytes = target
                    Filled = deflated.Filled
                    Log = log
                    Copies = deflated.Copies
                    IsLast = deflated.IsLast
                }
        else
            ArrayPool<byte>.Shared.Return target
            ValueNone

    let rent () = ArrayPool<byte>.Shared.Rent(1 <<< 20)

    /// From a bit of the stream on, which lies in the chunk, and where it is known what comes before. It may end where a block begins at the joint.
    member _.Known(chunk: DeflatedChunk, from: int64, joint, before: ReadOnlyMemory<byte>) =
        let target = rent ()
        before.CopyTo(Memory(target, Copy.furthest - before.Length, before.Length))
        run largest chunk (int (from - 8L * chunk.Start)) joint target before.Length [||]

    /// From the first block on that is found in the chunk. Nothing where so many bits that looked like one were none that it is not worth it.
    member _.Guessed(chunk: DeflatedChunk) : Piece voption =
        let log = ArrayPool<uint64>.Shared.Rent(1 <<< 15)
        let mutable at = 0
        let mutable patience = 8 * chunk.Size
        let mutable found = ValueNone

        while at >= 0 && found.IsNone do
            at <- Boundary.next chunk.Bytes chunk.Count at (8 * chunk.Size)

            if at >= 0 then
                found <- run largestGuess chunk at -1L (rent ()) Copy.furthest log
                patience <- patience - (deflated.At - at)
                at <- if patience > 0 then at + 1 else -1

        if found.IsNone then
            ArrayPool<uint64>.Shared.Return log

        found

    /// Makes what a guess left to be made, now that it is known what comes before.
    static member Complete(piece: Piece, before: ReadOnlyMemory<byte>) =
        before.CopyTo(Memory(piece.Bytes, Copy.furthest - before.Length, before.Length))

        for index in 0 .. piece.Copies - 1 do
            Copy.makeEntry piece.Bytes piece.Log[index]
