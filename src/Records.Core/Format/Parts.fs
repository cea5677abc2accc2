namespace Records.Core

open System
open System.Buffers

/// A stretch of a payload: of what is written, up to that many bytes and that many of the slices among them, or of something that is read when its
/// turn comes.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type private Segment =
    | Written of Stop: int64 * Slices: int
    /// The same, and all of it is one tensor's.
    | Own of Stop: int64 * Slices: int
    | Later of Payload
    | Tensor of Payload

/// A small slice, behind so many bytes that are written.
[<Struct; NoEquality; NoComparison>]
type private Among = { At: int64; Slice: Slice; IsTensor: bool }

/// Copies what is written and the slices among it, front to back.
[<Sealed>]
type private Gathering(blocks: Blocks, among: ResizeArray<Among>, witness: Witness option) =
    let mutable block = 0
    let mutable inBlock = 0
    let mutable position = 0L
    let mutable next = 0

    let seen isTensor (bytes: ReadOnlySpan<byte>) =
        match witness with
        | Some witness when isTensor -> witness.Tensor bytes
        | Some witness -> witness.Rest bytes
        | None -> ()

    /// Written bytes, as many as there is room for in one block. Gives how many.
    let copy own (stop: int64) (target: Span<byte>) =
        while inBlock = blocks[block].Length do
            block <- block + 1
            inBlock <- 0

        let left = int (min (stop - position) (int64 (blocks[block].Length - inBlock)))
        let count = min left target.Length
        let bytes = blocks[block].Span.Slice(inBlock, count)
        bytes.CopyTo target
        seen own bytes
        inBlock <- inBlock + count
        position <- position + int64 count
        count

    let read (slice: Among) (target: Span<byte>) =
        if slice.IsTensor then
            witness |> Option.iter _.Begin()

        if not target.IsEmpty then
            slice.Slice.Source.Fill(slice.Slice.Offset, target)
            seen slice.IsTensor (Span.op_Implicit target)

        if slice.IsTensor then
            witness |> Option.iter _.End()

        next <- next + 1

    member _.IsAt(stop: int64, slices: int) = position = stop && next = slices

    /// As much as there is room for, and no part of a slice. Gives how many bytes. What is written may be a tensor's own.
    member _.Fill(target: Span<byte>, own, stop: int64, slices: int) : int =
        let mutable filled = 0
        let mutable more = true

        while more do
            let upTo = if next < slices then among[next].At else stop
            let rest = target.Slice filled

            if position < upTo && not rest.IsEmpty then
                filled <- filled + copy own upTo rest
            elif
                position = upTo
                && next < slices
                && among[next].Slice.Length <= int64 rest.Length
            then
                let length = int among[next].Slice.Length
                read among[next] (rest.Slice(0, length))
                filled <- filled + length
            else
                more <- false

        filled

