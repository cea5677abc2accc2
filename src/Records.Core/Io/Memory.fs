namespace Records.Core

open System
open System.IO
open System.Threading.Tasks

/// Bytes and streams as sources, and places that keep bytes in memory.
[<RequireQualifiedAccess>]
module Memory =

    /// Bytes as a source. They are not copied and must not be changed while anything read from them lives.
    let source (bytes: ReadOnlyMemory<byte>) : ISource = (Slice.ofMemory bytes).Source

    let private failed (cause: exn) = RecordError.Io("stream", "read", cause)

    /// A stream that can seek, from its position on. Whoever reads from it must be alone.
    let private seekable (stream: Stream) : ISource =
        let start = stream.Position
        let length = stream.Length - start

        { new ISource with
            member _.Name = "stream"
            member _.Length = length
            member _.InMemory = false
            member _.Outlives = false

            member this.Read(offset, count) =
                let bytes = GC.AllocateUninitializedArray<byte> count
                this.Fill(offset, bytes.AsSpan())
                ReadOnlyMemory bytes

            member _.Fill(offset, target) =
                try
                    stream.Position <- start + offset
                    stream.ReadExactly target
                with :? IOException as cause ->
                    RecordError.raise (failed cause)

            member _.Dispose() = ()
        }

    /// Reads what cannot be read twice into chunks that are doubled up to a quarter GiB.
    let private buffered (stream: Stream) : ISource =
        let chunks = ResizeArray<ReadOnlyMemory<byte>>()
        let mutable more = true

        while more do
            let chunk = GC.AllocateUninitializedArray<byte>(if chunks.Count = 0 then 1 <<< 20 else Chunks.size)
            let count = stream.ReadAtLeast(chunk.AsSpan(), chunk.Length, throwOnEndOfStream = false)
            more <- count = chunk.Length
            chunks.Add(ReadOnlyMemory(chunk, 0, count))

        match List.ofSeq chunks with
        | [ only ] -> source only
        | first :: rest ->
            // the first is smaller than the others: it is a source of its own in front of them
            let rest = Chunks.slice Chunks.size (Array.ofList rest)

            { new ISource with
                member _.Name = "stream"
                member _.Length = int64 first.Length + rest.Length
                member _.InMemory = true
                member _.Outlives = true

                member this.Read(offset, count) =
                    if offset >= int64 first.Length then
                        rest.Source.Read(offset - int64 first.Length, count)
                    elif offset + int64 count <= int64 first.Length then
                        first.Slice(int offset, count)
                    else
                        let bytes = GC.AllocateUninitializedArray<byte> count
                        this.Fill(offset, bytes.AsSpan())
                        ReadOnlyMemory bytes

                member _.Fill(offset, target) =
                    let here = int (max 0L (min (int64 target.Length) (int64 first.Length - offset)))

                    if here > 0 then
                        first.Span.Slice(int offset, here).CopyTo target

                    let offset = max 0L (offset - int64 first.Length)
                    rest.Source.Fill(offset, target.Slice here)

                member _.Dispose() = ()
            }
        | [] -> source ReadOnlyMemory.Empty

    /// What is left of a stream as a source; the stream stays open and its caller's. One that can seek is read in place, as
    /// the tensors are needed; another is read to its end at once.
    let ofStream (stream: Stream) : Result<ISource, RecordError> =
        try
            if stream.CanSeek then
                Ok(seekable stream)
            else
                Ok(buffered stream)
        with
        | RecordFault error -> Error error
        | :? IOException as cause -> Error(failed cause)

    /// A stream to write to: what has been written when something fails cannot be taken back.
    let streamSink (stream: Stream) : ISink =
        { new ISink with
            member _.Write(payload, token) =
                task {
                    try
                        for part in payload.Parts do
                            do! stream.WriteAsync(part, token).ConfigureAwait false

                        do! stream.FlushAsync(token).ConfigureAwait false
                        return Ok()
                    with
                    | RecordFault error -> return Error error
                    | :? IOException as cause -> return Error(RecordError.Io("stream", "write", cause))
                }
        }

    /// The whole payload in one array.
    let toArray (payload: Payload) : Result<byte[], RecordError> =
        RecordError.catch (fun () ->
            use stream = new MemoryStream()

            match payload.Length with
            | Some length when length > int64 Array.MaxLength ->
                RecordError.raise (RecordError.TooLarge([], "bytes in one array", length, int64 Array.MaxLength))
            | Some length -> stream.Capacity <- int length
            | None -> ()

            for part in payload.Parts do
                if stream.Length + int64 part.Length > int64 Array.MaxLength then
                    let length = stream.Length + int64 part.Length
                    RecordError.raise (RecordError.TooLarge([], "bytes in one array", length, int64 Array.MaxLength))

                stream.Write part.Span

            if stream.Capacity = int stream.Length then
                stream.GetBuffer()
            else
                stream.ToArray())

    /// A place that takes what is saved and has nothing to load.
    let sinkPlace (sink: ISink) : IPlace =
        { new IPlace with
            member _.Sink _ = Ok sink

            member _.Open _ =
                Error(RecordError.Unsupported([], "this place is for writing only"))
        }

    /// A place that hands out one source and takes nothing.
    let place (source: ISource) : IPlace =
        { new IPlace with
            member _.Sink _ =
                Error(RecordError.Unsupported([], "these bytes are for reading only"))

            member _.Open _ = Ok source
        }
