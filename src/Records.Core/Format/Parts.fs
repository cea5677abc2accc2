namespace Records.Core

open System
open System.Buffers

/// Gathers a payload: small things are written into one buffer at once, tensors are only noted and read when their turn comes.
[<Sealed>]
type internal Parts() =
    let buffer = ArrayBufferWriter<byte> 4096
    let segments = ResizeArray<Choice<struct (int * int), Payload>>()
    let mutable flushed = 0

    let flush () =
        if buffer.WrittenCount > flushed then
            segments.Add(Choice1Of2(struct (flushed, buffer.WrittenCount - flushed)))
            flushed <- buffer.WrittenCount

    /// Bytes up to this many are copied into the buffer when they are in memory: fewer, larger writes.
    static member val private Inline = 4096L

    member _.Buffer: IBufferWriter<byte> = buffer

    member _.Write(bytes: ReadOnlySpan<byte>) = buffer.Write bytes

    member _.Add(payload: Payload) =
        flush ()
        segments.Add(Choice2Of2 payload)

    member this.Add(slice: Slice) =
        if slice.Source.InMemory && slice.Length <= Parts.Inline then
            buffer.Write(slice.Source.Read(slice.Offset, int slice.Length).Span)
        else
            this.Add { Length = Some slice.Length; Parts = Slice.parts slice }

    member _.ToPayload() : Payload =
        flush ()
        let written = buffer.WrittenMemory

        let lengths =
            segments
            |> Seq.map (function
                | Choice1Of2(struct (_, length)) -> Some(int64 length)
                | Choice2Of2 payload -> payload.Length)

        let total = Seq.fold (Option.map2 (fun (sum: int64) length -> sum + length)) (Some 0L) lengths

        let parts =
            seq {
                for segment in segments do
                    match segment with
                    | Choice1Of2(struct (start, length)) -> written.Slice(start, length)
                    | Choice2Of2 payload -> yield! payload.Parts
            }

        { Length = total; Parts = parts }
