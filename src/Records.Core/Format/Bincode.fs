namespace Records.Core

open System
open System.Buffers.Binary

/// bincode 2 with its standard configuration: little-endian, varint integers, no names, no framing.
/// Source: bincode 2.0 `config::standard()`, docs/spec.md of its repository.
[<RequireQualifiedAccess>]
module Bincode =

    let private name = "bincode"

    // ---- the annex, after the value: its bytes, their length and a mark, so that it is found from either end

    let private annexMark = "RECORDS\001"B

    let private writeAnnex (parts: Parts) (annex: Map<string, string>) =
        if not annex.IsEmpty then
            let inner = Parts()
            BincodeWriter.write inner (Burn.lowerAnnex annex)
            let payload = inner.ToPayload()

            for part in payload.Parts do
                parts.Write part.Span

            BincodeWriter.little parts 8 (uint64 payload.Length.Value)
            parts.Write(ReadOnlySpan annexMark)

    let private readAnnex (cursor: Cursor) =
        if cursor.AtEnd then
            Map.empty
        else
            let start = cursor.Position

            let refuse () =
                cursor.FailAt(start, "the end", "more bytes")

            let entries =
                try
                    BincodeReader.read cursor Burn.annexKind
                with RecordFault _ ->
                    refuse ()

            let length = cursor.Position - start
            // one byte more than there may be: what inflates checks its checksum only at the end
            let trailer = cursor.Peek 17

            if
                trailer.Length <> 16
                || BinaryPrimitives.ReadInt64LittleEndian trailer.Span <> length
                || not (trailer.Span.Slice(8).SequenceEqual(ReadOnlySpan annexMark))
            then
                refuse ()

            Raise.metadata entries

    /// Behind an annex: its length and the mark.
    let private trailerSize = 8 + annexMark.Length

    /// The last bytes of what must be read to its end to know where that is.
    let private lastOf (forward: IForward) (count: int) =
        let mutable last = [||]
        let mutable window = forward.Peek 1

        while not window.IsEmpty do
            let seen = if window.Length >= count then [||] else last
            let joined = Array.append seen (window.Slice(max 0 (window.Length - count)).ToArray())
            last <- joined[max 0 (joined.Length - count) ..]
            forward.Advance window.Length
            window <- forward.Peek 1

        last

    /// How many bytes the input has, and the last of them: so many, or more where that is no more work.
    let private ending (input: Input) (count: int) =
        let forward = input.Start()

        match forward.Remaining with
        | ValueSome rest ->
            // left behind unread where that can be done, and never much at once where it cannot
            let mutable before = rest - int64 count

            while before > 0L do
                let step = min before (1L <<< 20)
                forward.Take step |> ignore
                before <- before - step

            // looked at and not passed: what is a tensor's is not asked whether it is right
            let last = forward.Peek count
            rest, last.Slice(0, min count last.Length).ToArray()
        | ValueNone ->
            let last = lastOf forward (max count (1 <<< 16))
            forward.Position, last

    /// The annex, found from the end: what must be known before the value can be read.
    let internal findAnnex limits (input: Input) : Map<string, string> =
        let total, last = ending input trailerSize
        let mark = ReadOnlySpan(last, max 0 (last.Length - annexMark.Length), min annexMark.Length last.Length)

        if last.Length < trailerSize || not (mark.SequenceEqual(ReadOnlySpan annexMark)) then
            Map.empty
        else
            let length = BitConverter.ToInt64(last, last.Length - trailerSize)

            // what is no annex after all is told when the value has been read
            if length < 0L || length > min (total - int64 trailerSize) (1L <<< 26) then
                Map.empty
            else
                let whole = int length + trailerSize

                let last =
                    if whole <= last.Length then
                        last
                    else
                        snd (ending input whole)

                // of a source that has less than it said
                if last.Length < whole then
                    RecordError.raise (
                        RecordError.Malformed(name, [], 0L, $"{whole} bytes at its end", $"{last.Length}")
                    )

                let bytes = ReadOnlyMemory(last, last.Length - whole, int length)
                let cursor = Cursor(name, limits, Forward.ofSource (Slice.ofMemory bytes).Source)

                try
                    Raise.metadata (BincodeReader.read cursor Burn.annexKind)
                with RecordFault _ ->
                    Map.empty

    let private encode (context: EncodeContext) (document: Document) =
        Burn.encoding (fun () ->
            let parts = Parts()
            // without names there is no place for more metadata than Burn has, and the annex stands at the end
            let known =
                document.Metadata
                |> Map.filter (fun name _ -> List.contains name Burn.metadataFields)

            let plain = { document with Metadata = known; Annex = Map.empty }
            BincodeWriter.write parts (Burn.lower (Generation.ofRecorders context.Burn) plain)
            writeAnnex parts document.Annex
            Carrier.payload Carrier.Bincode document parts)

    /// A tensor whose bytes are not what its shape asks for was read at the wrong place.
    let rec private checkTensors limits settings value =
        match value with
        | Value.Struct [| struct ("value", _); struct ("shape", _) |]
        | Value.Struct [| struct ("bytes", _); struct ("shape", _); struct ("dtype", _) |] ->
            Elements.raise limits settings value |> ignore
        | Value.Struct fields
        | Value.Map fields -> Array.iter (Value.valueOf >> checkTensors limits settings) fields
        | Value.Tuple items
        | Value.Seq items -> Array.iter (checkTensors limits settings) items
        | Value.Variant(_, _, ValueSome value)
        | Value.Present value -> checkTensors limits settings value
        | _ -> ()

    /// Item and annex where the schema leaves something open: what fits the whole file, to its very end.
    let private readOpen limits settings input kind =
        let forward = Rewindable.Of input
        let cursor = Cursor(name, limits, forward)
        BincodeReader.read cursor Burn.metadataKind |> ignore

        let primitives =
            {
                Value = BincodeReader.read cursor
                Number = BincodeReader.number cursor UInt64.MaxValue
                Text = BincodeReader.text cursor
            }

        Backtrack.read cursor forward primitives (checkTensors limits settings) (fun () -> readAnnex cursor) kind

    /// One attempt: the whole file in the layout of one Burn, to its very end.
    let private attempt (context: DecodeContext) (input: Input) metadata (generation: Generation, schema) =
        let settings = Settings.ofMetadata context.Burn metadata

        RecordError.catch (fun () ->
            let kind = Burn.kind generation settings schema

            let item, annex =
                if Maybe.isIn schema || generation.Tensors = TensorLayout.Values then
                    readOpen context.Limits settings input kind
                else
                    let cursor = Cursor(name, context.Limits, input.Start())
                    BincodeReader.read cursor Burn.metadataKind |> ignore
                    let item = cursor.Within("item", fun () -> BincodeReader.read cursor kind)
                    item, readAnnex cursor

            { Metadata = metadata; Annex = annex; Root = Raise.typed context generation settings schema item })

    let private readMetadata limits (input: Input) =
        RecordError.catch (fun () ->
            let cursor = Cursor(name, limits, input.Start())
            cursor.Within("metadata", fun () -> Raise.metadata (BincodeReader.read cursor Burn.metadataKind)))

    /// Every layout with every version's schema that reads the whole file, told with the first version that chooses it: those
    /// of released versions, or else those that only a version in between can have had.
    let private readable run except (schema: BurnVersion -> Schema) =
        let tried pairs =
            [
                for version, layout in pairs |> List.rev |> List.distinctBy snd |> List.rev do
                    if Some layout <> except then
                        match run layout with
                        | Ok document -> version, document
                        | Error _ -> ()
            ]

        let released =
            [ for version in Generation.versions -> version, (Generation.at version, schema version) ]

        match tried released with
        | [] ->
            let schemas = List.distinct [ for version in Generation.versions -> schema version ]

            tried
                [
                    for layout in List.allPairs Generation.all schemas do
                        if not (List.exists (snd >> (=) layout) released) then
                            (fst layout).Since, layout
                ]
        | found -> found

    // Constants hold nothing: how many of them there are is no difference.
    let private alike (left: Document) (right: Document) =
        match Record.state left.Root, Record.state right.Root with
        | Some left, Some right -> Record.same left right
        | left, right -> left.IsNone && right.IsNone

    let private choose (first: BurnVersion * Document) others =
        if List.forall (snd >> alike (snd first)) others then
            Ok(snd first)
        else
            let names = [ for version, _ in first :: others -> $"{version.Major}.{version.Minor}" ]
            let listed = String.Join(", ", names)
            let example = List.last names

            let reason =
                $"as written by Burn {listed} the file holds different records; "
                + $"choose the version with .ForBurn(\"{example}\"), in the tool with --from-burn {example}"

            Error(RecordError.Unsupported([], reason))

    /// The error with what may be the reason for it: a file of another version than it was read as.
    let private withVersion schemas limits input error =
        match schemas, RecordError.catch (fun () -> Versions.ofAnnex (findAnnex limits input)) with
        | Schemas.Fixed _, Ok versions when not versions.IsEmpty ->
            let entry = Seq.head versions

            let path =
                if entry.Key = "" then
                    []
                else
                    List.ofArray (entry.Key.Split '.')

            let reason =
                $"the file has version {entry.Value} of what is here, and is read as if there had never been another"

            RecordError.Many [ RecordError.Unsupported(path, reason); error ]
        | _ -> error

    let private decode (context: DecodeContext) (input: Input) =
        match context.Schema with
        | None -> Error(RecordError.Unsupported([], "bincode does not describe itself: reading it needs a schema"))
        | Some schemas ->
            let schema () =
                RecordError.catch (fun () -> Schemas.at (lazy findAnnex context.Limits input) schemas)
                |> Result.bind id

            readMetadata context.Limits input
            |> Result.bind (fun metadata -> schema () |> Result.map (fun schema -> metadata, schema))
            |> Result.bind (fun (metadata, schema) ->
                let run = attempt context input metadata

                match context.Burn with
                | Some version ->
                    match Generation.tryAt version with
                    | Some generation -> run (generation, schema version)
                    | None -> Error(RecordError.Unsupported([], "no layout of that Burn is known"))
                | None ->
                    let promised =
                        Map.tryFind "version" metadata
                        |> Option.bind Generation.promised
                        |> Option.map (fun (generation, version) -> generation, schema version)

                    match Option.map run promised with
                    | Some(Ok document) -> Ok document
                    // what fails beneath the layout fails for each of them
                    | Some(Error(RecordError.Malformed(format, _, _, _, _) as error)) when format <> name ->
                        Error error
                    | Some(Error error) ->
                        match readable run promised schema with
                        | [] -> Error error
                        | first :: others -> choose first others
                    | None ->
                        match readable run None schema with
                        | [] -> run (Generation.g6, schema BurnVersion.latest)
                        | first :: others -> choose first others)
            |> Result.mapError (withVersion schemas context.Limits input)

    /// The document, and the Burn whose layout its file has: the one that the metadata names where that reads the file, else the
    /// first that does.
    let internal decodeLaidOut (context: DecodeContext) (input: Input) =
        Unsealed.read false [ Carrier.Bincode ] context input (fun input ->
            decode context input
            |> Result.map (fun document ->
                let reads version =
                    decode { context with Burn = Some version } input |> Result.isOk

                let version =
                    match context.Burn with
                    | Some version -> Some version
                    | None ->
                        Option.toList (Raise.version document.Metadata) @ Generation.versions
                        |> List.tryFind reads

                { Document = document; By = version; Seen = None }))

    let private decodeSealed context input =
        Unsealed.read false [ Carrier.Bincode ] context input (decode context)

    /// What Burn's BinFileRecorder writes and reads.
    let codec: Codec =
        {
            Name = "bincode"
            Extension = "bin"
            Encode = encode
            Decode = decodeSealed
            Metadata = readMetadata
        }
