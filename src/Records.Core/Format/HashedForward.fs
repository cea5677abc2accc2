namespace Records.Core

open System

/// Bytes that are hashed on their way, front to back, and must be those of a seal when the last of them has been left behind.
/// Those from `until` on are not its own. Rest gets what is no tensor's, finish is asked at the end, and stop is told what is wrong.
[<Sealed>]
type internal HashedForward
    (
        inner: IForward,
        tensors: SealedTensor[],
        until: int64,
        rest: BlockHash,
        finish: unit -> RecordError option,
        stop: RecordError -> unit
    ) =
    let mutable position = 0L
    let mutable next = 0
    let hash = BlockHash()
    let mutable ended = false

    let fail error : unit =
        stop error
        RecordError.raise error

    /// Ends the tensors that end here.
    let close () =
        while next < tensors.Length && position = tensors[next].Start + tensors[next].Length do
            let digest = hash.Digest()

            if not (digest.Equals tensors[next].Hash) then
                fail (Seal.wrongTensor tensors[next] digest)

            next <- next + 1

    let feed (bytes: ReadOnlySpan<byte>) =
        let mutable left = bytes.Slice(0, int (min (int64 bytes.Length) (max 0L (until - position))))

        while not left.IsEmpty do
            close ()

            let count, isTensor =
                if next = tensors.Length then
                    left.Length, false
                elif position < tensors[next].Start then
                    int (min (int64 left.Length) (tensors[next].Start - position)), false
                else
                    let stop = tensors[next].Start + tensors[next].Length
                    int (min (int64 left.Length) (stop - position)), true

            if isTensor then
                hash.Append(left.Slice(0, count))
            else
                rest.Append(left.Slice(0, count))

            position <- position + int64 count
            left <- left.Slice count

        close ()

    let atEnd () =
        if not ended then
            if next < tensors.Length then
                fail (Seal.wrongStretch tensors[next] $"the end after {position} bytes")

            // asked once: the hashes begin anew
            ended <- true
            finish () |> Option.iter fail

    interface IForward with
        member _.Position = inner.Position
        member _.Remaining = inner.Remaining

        member _.Peek count =
            let bytes = inner.Peek count

            if bytes.IsEmpty && count > 0 then
                atEnd ()

            bytes

        member _.Advance count =
            feed ((inner.Peek count).Span.Slice(0, count))
            inner.Advance count

        member _.Take length =
            match inner.Take length with
            | ValueSome slice ->
                for part in Slice.parts slice do
                    feed part.Span

                ValueSome slice
            | ValueNone -> ValueNone

    interface IAhead with
        member _.Ahead =
            match inner with
            | :? IAhead as ahead -> ahead.Ahead
            | _ -> ValueNone

    interface IFills with
        member _.Fill target =
            let count = Forward.fill inner target
            feed (Span.op_Implicit (target.Slice(0, count)))

            if count < target.Length then
                atEnd ()

            count
