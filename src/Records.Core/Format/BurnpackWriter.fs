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

    let private texts (document: Document) (flat: Flat) =
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

        let known = Collections.Generic.Dictionary<uint64, ParamId>()

        flat.Tensors
        |> List.fold
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
            scalars

    // ---- writing

    /// Fails above the limit.
    let demand path what actual limit =
        if actual > limit then
            RecordError.raise (RecordError.TooLarge(path, what, actual, limit))

    let private place limits aligned (flat: Flat) : BurnpackTensor list =
        let next offset =
            if aligned then BurnpackLayout.align offset else offset

        let put last (tensor: FlatTensor) =
            demand [ tensor.Name ] "bytes of a tensor that Burn reads" tensor.Data.Bytes.Length limits.TensorBytes
            let first = next last
            let last = first + uint64 tensor.Data.Bytes.Length

            {
                Name = tensor.Name
                Dtype = tensor.Data.Dtype
                Dims = Shape.dims tensor.Data.Shape |> List.map uint64
                Start = first
                End = last
                Id = Option.map Flat.numberOf tensor.Id
            },
            last

        List.mapFold put 0UL flat.Tensors |> fst

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

            demand [] "number of tensors that Burn reads" flat.Tensors.Length limits.Tensors
            let aligned = context.Burn >= BurnVersion.minor 20
            let placed = place limits aligned flat

            let tensors =
                List.map2 (fun place (tensor: FlatTensor) -> struct (place, tensor.Data.Bytes)) placed flat.Tensors
                |> Array.ofList

            let known = texts document flat

            if known.ContainsKey Seal.key then
                RecordError.raise (RecordError.Unsupported([ Seal.key ], "a seal is made of the file, and not given"))

            let written texts =
                let metadata =
                    BurnpackMetadata.write
                        context.Burn
                        { Tensors = placed; Texts = texts; Scalars = scalars; Seal = ValueNone }

                demand [] "bytes of metadata that Burn reads" metadata.LongLength limits.MetadataBytes
                metadata

            let dataAt (metadata: byte[]) =
                let start = uint64 BurnpackLayout.headerBytes + uint64 metadata.Length
                if aligned then BurnpackLayout.align start else start

            let lengthOf metadata =
                let last =
                    match List.tryLast placed with
                    | Some place -> place.End
                    | None -> 0UL

                let length = int64 (dataAt metadata + last)
                demand [] "bytes of a file that Burn reads" length limits.FileBytes
                length

            let write (metadata: byte[]) =
                let parts = Parts()

                let pad (first: uint64) (next: uint64) =
                    if next > first then
                        parts.Add zeros[int (next - first)]

                parts.Write(ReadOnlySpan(BurnpackLayout.header metadata.Length))
                parts.Add(Slice.ofMemory (ReadOnlyMemory metadata))
                pad (uint64 BurnpackLayout.headerBytes + uint64 metadata.Length) (dataAt metadata)
                let mutable last = 0UL

                for struct (place, bytes) in tensors do
                    pad last place.Start
                    parts.AddTensor bytes
                    last <- place.End

                parts

            let paths = [| for tensor in flat.Tensors -> BurnpackSeal.pathText tensor.Name |]

            let sealed' () =
                let metadata = written (known.Add(Seal.key, BurnpackSeal.placeholder paths))
                let data = dataAt metadata

                let tensors = [| for struct (place, bytes) in tensors -> struct (int64 (data + place.Start), bytes) |]

                BurnpackSeal.payload paths metadata tensors (lengthOf metadata) write

            let metadata = written known
            let parts = Marked(paths, (fun witness -> (write metadata).Produce(witness, 0)), sealed')
            { Length = Some(lengthOf metadata); Parts = parts })
