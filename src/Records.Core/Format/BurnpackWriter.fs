namespace Records.Core

open System

/// What may be written, and what more is read. Burn refuses files beyond its own limits.
type BurnpackLimits =
    {
        /// Bytes of metadata.
        MetadataBytes: int64
        /// Tensors, when reading too.
        Tensors: int
        /// Bytes of one tensor.
        TensorBytes: int64
        /// Bytes of the file.
        FileBytes: int64
    }

/// Burnpack is written from a document whose structure is lost on the way: tensors under their names, one after the other, and what else
/// is told as user metadata.
[<RequireQualifiedAccess>]
module internal BurnpackWriter =

    // ---- user metadata

    /// Whether this is what a recorder says of itself.
    let isRecorders (metadata: Map<string, string>) =
        List.forall metadata.ContainsKey Burn.metadataFields

    let private add name (text: string) (texts: Map<string, string>) =
        match texts.TryFind name with
        | Some other when other <> text ->
            let reason = "two different texts would be its metadata"
            RecordError.raise (RecordError.Unsupported([ name ], reason))
        | _ -> Map.add name text texts

    /// The texts, and those of ids that are not what their number is called.
    let private idTexts (tensors: FlatTensor[]) texts =
        let known = Collections.Generic.Dictionary<uint64, ParamId>()

        tensors
        |> Array.fold
            (fun texts tensor ->
                match tensor.Id with
                | None -> texts
                | Some id ->
                    let number = Flat.numberOf id

                    match known.TryGetValue number with
                    | true, other when other <> id ->
                        let reason = $"its id '{ParamId.text id}' is the same number as '{ParamId.text other}'"
                        RecordError.raise (RecordError.Unsupported([ tensor.Name ], reason))
                    | _ -> known[number] <- id

                    if ParamId.ofUInt64 number = id then
                        texts
                    else
                        add (BurnpackTexts.idKey number) (ParamId.text id) texts)
            texts

    let private texts (document: Document) (flat: Flat) (tensors: FlatTensor[]) =
        // what a recorder says of itself is no user's, and Burn writes none of it here
        let metadata =
            if isRecorders document.Metadata then
                Map.empty
            else
                document.Metadata

        let texts = Map.fold (fun texts name text -> Map.add name text texts) metadata document.Annex

        let scalars =
            flat.Scalars
            |> List.fold
                (fun texts (name, scalar) ->
                    match scalar with
                    | Scalar.Text text -> add name text texts
                    | _ -> texts)
                texts

        // only an id of another spelling can be the number of a second one
        if
            tensors
            |> Array.forall (fun tensor -> Option.forall ParamId.isSpelled tensor.Id)
        then
            scalars
        else
            idTexts tensors scalars

    // ---- writing

    /// Fails above the limit.
    let demand path what actual limit =
        if actual > limit then
            RecordError.raise (RecordError.TooLarge(path, what, actual, limit))

    let private place limits aligned (tensors: FlatTensor[]) : BurnpackTensor[] =
        let shared = SharedDims()

        let put last (tensor: FlatTensor) =
            let bytes = tensor.Data.Bytes.Length

            if bytes > limits.TensorBytes then
                demand [ tensor.Name ] "bytes of a tensor that Burn reads" bytes limits.TensorBytes

            let first = if aligned then BurnpackLayout.align last else last
            shared.Start()

            for dim in Shape.dims tensor.Data.Shape do
                shared.Add(uint64 dim)

            {
                Name = tensor.Name
                Dtype = tensor.Data.Dtype
                Dims = shared.List
                Start = first
                End = first + uint64 bytes
                Id = tensor.Id |> Option.toValueOption |> ValueOption.map Flat.numberOf
            }

        let placed = Array.zeroCreate tensors.Length
        let mutable last = 0UL

        for index in 0 .. tensors.Length - 1 do
            placed[index] <- put last tensors[index]
            last <- placed[index].End

        placed

    /// So many zeros, fewer than there can be between two tensors.
    let private zeros =
        let all = Slice.ofMemory (ReadOnlyMemory(Array.zeroCreate<byte> 256))
        Array.init 256 (fun count -> Slice.sub 0L (int64 count) all)

    /// The document as a file of the Burn that the context names.
    let encode limits (context: EncodeContext) (document: Document) : Result<Payload, RecordError> =
        RecordError.catch (fun () ->
            let orRaise result =
                match result with
                | Ok value -> value
                | Error error -> RecordError.raise error

            if context.Burn < BurnVersion.minor 19 then
                let reason = $"Burn {BurnVersion.text context.Burn} has no burnpack: that came with 0.19"
                RecordError.raise (RecordError.Unsupported([], reason))

            let flat =
                match OptimizerState.ofRecord document.Root with
                | Some state -> state
                | None -> orRaise (Flat.ofRecord document.Root)

            let isText (_, scalar: Scalar) = scalar.IsText
            let scalars = List.filter (isText >> not) flat.Scalars

            if context.Burn < BurnVersion.minor 22 && not scalars.IsEmpty then
                let reason = $"Burn {BurnVersion.text context.Burn} reads no numbers beside tensors from burnpack"
                RecordError.raise (RecordError.Unsupported([ fst scalars.Head ], reason))

            let tensors = Array.ofList flat.Tensors
            demand [] "number of tensors that Burn reads" tensors.Length limits.Tensors
            let aligned = context.Burn >= BurnVersion.minor 20
            let placed = place limits aligned tensors
            let known = texts document flat tensors

            if known.ContainsKey Seal.key then
                RecordError.raise (RecordError.Unsupported([ Seal.key ], "a seal is made of the file, and not given"))

            let described = BurnpackMetadataWriter.tensors context.Burn placed

            let written sealBytes =
                let metadata = BurnpackMetadataWriter.write described known scalars sealBytes
                demand [] "bytes of metadata that Burn reads" metadata.Length limits.MetadataBytes
                metadata

            let dataAt (metadata: WrittenMetadata) =
                let start = uint64 BurnpackLayout.headerBytes + uint64 metadata.Length
                if aligned then BurnpackLayout.align start else start

            let lengthOf metadata =
                let last =
                    match Array.tryLast placed with
                    | Some place -> place.End
                    | None -> 0UL

                let length = int64 (dataAt metadata + last)
                demand [] "bytes of a file that Burn reads" length limits.FileBytes
                length

            let write (metadata: WrittenMetadata) seal =
                let parts = Parts()

                let pad (first: uint64) (next: uint64) =
                    if next > first then
                        parts.Add zeros[int (next - first)]

                parts.Write(ReadOnlySpan(BurnpackLayout.header (int metadata.Length)))

                for piece in metadata.Pieces seal do
                    parts.Add(Slice.ofMemory piece)

                pad (uint64 BurnpackLayout.headerBytes + uint64 metadata.Length) (dataAt metadata)
                let mutable last = 0UL

                for index in 0 .. tensors.Length - 1 do
                    pad last placed[index].Start
                    parts.AddTensor tensors[index].Data.Bytes
                    last <- placed[index].End

                parts

            let paths = tensors |> Array.map (fun tensor -> BurnpackSeal.pathText tensor.Name)

            let sealed' () =
                let metadata = written (Seal.size 0L paths)
                let data = dataAt metadata

                let starts =
                    Array.map2
                        (fun (place: BurnpackTensor) (tensor: FlatTensor) ->
                            struct (int64 (data + place.Start), tensor.Data.Bytes))
                        placed
                        tensors

                BurnpackSeal.payload paths metadata starts (lengthOf metadata) (write metadata)

            let metadata = written 0

            let parts =
                Marked(paths, (fun witness -> (write metadata ReadOnlyMemory.Empty).Produce(witness, 0)), sealed')

            { Length = Some(lengthOf metadata); Parts = parts })
