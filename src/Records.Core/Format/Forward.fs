namespace Records.Core

open System

/// What can be read into memory that is given, without being looked at before.
type internal IFills =
    /// The next bytes, as many as there are; they are left behind.
    abstract Fill: target: Span<byte> -> int

/// What can be left behind without being looked at, and without a slice of it.
type internal ISkips =
    /// So many bytes, which are there.
    abstract Skip: length: int64 -> unit

/// A source that tells what is read of it.
type internal IWatched =
    /// The same, which tells nothing: for what is looked at before it is read.
    abstract Unwatched: ISource

/// A source of which some is in memory, though the whole is not.
type internal IKeeps =
    /// What is there from this byte on; nothing where this byte is not.
    abstract Near: offset: int64 -> ReadOnlyMemory<byte>

/// Sources read front to back.
[<RequireQualifiedAccess>]
module Forward =

    /// Bytes looked at in one go when the source is not in memory: few where little was wanted of the last, more as reading goes on.
    let private smallestWindow = 1 <<< 12
    let private largestWindow = 1 <<< 16

    /// Bytes looked at in one go when it is.
    let private inMemory = 1 <<< 20

    /// The source, which tells nobody what is read of it.
    let internal unwatched (source: ISource) : ISource =
        match source with
        | :? IWatched as watched -> watched.Unwatched
        | _ -> source

    /// A source in order: as it is where it is in memory, by way of one buffer otherwise.
    [<Sealed>]
    type private Ordered(source: ISource) =
        let mutable position = 0L
        // what is in the buffer, and where that is in the source
        let mutable buffer = Array.empty<byte>
        let mutable start = 0L
        let mutable filled = 0
        let mutable window = smallestWindow

        let behind () = start + int64 filled

        /// Brings the bytes from the position on to the front of the buffer, at least so many of them.
        let refill count =
            let held = max 0L (behind () - position)

            if filled > 0 then
                // what was skipped was small: the next things are small too
                let near = position - behind () < int64 largestWindow

                window <-
                    if near then
                        min largestWindow (2 * window)
                    else
                        smallestWindow

            let wanted = int (min (source.Length - position) (int64 (max count window)))

            let target =
                if wanted > buffer.Length then
                    GC.AllocateUninitializedArray<byte> wanted
                else
                    buffer

            let held = int (min held (int64 wanted))
            Buffer.BlockCopy(buffer, int (position - start) * sign held, target, 0, held)
            // a source that fails leaves nothing behind that looks like its bytes
            filled <- 0
            source.Fill(position + int64 held, Span(target, held, wanted - held))
            buffer <- target
            start <- position
            filled <- wanted

        interface IForward with
            member _.Position = position
            member _.Remaining = ValueSome(source.Length - position)

            member _.Peek count =
                let rest = source.Length - position

                if source.InMemory then
                    // of all that is left, memory in chunks would have to be copied
                    source.Read(position, int (min rest (int64 (max count inMemory))))
                else
                    let held = behind () - position

                    if held < int64 (max 1 count) && held < rest then
                        refill count

                    ReadOnlyMemory(buffer, int (position - start), filled - int (position - start))

            member _.Advance count = position <- position + int64 count

            member _.Take length =
                if length > source.Length - position then
                    ValueNone
                else
                    let slice = { Source = source; Offset = position; Length = length }
                    position <- position + length
                    ValueSome slice

        interface ISkips with
            member _.Skip length = position <- position + length

        interface IAhead with
            member _.Ahead =
                ValueSome { Source = unwatched source; Offset = position; Length = source.Length - position }

        interface IFills with
            member _.Fill target =
                let count = int (min (int64 target.Length) (source.Length - position))
                let held = int (max 0L (min (int64 count) (behind () - position)))
                Span(buffer, int (position - start) * sign held, held).CopyTo target
                source.Fill(position + int64 held, target.Slice(held, count - held))
                position <- position + int64 count
                count

    /// Reads a source in order; what is taken stays unread in the source.
    let ofSource (source: ISource) : IForward = new Ordered(source)

    /// What a codec is given when nothing lies between it and the source.
    let input (source: ISource) : Input =
        { Name = source.Name; Start = fun () -> ofSource source }

    /// A stretch of a source as a source of its own, which is not to be disposed.
    let sourceOf name (slice: Slice) : ISource =
        if
            slice.Offset = 0L
            && slice.Length = slice.Source.Length
            && slice.Source.Name = name
        then
            slice.Source
        else
            { new ISource with
                member _.Name = name
                member _.Length = slice.Length
                member _.InMemory = slice.Source.InMemory
                member _.Outlives = slice.Source.Outlives

                member _.Read(offset, count) =
                    slice.Source.Read(slice.Offset + offset, count)

                member _.Fill(offset, target) =
                    slice.Source.Fill(slice.Offset + offset, target)

                member _.Dispose() = ()
            }

    /// What a codec is given when the bytes are a stretch of a source.
    let ofSlice name (slice: Slice) : Input = input (sourceOf name slice)

    /// Fills the target with the next bytes, as far as there are any, and leaves them behind. Says how many.
    let internal fill (forward: IForward) (target: Span<byte>) =
        match forward with
        | :? IFills as fills -> fills.Fill target
        | _ ->
            let mutable rest = target
            let mutable more = true

            while more && not rest.IsEmpty do
                let bytes = forward.Peek(min largestWindow rest.Length)
                let count = min bytes.Length rest.Length
                bytes.Span.Slice(0, count).CopyTo rest
                forward.Advance count
                rest <- rest.Slice count
                more <- count > 0

            target.Length - rest.Length

    /// All bytes from here on, part by part as they come.
    let rest (forward: IForward) : Payload =
        let parts =
            seq {
                let mutable part = forward.Peek 1

                while not part.IsEmpty do
                    part
                    forward.Advance part.Length
                    part <- forward.Peek 1
            }

        let length =
            match forward.Remaining with
            | ValueSome rest -> Some rest
            | ValueNone -> None

        { Length = length; Parts = parts }

    /// The same bytes as far as they can be read. What stops them is told, once, and is then their end.
    let noting (note: RecordError -> unit) (input: Input) : Input =
        let start () =
            let told = ref false

            let fault error =
                if not told.Value then
                    told.Value <- true
                    note error

            let nothing =
                { new IForward with
                    member _.Position = 0L
                    member _.Remaining = ValueSome 0L
                    member _.Peek _ = ReadOnlyMemory.Empty
                    member _.Advance _ = ()
                    member _.Take _ = ValueNone
                }

            let inner =
                try
                    input.Start()
                with RecordFault error ->
                    fault error
                    nothing

            { new IForward with
                member _.Position = inner.Position
                member _.Remaining = inner.Remaining

                member _.Peek count =
                    try
                        inner.Peek count
                    with RecordFault error ->
                        fault error

                        // what there was before the fault is still there
                        try
                            inner.Peek 1
                        with RecordFault _ ->
                            ReadOnlyMemory.Empty

                member _.Advance count = inner.Advance count

                member _.Take length =
                    try
                        inner.Take length
                    with RecordFault error ->
                        fault error
                        ValueNone
            }

        { input with Start = start }