/// Gathers a payload: small things are written at once, tensors are only noted and read when their turn comes. So it takes what is beside
/// the tensors, and a note of each.
[<Sealed>]
type internal Parts() =
    let blocks = Blocks()
    let segments = ResizeArray<Segment>()
    let among = ResizeArray<Among>()
    // what the last segment of these goes up to
    let mutable flushed = 0L
    let mutable flushedSlices = 0
    // bytes that are not written
    let mutable later = 0L
    let mutable isKnown = true

    let note segment =
        segments.Add segment
        flushed <- blocks.Length
        flushedSlices <- among.Count

    let flush () =
        if blocks.Length > flushed || among.Count > flushedSlices then
            note (Segment.Written(blocks.Length, among.Count))

    let add segment (payload: Payload) =
        flush ()
        segments.Add segment

        match payload.Length with
        | Some length -> later <- later + length
        | None -> isKnown <- false

    let put isTensor (slice: Slice) =
        among.Add { At = blocks.Length; Slice = slice; IsTensor = isTensor }
        later <- later + slice.Length

    /// Slices up to this many bytes are given together with what is around them: fewer, larger writes.
    static member val private Small = 4096L

    /// What is given at once.
    static member val private Gathered = 1 <<< 16

    member _.Buffer: IBufferWriter<byte> = blocks

    member _.Write(bytes: ReadOnlySpan<byte>) = blocks.Write bytes

    member _.Add(payload: Payload) = add (Segment.Later payload) payload

    member this.Add(slice: Slice) =
        if slice.Length <= Parts.Small then
            put false slice
        else
            this.Add { Length = Some slice.Length; Parts = Slice.parts slice }

    /// The same, of a tensor: these bytes are its own.
    member _.AddTensor(payload: Payload) = add (Segment.Tensor payload) payload

    member this.AddTensor(slice: Slice) =
        if slice.Length <= Parts.Small then
            put true slice
        else
            this.AddTensor { Length = Some slice.Length; Parts = Slice.parts slice }

    /// What is written by this, into the buffer, is one tensor's.
    member _.Within(write: unit -> unit) =
        flush ()
        write ()
        note (Segment.Own(blocks.Length, among.Count))

    member _.Length = if isKnown then Some(blocks.Length + later) else None

    /// How many bytes are no tensor's, and those of each tensor in no order, where all lengths are known.
    member this.Beside: struct (int64 * ResizeArray<int64>) voption =
        match this.Length with
        | None -> ValueNone
        | Some length ->
            flush ()
            let tensors = ResizeArray()
            let mutable start = 0L

            for segment in segments do
                match segment with
                | Segment.Written(stop, _) -> start <- stop
                | Segment.Own(stop, _) ->
                    tensors.Add(stop - start)
                    start <- stop
                | Segment.Tensor payload -> tensors.Add(Option.get payload.Length)
                | Segment.Later _ -> ()

            for slice in among do
                if slice.IsTensor then
                    tensors.Add slice.Slice.Length

            ValueSome(struct (length - Seq.sum tensors, tensors))

    /// The bytes but so many at the end, which must have been written last.
    member _.Produce(witness: Witness option, held: int) : seq<ReadOnlyMemory<byte>> =
        flush ()
        let last = segments.Count - 1

        seq {
            let gathering = Gathering(blocks, among, witness)
            let buffer = ArrayPool<byte>.Shared.Rent Parts.Gathered
            let mutable used = 0

            try
                for index in 0..last do
                    match segments[index] with
                    | Segment.Written(stop, slices)
                    | Segment.Own(stop, slices) as segment ->
                        let stop = if index = last then stop - int64 held else stop
                        let own = segment.IsOwn

                        if own then
                            witness |> Option.iter _.Begin()

                        while not (gathering.IsAt(stop, slices)) do
                            used <- used + gathering.Fill(Span(buffer).Slice used, own, stop, slices)

                            if not (gathering.IsAt(stop, slices)) then
                                if used = 0 then
                                    invalidOp "What is held back was not written last."

                                ReadOnlyMemory(buffer, 0, used)
                                used <- 0

                        if own then
                            witness |> Option.iter _.End()
                    | Segment.Later payload ->
                        if used > 0 then
                            ReadOnlyMemory(buffer, 0, used)
                            used <- 0

                        for part in payload.Parts do
                            witness |> Option.iter (fun witness -> witness.Rest part.Span)
                            part
                    | Segment.Tensor payload ->
                        if used > 0 then
                            ReadOnlyMemory(buffer, 0, used)
                            used <- 0

                        witness |> Option.iter _.Begin()

                        for part in payload.Parts do
                            part
                            // hashed when it has been written: the processor's cache has it then
                            witness |> Option.iter (fun witness -> witness.Tensor part.Span)

                        witness |> Option.iter _.End()

                if used > 0 then
                    ReadOnlyMemory(buffer, 0, used)
            finally
                ArrayPool<byte>.Shared.Return buffer
        }

    /// All of it, nothing to be sealed.
    member this.ToPayload() : Payload =
        { Length = this.Length; Parts = this.Produce(None, 0) }

    /// A document's file, its tensors at these paths, and the same with its seal.
    member this.ToPayload(paths: ReadOnlyMemory<byte>[], sealed': unit -> Payload) : Payload =
        let parts = Marked(paths, (fun witness -> this.Produce(witness, 0)), sealed')
        { Length = this.Length; Parts = parts }
