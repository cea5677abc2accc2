namespace Records.Core

open System
open System.Collections.Generic
open System.IO

/// One thing that is wrong with a file.
[<NoEquality; NoComparison>]
type Problem =
    {
        Error: RecordError
        /// The byte of the uncompressed contents, or of the file where the compression is what is wrong.
        Offset: int64 option
    }

/// What looking at every byte of a file came to.
[<NoEquality; NoComparison>]
type Verdict =
    {
        /// The codec's name; None where it is not known.
        Format: string option
        Compression: string option
        /// Everything that is wrong; none for a good file.
        Problems: Problem list
        /// Tensors that were read to their ends.
        Tensors: int
        /// Their bytes.
        Bytes: int64
        /// The file has a seal, and was held against it.
        Sealed: bool
    }

/// Reads every byte of a file and says all that is wrong with it.
[<RequireQualifiedAccess>]
module Verify =

    let rec private flat error =
        match error with
        | RecordError.Many problems -> List.collect flat problems
        | error -> [ error ]

    // ---- what decoding does not ask

    /// A truth value of one byte is 0 or 1; the byte of another is told, and what stops the reading.
    let private checkBytes path (data: TensorData) tell =
        let checking = data.Dtype = Dtype.Bool BoolStore.Native
        let mutable offset = 0L
        let mutable found = false

        try
            for part in Slice.parts data.Bytes do
                if checking && not found then
                    match part.Span.IndexOfAnyExceptInRange(0uy, 1uy) with
                    | at when at >= 0 ->
                        found <- true
                        let actual = $"the byte {part.Span[at]} as element {offset + int64 at}"
                        tell (RecordError.Mismatch(path, "truth values of 0 or 1", actual))
                    | _ -> ()

                offset <- offset + int64 part.Length
        with RecordFault error ->
            tell (RecordError.mapPath (fun inner -> path @ inner) error)

    let private checkId path id tell =
        if not (ParamId.isValid (ParamId id)) then
            tell (
                RecordError.Mismatch(
                    path @ [ "id" ],
                    "the id of a parameter: base32 of at most eight bytes, or a UUID",
                    $"'{id}'"
                )
            )

    let private checkMetadata (metadata: Map<string, string>) tell =
        for name in Burn.metadataFields do
            if not (Map.containsKey name metadata) then
                tell (RecordError.Missing([ "metadata"; name ], "a text"))

    let private checkRecord (root: Record) tell =
        for tensor in Inspect.tensors root do
            match tensor.ParamId with
            | Some(ParamId id) -> checkId tensor.Path id tell
            | None -> ()

            checkBytes tensor.Path tensor.Data tell

    /// The same of a value whose document has something wrong elsewhere.
    let private checkValue limits settings value tell =
        let rec check path value =
            match value with
            | Value.Map entries when Elements.looksLike entries ->
                match RecordError.catch (fun () -> Elements.raise limits settings value) with
                | Ok data -> checkBytes (List.rev path) data tell
                // told by the decoder
                | Error _ -> ()
            | Value.Map [| struct ("id", Value.Scalar(Scalar.Text id)); struct ("param", tensor) |] ->
                checkId (List.rev path) id tell
                check path tensor
            | Value.Map entries ->
                for struct (name, value) in entries do
                    check (name :: path) value
            | Value.Seq items -> Array.iteri (fun index item -> check (string index :: path) item) items
            | _ -> ()

        check [] value

    let private checkSchema (kind: FileKind) (schema: Schema) (laidOut: LaidOut) tell =
        let root = laidOut.Document.Root

        // what does not describe itself was read as the schema says, and shows what a schema of a "maybe" left open
        if kind.DescribesItself then
            Fit.problems schema root |> List.iter tell

        match laidOut.Seen with
        | Some count when count > Record.countTensors root -> tell (Fit.tooSmall (Record.countTensors root) count)
        | _ -> ()

    // ---- where it is

    let private pathOf error =
        match error with
        | RecordError.Malformed(_, path, _, _, _)
        | RecordError.Missing(path, _)
        | RecordError.Unexpected(path, _)
        | RecordError.Mismatch(path, _, _)
        | RecordError.OutOfRange(path, _, _, _)
        | RecordError.TooLarge(path, _, _, _)
        | RecordError.Unsupported(path, _) -> path
        | RecordError.NotFound _
        | RecordError.WrongFormat _
        | RecordError.Io _
        | RecordError.Many _ -> []

    /// The offsets of paths: of the first value there, and of the last.
    [<Sealed>]
    type private Places() =
        let known = Dictionary<string, struct (int64 * int64)>()
        let key (path: string list) = String.Join('\000', path)

        member _.Reached path offset =
            match known.TryGetValue(key path) with
            | true, struct (first, _) -> known[key path] <- struct (first, offset)
            | _ -> known[key path] <- struct (offset, offset)

        member _.Of error =
            match error, known.TryGetValue(key (pathOf error)) with
            | RecordError.Malformed(_, _, offset, _, _), _ -> Some offset
            // what is there a second time stands at the second place
            | RecordError.Unexpected _, (true, struct (_, last)) -> Some last
            | _, (true, struct (first, _)) -> Some first
            | _ -> None

    // ---- the whole

    /// What the bytes are, the layers below them read to their ends; what is wrong with those is told.
    let private content (scratch: Scratch) limits (source: ISource) tell =
        Formats.identifyWith (Forward.noting tell) limits (Forward.input source)
        |> Result.map (fun found ->
            match found.Compression with
            | None -> found, found.Input
            | Some _ when found.Codec.Name = Json.pretty.Name ->
                // a text larger than its tensors: read once for the checksum, and once more for what it says
                for _ in (Forward.rest (found.Input.Start())).Parts do
                    ()

                found, found.Input
            | Some _ -> found, Forward.ofSlice found.Input.Name (scratch.Store(Forward.rest (found.Input.Start()))))

    let private unchecked' =
        "its tensors are not checked: bincode does not describe itself, and --schema says what is in it"

    let private decoded (context: DecodeContext) isSealed (kind: FileKind) input tell =
        if Option.isNone context.Schema && not kind.DescribesItself then
            match kind.Codec.Metadata context.Limits input with
            | Ok _ when isSealed -> ()
            | Ok _ -> tell (RecordError.Unsupported([], unchecked'))
            | Error error -> tell error

            None
        else
            let decode =
                if kind.Codec.Name = Burnpack.codec.Name then
                    // what can be forgiven is wrong all the same, and hides nothing
                    fun context input ->
                        Burnpack.decodeLenient context input
                        |> Result.map (fun (document, forgiven) ->
                            List.iter tell forgiven
                            { Document = document; By = None; Seen = None })
                else
                    kind.Decode

            match decode context input with
            | Ok laidOut -> Some laidOut
            | Error error ->
                List.iter tell (flat error)
                None

    let private look
        (context: DecodeContext)
        (schema: (BurnVersion -> Schema) option)
        (seal: SealLook option)
        (kind: FileKind)
        input
        tell
        =
        match decoded context seal.IsSome kind input tell, seal with
        | Some laidOut, _ ->
            if kind.Recorder.IsSome then
                checkMetadata laidOut.Document.Metadata tell

            checkRecord laidOut.Document.Root tell

            match schema with
            | Some schema -> checkSchema kind (schema (Option.defaultValue BurnVersion.latest laidOut.By)) laidOut tell
            | None -> ()

            if kind.DescribesItself && kind.Recorder.IsSome && laidOut.By.IsNone then
                tell (RecordError.Mismatch([], "the layout of one version of Burn", "what no version wrote together"))

            let tensors = List.ofSeq (Record.tensors laidOut.Document.Root)
            tensors.Length, tensors |> List.sumBy (fun (_, data) -> data.Bytes.Length)
        // a seal knows the tensors that a schema would have named
        | None, Some seal when not kind.DescribesItself ->
            seal.Tensors.Length, seal.Tensors |> Array.sumBy (fun tensor -> tensor.Length)
        | None, _ -> 0, 0L

    /// Offsets for what has only a path, and what else is wrong in the rest of a file that could not be decoded.
    let private placed (context: DecodeContext) (kind: FileKind) input (problems: RecordError list) =
        let places = Places()
        let more = ResizeArray<RecordError>()

        match kind.Values with
        | Some values when problems |> List.exists (fun error -> not (List.isEmpty (pathOf error))) ->
            match values context places.Reached input with
            | Ok(Value.Map entries) ->
                let settings =
                    match Raise.lookup entries "metadata" with
                    | ValueSome metadata ->
                        RecordError.catch (fun () -> Settings.ofMetadata None (Raise.metadata metadata))
                    | ValueNone -> Ok(Settings.ofMetadata None Map.empty)

                match settings, Raise.lookup entries "item" with
                | Ok settings, ValueSome item -> checkValue context.Limits settings item more.Add
                | _ -> ()
            | _ -> ()
        | _ -> ()

        problems @ List.ofSeq more
        |> List.distinctBy RecordError.message
        |> List.map (fun error -> { Error = error; Offset = places.Of error })
        |> List.sortBy (fun problem -> Option.defaultValue Int64.MaxValue problem.Offset)

    /// Everything that is wrong with the file at this path. A schema says what a bin holds, and what another should.
    let file limits (schema: (BurnVersion -> Schema) option) (path: string) : Verdict =
        let failed error =
            {
                Format = None
                Compression = None
                Problems = [ for error in flat error -> { Error = error; Offset = (Places()).Of error } ]
                Tensors = 0
                Bytes = 0L
                Sealed = false
            }

        let verdict (source: ISource) =
            use scratch = new Scratch(Path.GetTempPath())
            let schemas = Option.map Schemas.Fixed schema

            let context =
                { Schema = schemas; Burn = None; Limits = limits; Whole = true; Store = Some scratch.Store }

            let below = ResizeArray<RecordError>()

            content scratch limits source (flat >> below.AddRange)
            |> Result.map (fun (found, input) ->
                let kind = Formats.kindFound found
                let told = ResizeArray<RecordError>()

                let seal = Sealing.check found.Codec found.Compression limits (Forward.input source)

                // what is wrong with the seal hides nothing else
                let input =
                    match seal with
                    | Ok(Some seal) when found.Compression.IsNone ->
                        told.AddRange seal.Wrong
                        seal.Plain
                    | Error error ->
                        told.AddRange(flat error)
                        input
                    | Ok _ -> input

                let known =
                    match seal with
                    | Ok seal -> seal
                    | Error _ -> None

                let isTold = told.Count > 0

                let tell error =
                    match error with
                    | RecordError.Malformed(format, _, _, _, _) when isTold && format = Seal.name -> ()
                    | error -> told.Add error

                let tensors, bytes = look context schema known kind input tell
                let problems = List.ofSeq told

                {
                    Format = Some found.Codec.Name
                    Compression = found.Compression |> Option.map _.Name
                    Problems =
                        [
                            // what is below may have been read more than once
                            for error in List.distinctBy RecordError.message (List.ofSeq below) ->
                                { Error = error; Offset = (Places()).Of error }
                            yield! placed context kind input problems
                        ]
                    Tensors = tensors
                    Bytes = bytes
                    Sealed = (known.IsSome || Result.isError seal)
                })

        File.source false path
        |> Result.bind (fun source ->
            use source = source
            RecordError.catch (fun () -> verdict source) |> Result.bind id)
        |> function
            | Ok verdict -> verdict
            | Error error -> failed error
