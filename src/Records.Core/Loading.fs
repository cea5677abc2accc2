namespace Records.Core

/// Reading for a recorder: what it finds at a place, checked against what it expects there, and the tensors into memory.
[<RequireQualifiedAccess>]
module internal Loading =

    /// What its files end with: "mpk.gz".
    let extension (recorder: Recorder) =
        match recorder.Compression with
        | Some transform -> $"{recorder.Codec.Extension}.{transform.Extension}"
        | None -> recorder.Codec.Extension

    /// Says what a file is when it is not what the recorder reads.
    let private checkFormat (recorder: Recorder) (input: Input) =
        let expected =
            match recorder.Compression with
            | Some transform -> transform.Name
            | None -> recorder.Codec.Name

        let head = input.Start().Peek Formats.sniffed
        let head = head.Slice(0, min head.Length Formats.sniffed)

        match Formats.sniff head with
        | Some found when found <> expected -> Error(RecordError.WrongFormat(input.Name, expected, found))
        | _ -> Ok()

    let private inflated (recorder: Recorder) (input: Input) =
        match recorder.Compression with
        | Some transform ->
            transform.Backward
                {
                    Parallelism = Cores.atMost recorder.Parallelism
                    Limits = recorder.Limits
                    Memory = Fresh.memory ()
                }
                input
        | None -> Ok input

    /// What this makes of the bytes that the recorder's codec reads; of other bytes the error says what they are.
    let read recorder (input: Input) decode =
        RecordError.catch (fun () ->
            checkFormat recorder input
            |> Result.bind (fun () -> inflated recorder input)
            |> Result.bind decode)
        |> Result.bind id

    /// The document that these bytes are, its tensors unread where the format allows that. Whole where all of it will be read.
    let decode whole (recorder: Recorder) (input: Input) : Result<Document, RecordError> =
        let context =
            {
                Schema = recorder.Schema
                Burn = recorder.Burn
                Limits = recorder.Limits
                Whole = whole
                Store = None
            }

        read recorder input (recorder.Codec.Decode context)

    /// Opens the place and decodes what is there.
    let private openAs whole (recorder: Recorder) (watch: Watch) (place: IPlace) : Result<Opened, RecordError> =
        watch.Token.ThrowIfCancellationRequested()

        place.Open(extension recorder)
        |> Result.bind (fun source ->
            try
                let decoded () =
                    decode whole recorder (Forward.input source)

                let document =
                    match source with
                    | :? ILooks as looking -> RecordError.catch (fun () -> looking.Together decoded) |> Result.bind id
                    | _ -> decoded ()

                match document with
                | Ok document -> Ok(new Opened(document, source))
                | Error error ->
                    source.Dispose()
                    Error error
            with _ ->
                source.Dispose()
                reraise ())

    /// Opens the place and decodes what is there; the tensors stay in it until they are touched.
    let openNow recorder watch place : Result<Opened, RecordError> = openAs false recorder watch place

    /// Reads everything into memory and closes the place, where each tensor is read as the one that the function makes of it: itself, or one that is made of it when it is read. The
    /// function is given paths with their innermost name first.
    let loadAs
        (wanted: RecordPath -> TensorData -> TensorData)
        (recorder: Recorder)
        (watch: Watch)
        (place: IPlace)
        : Result<Document, RecordError> =
        let current: RecordPath option ref = ref None
        // Decoding goes through the file once and may leave the tensors behind, which are then read from the start again.
        let mutable total = 0L
        // made once: it is told as often as something is read
        let mutable known = Some 0L
        let mutable covered = Covered 0L
        let mutable bytes = 0L

        let reading offset count =
            lock current (fun () ->
                if current.Value.IsSome then
                    bytes <- bytes + count
                else
                    let before = covered.Bytes
                    covered.Add(offset, count)
                    bytes <- bytes + covered.Bytes - before

                Watch.tell watch (min bytes total) known current.Value)

        let watching =
            { new IPlace with
                member _.Sink extension = place.Sink extension

                member _.Open extension =
                    place.Open extension
                    |> Result.map (fun source ->
                        total <- source.Length
                        known <- Some total
                        covered <- Covered total
                        Watch.source source reading)
            }

        openAs true recorder watch watching
        |> Result.bind (fun opened ->
            use opened = opened

            RecordError.catch (fun () ->
                let rooms = ResizeArray()
                let paths = ResizeArray()

                let reserve path (data: TensorData) =
                    match View.reserve (wanted path data) with
                    | ValueSome room ->
                        rooms.Add room
                        paths.Add path
                        room.Held
                    | ValueNone -> data

                let document = opened.Document
                let document = { document with Root = Record.mapTensorsReversed reserve document.Root }

                rooms.ToArray()
                |> Pages.fill (Cores.atMost recorder.Parallelism) (fun index ->
                    lock current (fun () ->
                        current.Value <-
                            if watch.Report.IsSome then
                                Some(List.rev paths[index])
                            else
                                Some []

                        Watch.tell watch (min bytes total) known current.Value))

                Watch.tell watch total known None
                document))
