namespace Records.Core

open System

/// Sources read front to back.
[<RequireQualifiedAccess>]
module Forward =

    /// Bytes looked at in one go when the source is not in memory.
    let private windowSize = 1 <<< 16

    /// Reads a source in order; what is taken stays unread in the source.
    let ofSource (source: ISource) : IForward =
        let mutable position = 0L
        let mutable window = Array.empty<byte>

        { new IForward with
            member _.Position = position
            member _.Remaining = ValueSome(source.Length - position)

            member _.Peek count =
                let rest = source.Length - position

                if source.InMemory then
                    source.Read(position, int (min rest (int64 Array.MaxLength)))
                else
                    let wanted = int (min rest (int64 (max count windowSize)))

                    if window.Length < wanted then
                        window <- GC.AllocateUninitializedArray<byte> wanted

                    source.Fill(position, Span(window, 0, wanted))
                    ReadOnlyMemory(window, 0, wanted)

            member _.Advance count = position <- position + int64 count

            member _.Take length =
                if length > source.Length - position then
                    ValueNone
                else
                    let slice = { Source = source; Offset = position; Length = length }
                    position <- position + length
                    ValueSome slice
        }

    /// What a codec is given when nothing lies between it and the source.
    let input (source: ISource) : Input =
        { Name = source.Name; Start = fun () -> ofSource source }

    /// What a codec is given when the bytes are a stretch of a source.
    let ofSlice name (slice: Slice) : Input =
        let source =
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

        input source

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
