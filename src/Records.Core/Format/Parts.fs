namespace Records.Core

open System
open System.Buffers

/// A stretch of a payload: of the buffer, or of something that is read when its turn comes.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type private Segment =
    | Written of Start: int * Length: int
    | Later of Payload
    | Tensor of Payload

/// Gathers a payload: small things are written into one buffer at once, tensors are only noted and read when their turn comes.
[<Sealed>]
type internal Parts() =
    let buffer = ArrayBufferWriter<byte> 4096
    let segments = ResizeArray<Segment>()
    /// Tensors in the buffer: where each begins and ends.
    let inside = ResizeArray<struct (int * int)>()
    let mutable flushed = 0

    let flush () =
        if buffer.WrittenCount > flushed then
            segments.Add(Segment.Written(flushed, buffer.WrittenCount - flushed))
            flushed <- buffer.WrittenCount

    let lengthOf segment =
        match segment with
        | Segment.Written(_, length) -> Some(int64 length)
        | Segment.Later payload
        | Segment.Tensor payload -> payload.Length

    /// Shows a written stretch to the witness, tensors as such. Gives the first tensor behind it.
    let show (witness: Witness) (next: int) (start: int) (stop: int) =
        let written = buffer.WrittenSpan
        let mutable at = start
        let mutable next = next

        while next < inside.Count && (let struct (first, _) = inside[next] in first < stop) do
            let struct (first, last) = inside[next]
            witness.Rest(written.Slice(at, first - at))
            witness.Begin()
            witness.Tensor(written.Slice(first, last - first))
            witness.End()
            at <- last
            next <- next + 1

        witness.Rest(written.Slice(at, stop - at))
        next

    /// Bytes up to this many are copied into the buffer when they are in memory: fewer, larger writes.
    static member val private Inline = 4096L

    member _.Buffer: IBufferWriter<byte> = buffer

    member _.Write(bytes: ReadOnlySpan<byte>) = buffer.Write bytes

    member _.Add(payload: Payload) =
        flush ()
        segments.Add(Segment.Later payload)

    member this.Add(slice: Slice) =
        if slice.Source.InMemory && slice.Length <= Parts.Inline then
            let length = int slice.Length
            // not by a span of the source's, which would not keep alive what is mapped
            slice.Source.Fill(slice.Offset, buffer.GetSpan(length).Slice(0, length))
            buffer.Advance length
        else
            this.Add { Length = Some slice.Length; Parts = Slice.parts slice }

    /// The same, of a tensor: these bytes are its own.
    member _.AddTensor(payload: Payload) =
        flush ()
        segments.Add(Segment.Tensor payload)

    member this.AddTensor(slice: Slice) =
        // one of no bytes is a segment too, or it could not be told behind which other it stands
        if slice.Length > 0L && slice.Source.InMemory && slice.Length <= Parts.Inline then
            this.Within(fun () -> this.Add slice)
        else
            this.AddTensor { Length = Some slice.Length; Parts = Slice.parts slice }

    /// What is written by this, into the buffer, is one tensor's.
    member _.Within(write: unit -> unit) =
        let start = buffer.WrittenCount
        write ()
        inside.Add(struct (start, buffer.WrittenCount))

    member _.Length =
        flush ()

        segments
        |> Seq.map lengthOf
        |> Seq.fold (Option.map2 (fun (sum: int64) length -> sum + length)) (Some 0L)

    /// How many bytes are no tensor's, and those of each tensor in no order, where all lengths are known.
    member _.Beside: struct (int64 * ResizeArray<int64>) voption =
        flush ()
        let mutable rest = 0L
        let mutable known = true
        let tensors = ResizeArray()

        for segment in segments do
            match segment, lengthOf segment with
            | Segment.Tensor _, Some length -> tensors.Add length
            | _, Some length -> rest <- rest + length
            | _, None -> known <- false

        for struct (start, stop) in inside do
            rest <- rest - int64 (stop - start)
            tensors.Add(int64 (stop - start))

        if known then
            ValueSome(struct (rest, tensors))
        else
            ValueNone

    /// The bytes but so many at the end, which must have been written last.
    member _.Produce(witness: Witness option, held: int) : seq<ReadOnlyMemory<byte>> =
        flush ()
        let written = buffer.WrittenMemory
        let last = segments.Count - 1

        seq {
            let mutable next = 0

            for index in 0..last do
                match segments[index] with
                | Segment.Written(start, length) ->
                    let length = if index = last then length - held else length

                    match witness with
                    | Some witness -> next <- show witness next start (start + length)
                    | None -> ()

                    written.Slice(start, length)
                | Segment.Later payload ->
                    for part in payload.Parts do
                        witness |> Option.iter (fun witness -> witness.Rest part.Span)
                        part
                | Segment.Tensor payload ->
                    witness |> Option.iter _.Begin()

                    for part in payload.Parts do
                        part
                        // hashed when it has been written: the processor's cache has it then
                        witness |> Option.iter (fun witness -> witness.Tensor part.Span)

                    witness |> Option.iter _.End()
        }

    /// All of it, nothing to be sealed.
    member this.ToPayload() : Payload =
        { Length = this.Length; Parts = this.Produce(None, 0) }

    /// A document's file, its tensors at these paths, and the same with its seal.
    member this.ToPayload(paths: ReadOnlyMemory<byte>[], sealed': unit -> Payload) : Payload =
        let parts = Marked(paths, (fun witness -> this.Produce(witness, 0)), sealed')
        { Length = this.Length; Parts = parts }
