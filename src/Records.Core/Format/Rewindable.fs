namespace Records.Core

open System

/// Bytes that can be read again from any point.
[<Sealed>]
type internal Rewindable(bytes: Slice) =
    let window = 1L <<< 16
    let mutable position = 0L
    let mutable kept = ReadOnlyMemory<byte>.Empty
    let mutable keptFrom = 0L

    /// The whole of the input, held in memory where it cannot be read twice otherwise.
    static member Of(input: Input) =
        let forward = input.Start()

        match forward.Remaining with
        | ValueSome rest ->
            match forward.Take rest with
            | ValueSome bytes -> Rewindable bytes
            | ValueNone -> invalidOp "A source holds as much as it says."
        | ValueNone ->
            let size = 1 <<< 20
            let chunks = ResizeArray()
            let mutable more = true

            while more do
                let seen = forward.Peek size
                let chunk = seen.Slice(0, min size seen.Length).ToArray()
                forward.Advance chunk.Length
                chunks.Add(ReadOnlyMemory chunk)
                more <- chunk.Length = size

            Rewindable(Chunks.slice size (chunks.ToArray()))

    member _.Seek(target: int64) = position <- target

    interface IForward with
        member _.Position = position
        member _.Remaining = ValueSome(bytes.Length - position)

        member _.Peek count =
            let wanted = int (min (bytes.Length - position) (max (int64 count) window))
            let enough = int (min (bytes.Length - position) (int64 count))
            let start = position - keptFrom

            if start < 0L || start + int64 enough > int64 kept.Length then
                let near =
                    match bytes.Source with
                    | :? IKeeps as keeps -> keeps.Near(bytes.Offset + position)
                    | _ -> ReadOnlyMemory.Empty

                kept <-
                    // a window would reach into tensors, which nobody asked for
                    if near.Length >= max 1 enough then
                        near
                    else
                        bytes.Source.Read(bytes.Offset + position, wanted)

                keptFrom <- position
                kept
            else
                kept.Slice(int start)

        member _.Advance count = position <- position + int64 count

        member _.Take length =
            if length > bytes.Length - position then
                ValueNone
            else
                let slice = Slice.sub position length bytes
                position <- position + length
                ValueSome slice
