namespace Records.Core

open System
open System.Threading
open System.Threading.Tasks

/// Saving and loading. The two halves, formats and places, meet here and only here.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Recorder =

    /// Room for what models are like. Depth 128, 100,000 entries besides those that the file's size allows, names of 1 MiB, rank 64,
    /// headers of 100 MiB, 1 TiB inflated and of tensors, a ratio of 250.
    let defaultLimits =
        {
            Depth = 128
            Entries = 100_000L
            NameBytes = 1L <<< 20
            Rank = 64
            HeaderBytes = 100L <<< 20
            InflatedBytes = 1L <<< 40
            InflateRatio = 250L
            TensorBytes = 1L <<< 40
        }

    let private recorder name codec =
        {
            Name = name
            Home = "file"
            Codec = codec
            Compression = None
            Precision = Precision.Full
            AllowOverflow = false
            Parallelism = 1
            Burn = None
            Schema = None
            Limits = defaultLimits
            Sealed = true
            ReadBack = false
        }

    /// Burn's NamedMpkFileRecorder, full precision: mpk.
    let namedMsgPack = recorder "NamedMpkFileRecorder" MsgPack.codec

    /// Burn's BinFileRecorder, full precision: bin.
    let bincode = recorder "BinFileRecorder" Bincode.codec

    /// Burn's PrettyJsonFileRecorder, full precision: json.
    let prettyJson = recorder "PrettyJsonFileRecorder" Json.pretty

    /// Burn's burnpack: bpk. Tensors keep their dtypes, as in Burn, unless a precision is said.
    let burnpack = { recorder "BurnpackFileRecorder" Burnpack.codec with Precision = Precision.Kept }

    /// The same within other limits, and, where a report is given, reading what a strict reader refuses.
    let burnpackWith limits (report: (RecordError -> unit) option) =
        let codec =
            match report with
            | Some report -> Burnpack.lenient limits report
            | None -> Burnpack.codecWithin limits

        { burnpack with Codec = codec }

    /// This burnpack recorder, which writes these texts as user metadata.
    let burnpackMetadata texts (recorder: Recorder) : Recorder =
        { recorder with Codec = Burnpack.withMetadata texts recorder.Codec }

    // ---- a recorder is a value: each of these gives a new one

    /// What floats and integers become when saved.
    let precision precision (recorder: Recorder) = { recorder with Precision = precision }

    /// The same format in one gzip member. JSON loses its white space with it, as in Burn.
    let gzip (recorder: Recorder) =
        { recorder with
            Name = Names.gzipped recorder.Name
            Compression = Some Gzip.transform
            Codec =
                if recorder.Codec.Name = Json.pretty.Name then
                    Json.compact
                else
                    recorder.Codec
        }

    /// Named in the metadata as Burn's recorder of this name for bytes in memory.
    let inMemory name (recorder: Recorder) =
        { recorder with Name = name; Home = "memory" }

    /// Finite values that become infinite are written as such, as Burn does; otherwise they are errors.
    let allowOverflow (recorder: Recorder) = { recorder with AllowOverflow = true }

    /// Compresses so many pieces of 1 MiB at a time, on the threads of the pool, and inflates as many of files that were written in pieces; others
    /// are inflated ahead of what decodes them. Loads as many stretches of tensors at a time. 1, the default, is the calling thread alone. File and record
    /// are the same. Never more than there are processors when files are saved and loaded, and never more than eight pieces whatever the number: they take less
    /// than 32 MiB while saving and 64 while loading files of up to 16 GiB, and up to 17 more the one of somebody else's file that is waited for.
    let parallelism degree (recorder: Recorder) =
        if degree < 1 then
            invalidArg (nameof degree) $"{degree} pieces at a time, expected at least 1."

        { recorder with Parallelism = degree }

    /// Writes as this Burn did, and reads its layout alone.
    let forBurn version (recorder: Recorder) = { recorder with Burn = Some version }

    /// What a stranger's file may ask for.
    let limits limits (recorder: Recorder) : Recorder = { recorder with Limits = limits }

    /// Writes exactly Burn's bytes: no seal beside them. Files that have one are checked all the same when they are read.
    let unsealed (recorder: Recorder) = { recorder with Sealed = false }

    /// Reads every file that is saved before it takes the place of an older one, and holds it against its seal; what does not
    /// match is an error, and the older file stays. Bytes and streams cannot be read back.
    let readBack (recorder: Recorder) = { recorder with ReadBack = true }

    /// What is to be read. Formats that describe themselves restore with it what they lose; bincode cannot be read without.
    let schemas (schemas: Schemas) (recorder: Recorder) : Recorder = { recorder with Schema = Some schemas }

    /// schemas, for what has had no versions of its own.
    let schemaFor (schema: BurnVersion -> Schema) recorder = schemas (Schemas.Fixed schema) recorder

    /// schemaFor, where every Burn lays the record out alike.
    let schema (schema: Schema) recorder = schemaFor (fun _ -> schema) recorder

    /// What its files end with: "mpk.gz".
    let extension recorder = Loading.extension recorder

    let private isBurnpack (recorder: Recorder) =
        recorder.Codec.Name = Burnpack.codec.Name

    let private version (recorder: Recorder) =
        let newest =
            if isBurnpack recorder then
                Burnpack.latest
            else
                BurnVersion.latest

        recorder.Burn |> Option.defaultValue newest

    /// A burnpack's metadata are its user's; the others' say who wrote them.
    let private metadataOf (recorder: Recorder) (document: Document) =
        if isBurnpack recorder then
            document.Metadata
        else
            Names.metadata recorder.Home recorder.Name recorder.Precision (version recorder)

    /// The same recorder through another codec of its format.
    let internal withCodec codec (recorder: Recorder) : Recorder = { recorder with Codec = codec }

    /// Tensors that the recorder's schema has no place for: those who read them put them last in the outermost struct.
    let internal unplaced (recorder: Recorder) (document: Document) : RecordError list =
        let beyond (known: Set<string>) =
            match document.Root with
            | Record.Struct fields ->
                fields
                |> List.filter (fun field -> not (known.Contains field.Name) && Record.countTensors field.Value > 0)
            | _ -> []

        let names schema =
            match schema with
            | Schema.Struct fields -> fields |> List.map fst |> Set.ofList
            | _ -> Set.empty

        match recorder.Schema |> Option.map (Schemas.at (lazy document.Annex)) with
        | Some(Ok schema) when not (List.isEmpty (beyond (names (schema (version recorder))))) ->
            // the file may be of another Burn, where the record had other fields
            let versions = version recorder :: List.ofSeq Generation.versions
            let known = versions |> List.map (schema >> names) |> Set.unionMany

            [
                for field in beyond known do
                    for path, data in Record.tensors field.Value do
                        RecordError.Unexpected(field.Name :: path, TensorData.text data)
            ]
        | _ -> []

    // ---- pure: documents and bytes

    /// The document as bytes: at the recorder's precision, with its metadata, in its format.
    let encode (recorder: Recorder) (document: Document) : Result<Payload, RecordError> =
        // Only an older Burn may have had other fields than the record has.
        match recorder.Schema, recorder.Burn, unplaced recorder document with
        | _, _, (_ :: _ as problems) -> Error(RecordError.ofList problems)
        | Some schemas, Some version, [] ->
            Schemas.at (lazy document.Annex) schemas
            |> Result.bind (fun schema -> Conform.toSchema (schema version) document.Root)
        | _ -> Ok document.Root
        |> Result.bind (Precision.apply recorder.AllowOverflow recorder.Precision)
        |> Result.bind (fun root ->
            let document = { document with Metadata = metadataOf recorder document; Root = root }
            recorder.Codec.Encode { Burn = version recorder } document)
        |> Result.bind (Sealing.payload recorder.Sealed recorder.Compression recorder.Parallelism)

    /// The document that these bytes are, its tensors unread where the format allows that.
    let decode recorder input : Result<Document, RecordError> = Loading.decode false recorder input

    // ---- watching: the path in hand is known where tensors are read, the bytes where they are written

    let private watchWriting (watch: Watch) (current: RecordPath option ref) (payload: Payload) =
        let parts =
            seq {
                let mutable bytes = 0L

                for part in payload.Parts do
                    Watch.tell watch bytes payload.Length current.Value
                    part
                    bytes <- bytes + int64 part.Length

                Watch.tell watch bytes payload.Length None
            }

        { payload with Parts = parts }

    let private markPaths (current: RecordPath option ref) (document: Document) =
        let mark path (data: TensorData) =
            let source = Watch.source data.Bytes.Source (fun _ _ -> current.Value <- Some path)
            { data with Bytes = { data.Bytes with Source = source } }

        { document with Root = Record.mapTensors mark document.Root }

    // ---- at a place

    /// The document as a payload that reports and can be stopped.
    let private watchedPayload recorder (watch: Watch) document =
        watch.Token.ThrowIfCancellationRequested()
        let current = ref None

        let document =
            if watch.Report.IsSome then
                markPaths current document
            else
                document

        encode { recorder with Parallelism = Cores.atMost recorder.Parallelism } document
        |> Result.map (watchWriting watch current)

    /// The document in one array, made on the calling thread.
    let toArray recorder watch document : Result<byte[], RecordError> =
        watchedPayload recorder watch document |> Result.bind Memory.toArray

    /// Saves on the calling thread.
    let saveNow (recorder: Recorder) (place: IPlace) (watch: Watch) (document: Document) : Result<unit, RecordError> =
        place.Sink(extension recorder)
        |> Result.bind (fun sink ->
            watchedPayload recorder watch document
            |> Result.bind (fun payload ->
                let written =
                    match sink with
                    | _ when not recorder.ReadBack -> Ok(sink.Write(payload, watch.Token))
                    | _ when not recorder.Sealed ->
                        Error(RecordError.Unsupported([], "without a seal there is nothing to hold the file against"))
                    | :? IReadBack as sink ->
                        let check source =
                            Sealing.verify recorder.Codec recorder.Compression recorder.Limits source

                        Ok(sink.Write(payload, check, watch.Token))
                    | _ -> Error(RecordError.Unsupported([], "this place cannot be read back"))

                // Our own sinks work on this thread; another's may not, and then it is waited for.
                written |> Result.bind (fun task -> task.GetAwaiter().GetResult())))

    /// Opens the place and decodes what is there; the tensors stay in it until they are touched.
    let openNow recorder watch place : Result<Opened, RecordError> = Loading.openNow recorder watch place

    /// Reads everything into memory and closes the place, on the calling thread.
    let loadNow recorder watch place =
        Loading.loadAs (fun _ data -> data) recorder watch place

    /// The metadata of what is there, and no more than that where the format allows it.
    let metadata (recorder: Recorder) (place: IPlace) : Result<Map<string, string>, RecordError> =
        place.Open(extension recorder)
        |> Result.bind (fun source ->
            use source = source
            Loading.read recorder (Forward.input source) (recorder.Codec.Metadata recorder.Limits))

    let private quiet token = { Report = None; Token = token }

    /// Saves, on another thread. Cancelling leaves the place as it was.
    let save recorder place token document : Task<Result<unit, RecordError>> =
        Task.Run((fun () -> saveNow recorder place (quiet token) document), token)

    /// Loads, on another thread.
    let load recorder token place : Task<Result<Document, RecordError>> =
        Task.Run((fun () -> loadNow recorder (quiet token) place), token)
