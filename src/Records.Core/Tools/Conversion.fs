namespace Records.Core

/// What is to change on the way from one file to another. What is not said stays as the source has it.
[<NoEquality; NoComparison>]
type Conversion =
    {
        /// What names of the new file's kind end with: "mpk.gz".
        To: string
        /// What floats and integers become.
        Precision: Precision option
        /// What the source holds, where it does not say so itself or the new file could not.
        Schema: (BurnVersion -> Schema) option
        /// The Burn whose layout is written.
        Burn: BurnVersion option
        /// The Burn whose layout is read.
        FromBurn: BurnVersion option
        /// Whose number it is that a scheduler's file holds, for burnpack, which says so. Other files have no use for it.
        Scheduler: SchedulerKind option
        /// What would only be warned of is an error, and nothing is written.
        Strict: bool
        /// The seal stays behind, and all else of the annex but the versions of types: those say how to read the record.
        Unsealed: bool
        /// Pieces that are compressed at a time.
        Parallelism: int
        Limits: Limits
    }

/// What there is to tell of a conversion that went well.
type Converted =
    {
        /// Tensors with numbers that changed.
        Losses: Loss list
        /// A sentence for each thing that a person should know.
        Warnings: string list
    }

/// From one kind of file to another: pure, from document to payload.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Conversion =

    /// Each as it was asked for: nothing changes but the kind of file.
    let into extension limits =
        {
            To = extension
            Precision = None
            Schema = None
            Burn = None
            FromBurn = None
            Scheduler = None
            Strict = false
            Unsealed = false
            Parallelism = 1
            Limits = limits
        }

    /// A payload that is ready to be written, and what there is to tell once it was.
    [<NoEquality; NoComparison>]
    type internal Prepared = { Payload: Payload; Told: unit -> Converted }

    let private unsupported reason =
        Error(RecordError.Unsupported([], reason))

    /// The kind of file that is to be written, and whether that can be said of a source of this kind.
    let internal target (conversion: Conversion) (source: FileKind) : Result<FileKind, RecordError> =
        let asks = "the record's own schema, as MlpRecord.Schema.ToJson() prints it, for --schema"

        match Formats.kinds |> List.tryFind (fun kind -> kind.Extension = conversion.To) with
        | None ->
            let known = System.String.Join(", ", Formats.extensions)
            unsupported $"'{conversion.To}' is no format that is written; those are {known}"
        | Some target ->
            let version = conversion.Burn |> Option.defaultValue BurnVersion.latest

            match conversion.Schema with
            | None when not source.DescribesItself ->
                unsupported $"{source.Codec.Name} does not describe itself: reading it needs a schema, with --schema"
            | None when not target.DescribesItself ->
                unsupported $"{target.Codec.Name} does not describe itself: writing it needs {asks}"
            | Some schema when not target.DescribesItself && Maybe.isIn (schema version) ->
                unsupported
                    $"the schema leaves open what {target.Codec.Name} must know (its \"maybe\"): writing that needs {asks}"
            | _ -> Ok target

    // ---- metadata

    let private half = "half::binary16::f16"

    /// The dtypes that the metadata names: of floats and of integers.
    let private named (metadata: Map<string, string>) =
        match Map.tryFind "float" metadata with
        | Some "f64" -> Precision.Double, Dtype.F64, Dtype.I64
        | Some name when name = half -> Precision.Half, Dtype.F16, Dtype.I16
        | _ -> Precision.Full, Dtype.F32, Dtype.I32

    /// The precision of a record that comes from where nothing says it: that of its first floats.
    let private guessed root =
        Record.tensors root
        |> Seq.tryPick (fun (_, data) ->
            match data.Dtype with
            | Dtype.F16 -> Some Precision.Half
            | Dtype.F64 -> Some Precision.Double
            | Dtype.F32 -> Some Precision.Full
            | _ -> None)
        |> Option.defaultValue Precision.Full

    let private recorders conversion (source: FileKind) (target: FileKind) version root (given: Map<string, string>) =
        let overlay changes metadata =
            Map.fold (fun metadata name value -> Map.add name value metadata) metadata changes

        let precision =
            if Map.containsKey "float" given then
                let precision, _, _ = named given
                precision
            else
                guessed root

        let recorder = target.Recorder |> Option.defaultValue ""
        // as Burn would have it, where the source lacks something or has another precision
        let fresh precision =
            Names.metadata "file" recorder precision version

        let kept =
            match conversion.Precision with
            | Some precision -> given |> overlay (fresh precision)
            | None ->
                let complete = fresh precision |> overlay given

                if source.Extension = target.Extension then
                    complete
                else
                    let ours = Map.find "format" (fresh precision)
                    let format = Names.renamed recorder complete["format"] |> Option.defaultValue ours
                    Map.add "format" format complete

        match conversion.Burn, Map.tryFind "version" given with
        | None, Some text -> Map.add "version" text kept
        | _ -> Map.add "version" (BurnVersion.text version) kept
        |> Names.intAt version

    /// Burnpack's metadata are its user's alone, those of recorders say who wrote them.
    let private metadata conversion (source: FileKind) (target: FileKind) version (document: Document) =
        if target.Recorder.IsSome then
            // a user's may have the same words: they go with the annex
            let given =
                if source.Recorder.IsSome then
                    document.Metadata
                else
                    Map.empty

            recorders conversion source target version document.Root given
        else
            document.Metadata

    // ---- tensors

    let private checkNumber version metadata path (data: TensorData) =
        let _, float, integer = named metadata

        match data.Dtype with
        | Dtype.Bool _ -> ()
        | dtype when dtype = float || dtype = integer -> ()
        | _ ->
            let reason =
                $"a file of Burn {BurnVersion.text version} has floats of {Dtype.name float} and integers of "
                + $"{Dtype.name integer} alone, and this is {TensorData.text data}: --precision makes it one of those"

            RecordError.raise (RecordError.Unsupported(List.rev path, reason))

    /// Burn up to 0.13 said once for a whole file what its numbers are: a tensor of others would be read as something else.
    let private checkNumbers version metadata =
        // asked once, and not of each tensor
        let isSaid = lazy ((Generation.at version).Tensors = TensorLayout.Values)

        fun (path: RecordPath) (data: TensorData) ->
            if isSaid.Value then
                checkNumber version metadata path data

    /// The record at the precision that is asked for, and the meters of the casts that may lose something.
    let private cast (conversion: Conversion) version metadata watch root =
        let check = checkNumbers version metadata
        let meters = ResizeArray<Loss.Meter>()

        let casted path target (data: TensorData) =
            let witness =
                if Loss.possible data.Dtype target then
                    let meter = Loss.Meter(path, data.Dtype, target, Shape.count data.Shape)
                    meters.Add meter
                    Some(meter :> ICastWitness)
                else
                    None

            match Cast.witnessed witness path (not conversion.Strict) target data with
            | Ok data -> data
            | Error error -> RecordError.raise error

        // the innermost name of a path comes first, and it is turned only where somebody asks for it: there may be very many
        let change path (data: TensorData) =
            let target =
                conversion.Precision
                |> Option.fold (fun dtype precision -> Precision.target precision dtype) data.Dtype

            let data: TensorData = watch path data

            let data =
                if data.Dtype.Equals target then
                    data
                else
                    casted (List.rev path) target data

            check path data
            data

        Record.mapTensorsReversed change root, meters

    // ---- the whole

    /// What was read without a schema, as the other kind of file has it.
    let private bridged (conversion: Conversion) (source: FileKind) (target: FileKind) document =
        match conversion.Schema, source.Recorder.IsSome, target.Recorder.IsSome with
        | None, true, false -> Bridge.toBurnpack conversion.Scheduler document
        | None, false, true -> Bridge.toRecorders document
        | _ -> Ok document

    let private versionOf (conversion: Conversion) (target: FileKind) (laidOut: LaidOut) =
        match conversion.Burn with
        | Some version when target.Recorder.IsSome && version >= BurnVersion.minor 22 ->
            let reason = $"Burn {BurnVersion.text version} has no recorders any more: it reads bpk alone"
            RecordError.raise (RecordError.Unsupported([], reason))
        | Some version -> version
        | None when target.Recorder.IsNone -> Burnpack.latest
        | None -> laidOut.By |> Option.defaultValue BurnVersion.latest

    let rec private hasConstants record =
        match record with
        | Record.Constant _ -> true
        | _ -> Record.children record |> List.exists (snd >> hasConstants)

    let private generationOf version =
        version |> Option.bind Generation.tryAt |> Option.defaultValue Generation.g6

    /// Integers whose sign a schema leaves open: bincode writes signed ones otherwise, and as long.
    let rec private signs path schema =
        let members inner =
            inner |> List.collect (fun (name, schema) -> signs (name :: path) schema)

        match schema with
        | Schema.Maybe(Schema.Scalar ScalarType.U64) -> [ List.rev path ]
        | Schema.Struct inner
        | Schema.Enum inner -> members inner
        | Schema.Tuple items -> members (List.mapi (fun index item -> string index, item) items)
        | Schema.List item
        | Schema.Array(item, _)
        | Schema.Map item -> signs ("*" :: path) item
        | Schema.Option inner
        | Schema.Renamed(_, inner)
        | Schema.Maybe inner -> signs path inner
        | Schema.Param
        | Schema.Tensor
        | Schema.Scalar _
        | Schema.Constant _ -> []

    /// What cannot be known of the source, and of the layout that is asked for.
    let private doubts (conversion: Conversion) (source: FileKind) (laidOut: LaidOut) version =
        let one layout =
            layout.Constants = ConstantLayout.OneNone

        let schema = conversion.Schema |> Option.map (fun schema -> schema version)

        [
            match schema with
            | None when
                one (generationOf laidOut.By)
                && not (one (generationOf (Some version)))
                && hasConstants laidOut.Document.Root
                ->
                let burn = $"Burn {version.Major}.{version.Minor}"

                $"{burn} wrote a nil for each part of a constant array, and this file has one for all of them: "
                + $"each stays a single nil, which {burn} refuses where it wants an array; --schema says which are arrays"
            | Some schema when not source.DescribesItself ->
                match signs [] schema with
                | [] -> ()
                | paths ->
                    let listed = System.String.Join(", ", [ for path in paths -> $"'{RecordError.dotted path}'" ])

                    $"the schema does not say whether {listed} can be negative, and {source.Codec.Name} shows it no more: "
                    + "read as what cannot"
            | _ -> ()
        ]

    let private overflow (loss: Loss) =
        let path = RecordError.dotted loss.Path

        let values =
            if loss.Overflows = 1L then
                "1 value"
            else
                $"{loss.Overflows} values"

        $"'{path}': {values} of {Dtype.name loss.From} became infinite as {Dtype.name loss.To}"

    let private checkSchema (conversion: Conversion) (target: FileKind) (laidOut: LaidOut) version =
        let root = laidOut.Document.Root

        match conversion.Schema, laidOut.Seen with
        | None, _ -> ()
        | Some _, Some count when count > Record.countTensors root ->
            RecordError.raise (Fit.tooSmall (Record.countTensors root) count)
        | Some schema, _ when not target.DescribesItself ->
            match Fit.problems (schema version) root with
            | [] -> ()
            | problems -> RecordError.raise (RecordError.ofList problems)
        | _ -> ()

    /// The document as the target's bytes. The watch is around each tensor while it is read; its path has the innermost name first.
    /// Sealed as its source is, unless that is not wanted.
    let internal prepare (conversion: Conversion) source isSealed (target: FileKind) watch (laidOut: LaidOut) =
        RecordError.catch (fun () ->
            let version = versionOf conversion target laidOut

            let document =
                match bridged conversion source target laidOut.Document with
                | Ok document -> document
                | Error error -> RecordError.raise error

            checkSchema conversion target laidOut version
            let doubts = doubts conversion source laidOut version

            if conversion.Strict && not doubts.IsEmpty then
                RecordError.raise (RecordError.Unsupported([], List.head doubts))

            let metadata = metadata conversion source target version document
            let root, meters = cast conversion version metadata watch document.Root

            let annex =
                if conversion.Unsealed then
                    Versions.annexOf document.Annex
                else
                    document.Annex

            let told () =
                let losses =
                    [
                        for meter in meters do
                            if meter.Loss.Changed > 0L then
                                meter.Loss
                    ]

                let overflows = losses |> List.filter (fun loss -> loss.Overflows > 0L) |> List.map overflow
                { Losses = losses; Warnings = doubts @ overflows }

            target.Codec.Encode { Burn = version } { Metadata = metadata; Annex = annex; Root = root }
            |> Result.bind (
                Sealing.payload (isSealed && not conversion.Unsealed) target.Compression conversion.Parallelism
            )
            |> Result.map (fun payload -> { Payload = payload; Told = told }))
        |> Result.bind id
