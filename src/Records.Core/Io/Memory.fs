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

    /// A stream that can seek, from its position on. Nobody else may move it meanwhile.
    let private seekable (stream: Stream) : ISource =
        let start = stream.Position
        let length = max 0L (stream.Length - start)

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
                Threading.Monitor.Enter stream

                try
                    try
                        stream.Position <- start + offset
                        stream.ReadExactly target
                    with :? IOException as cause ->
                        RecordError.raise (failed cause)
                finally
                    Threading.Monitor.Exit stream

            member _.Dispose() = ()
        }

    /// Reads what cannot be read twice into memory that grows with it: up to a quarter GiB in one array, then in more of those.
    let private buffered (stream: Stream) : ISource =
        let rec chunk (bytes: byte[]) have =
            let have =
                have
                + stream.ReadAtLeast(bytes.AsSpan have, bytes.Length - have, throwOnEndOfStream = false)

            if have < bytes.Length || bytes.Length = Chunks.size then
                ReadOnlyMemory(bytes, 0, have)
            else
                let larger = GC.AllocateUninitializedArray<byte>(min Chunks.size (4 * bytes.Length))
                Buffer.BlockCopy(bytes, 0, larger, 0, have)
                chunk larger have

        let rec chunks read =
            match chunk (GC.AllocateUninitializedArray<byte>(1 <<< 20)) 0 with
            | full when full.Length = Chunks.size -> chunks (full :: read)
            | last -> List.rev (last :: read)

        match chunks [] with
        | [ only ] -> source only
        | several -> (Chunks.slice Chunks.size (Array.ofList several)).Source

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
