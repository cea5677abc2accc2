namespace Records.Core

open System
open System.Buffers
open System.Threading

/// A sealed file whose tensors are hashed when they are first touched, once for all who touch them later; or have been, all of them.
[<Sealed>]
type internal CheckedSource(inner: ISource, tensors: SealedTensor[], isDone: bool) =
    let good = Array.create tensors.Length (if isDone then 1 else 0)

    let isGood index = Volatile.Read &good[index] = 1

    let compare index (found: UInt128) =
        if found.Equals tensors[index].Hash then
            Volatile.Write(&good[index], 1)
        else
            RecordError.raise (Seal.wrongTensor tensors[index] found)

    /// The first tensor that does not end before this byte.
    let from offset =
        Search.from tensors.Length offset (fun index -> tensors[index].Start + tensors[index].Length)

    /// Bytes read at a time, so that they are hashed while they are near.
    static member val private Piece = 1 <<< 22

    /// The hash of a stretch of a source.
    static member Hash(source: ISource, start: int64, length: int64) : UInt128 =
        let hash = BlockHash()
        let piece = int (min (int64 BlockHash.Block) length)

        if source.InMemory then
            for at in 0L .. int64 BlockHash.Block .. length - 1L do
                hash.Append((source.Read(start + at, int (min (int64 piece) (length - at)))).Span)
        else
            let buffer = ArrayPool<byte>.Shared.Rent piece

            try
                for at in 0L .. int64 BlockHash.Block .. length - 1L do
                    let target = Span(buffer, 0, int (min (int64 piece) (length - at)))
                    source.Fill(start + at, target)
                    hash.Append(Span.op_Implicit target)
            finally
                ArrayPool<byte>.Shared.Return buffer

        // what is mapped is there as long as its source
        GC.KeepAlive source
        hash.Digest()

    /// Whether all are known to be right.
    member _.IsDone = isDone

    /// Every tensor that has a byte in this stretch is right, or the first that is not is told.
    member _.Check(offset: int64, length: int64) =
        let mutable index = if isDone then tensors.Length else from offset

        while index < tensors.Length && tensors[index].Start < offset + length do
            if not (isGood index) then
                compare index (CheckedSource.Hash(inner, tensors[index].Start, tensors[index].Length))

            index <- index + 1

    interface ISource with
        member _.Name = inner.Name
        member _.Length = inner.Length
        member _.InMemory = inner.InMemory
        member _.Outlives = inner.Outlives

        member this.Read(offset, count) =
            this.Check(offset, int64 count)
            inner.Read(offset, count)

        member this.Fill(offset, target) =
            let stop = offset + int64 target.Length

            let isInside index =
                tensors[index].Start >= offset
                && tensors[index].Start + tensors[index].Length <= stop

            let mutable index = from offset

            // what is cut by the edges has to be read apart; what is inside is hashed where it is read to
            while index < tensors.Length && tensors[index].Start < stop do
                if not (isInside index) then
                    this.Check(max offset tensors[index].Start, 1L)

                index <- index + 1

            index <- from offset

            if
                index < tensors.Length
                && tensors[index].Start = offset
                && tensors[index].Length = int64 target.Length
                && not (isGood index)
            then
                let hash = BlockHash()
                let mutable at = 0

                while at < target.Length do
                    let piece = target.Slice(at, min CheckedSource.Piece (target.Length - at))
                    inner.Fill(offset + int64 at, piece)
                    hash.Append(Span.op_Implicit piece)
                    at <- at + piece.Length

                compare index (hash.Digest())
            else
                inner.Fill(offset, target)

                while index < tensors.Length && tensors[index].Start < stop do
                    if isInside index && not (isGood index) then
                        let tensor = tensors[index]
                        let bytes = target.Slice(int (tensor.Start - offset), int tensor.Length)
                        compare index (BlockHash.Of(Span.op_Implicit bytes))

                    index <- index + 1

        member _.Dispose() = ()

    interface IStretches with
        member _.Has(offset, length) =
            let mutable index = from offset
            let mutable found = false

            while not found && index < tensors.Length && tensors[index].Start <= offset do
                found <- tensors[index].Start = offset && tensors[index].Length = length
                index <- index + 1

            found

        member _.Right = if isDone then ValueSome inner else ValueNone

    interface IKeeps with
        // what is kept is no tensor's
        member _.Near offset =
            match inner with
            | :? IKeeps as keeps -> keeps.Near offset
            | _ -> ReadOnlyMemory.Empty
