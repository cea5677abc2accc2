namespace Records.Core

open System

/// Burn's container since 0.19, and its only format since 0.22: names, shapes and ids in CBOR, then the tensors as they are.
/// It holds no structure: with a schema, constants and nesting come from there, and without one from the names. User metadata
/// is the document's metadata and annex alike. Optimizers are written in Burn's naming for them, and read back by their schema.
[<RequireQualifiedAccess>]
module Burnpack =

    let private format = BurnpackMetadata.format

    /// The Burn whose burnpack is written unless another is asked for.
    let latest = BurnVersion.minor 22

    /// What Burn 0.22 reads: 100 MiB of metadata, 100,000 tensors of 10 GiB each, 100 GiB in all.
    let burnLimits =
        {
            MetadataBytes = 100L <<< 20
            Tensors = 100_000
            TensorBytes = 10L <<< 30
            FileBytes = 100L <<< 30
        }

    /// What the format itself can hold. Burn does not read what is beyond burnLimits.
    let formatLimits =
        {
            MetadataBytes = int64 Array.MaxLength
            Tensors = Int32.MaxValue
            TensorBytes = Int64.MaxValue
            FileBytes = Int64.MaxValue
        }

    // ---- reading

    /// Header and metadata of the file, and a reader that stands behind them.
    let private head (limits: Limits) (own: BurnpackLimits) forgive (input: Input) =
        let forward = input.Start()
        let header = forward.Peek BurnpackLayout.headerBytes

        let size =
            BurnpackLayout.metadataBytes forgive (header.Slice(0, min header.Length BurnpackLayout.headerBytes))

        BurnpackWriter.demand [] "bytes of metadata" (int64 size) limits.HeaderBytes
        forward.Advance BurnpackLayout.headerBytes

        let short rest : 'T =
            RecordError.Malformed(format, [], 10L, $"{size} bytes of metadata", $"the end after {rest}")
            |> RecordError.raise

        match forward.Remaining with
        | ValueSome rest when rest < int64 size -> short rest
        | _ -> ()

        match forward.Take(int64 size) with
        | ValueNone -> short "fewer"
        | ValueSome slice ->
            match Slice.whole slice with
            | Error error -> RecordError.raise error
            | Ok bytes ->
                let start = int64 BurnpackLayout.headerBytes
                forward, bytes, BurnpackMetadata.read limits own.Tensors forgive start bytes

    /// Ends before starts are told later.
    let private demandBytes (limits: Limits) (metadata: BurnpackMetadata) =
        let add (sum: uint64) (tensor: BurnpackTensor) =
            let bytes = tensor.End - min tensor.Start tensor.End

            if bytes > UInt64.MaxValue - sum then
                UInt64.MaxValue
            else
                sum + bytes

        let bytes = Array.fold add 0UL metadata.Tensors |> min (uint64 Int64.MaxValue)
        BurnpackWriter.demand [] "tensor bytes" (int64 bytes) limits.TensorBytes

    /// All that follows, as one slice: unread where the source allows it.
    let private rest (forward: IForward) (metadata: BurnpackMetadata) =
        let taken =
            match forward.Remaining with
            | ValueSome rest -> forward.Take rest
            | ValueNone ->
                // an older layout cannot be told without the length: compressed files are no habit of Burn's
                let last = metadata.Tensors |> Array.fold (fun last tensor -> max last tensor.End) 0UL
                let start = uint64 forward.Position
                // beyond all bounds is beyond the end, and no number that wraps
                forward.Take(int64 (BurnpackLayout.align start - start + min last (1UL <<< 62)))

        match taken with
        | ValueSome slice when (forward.Peek 1).IsEmpty -> slice
        | ValueSome _ ->
            RecordError.raise (RecordError.Malformed(format, [], forward.Position, "the end", "more bytes"))
        | ValueNone ->
            RecordError.raise (
                RecordError.Malformed(format, [], forward.Position, "the tensors", "the end before that")
            )

    let private idOf (texts: Map<string, string>) =
        let ids = texts |> Map.filter (fun key _ -> BurnpackTexts.isId key)

        fun number ->
            match
                if ids.IsEmpty then
                    None
                else
                    ids.TryFind(BurnpackTexts.idKey number)
            with
            | Some text -> ParamId text
            | None -> ParamId.ofUInt64 number

    /// The record of a schema. Texts among its values are user metadata under their paths.
    let private typed schema (texts: Map<string, string>) (flat: Flat) =
        if OptimizerState.isSchema schema then
            OptimizerState.toSchema schema (idOf texts) flat
        else
            let taken =
                lazy
                    Collections.Generic.HashSet(
                        [ for tensor in flat.Tensors -> tensor.Name ] @ List.map fst flat.Scalars,
                        StringComparer.Ordinal
                    )

            let known =
                [
                    for entry in texts do
                        if BurnpackTexts.isValue schema entry.Key && not (taken.Value.Contains entry.Key) then
                            entry.Key, Scalar.Text entry.Value
                ]

            Flat.toSchema schema { flat with Scalars = flat.Scalars @ known }

    let private decodeWith own lenient forgive (context: DecodeContext) (input: Input) : Result<Document, RecordError> =
        RecordError.catch (fun () ->
            let forward, bytes, metadata = head context.Limits own forgive input
            demandBytes context.Limits metadata
            let seal = BurnpackSeal.seal bytes metadata.Seal
            let plain = rest forward metadata
            let data = BurnpackSeal.tensors forgive context input bytes seal plain
            let size = uint32 bytes.Length
            let idOf = idOf metadata.Texts

            let named (tensor: BurnpackTensor) data =
                let id = tensor.Id |> ValueOption.map idOf |> ValueOption.toOption
                { Name = tensor.Name; Id = id; Data = data }

            let tensors = BurnpackLayout.tensors lenient forgive context.Burn size metadata.Tensors plain data named

            let flat = { Tensors = tensors; Scalars = metadata.Scalars }
            let texts = metadata.Texts |> Map.filter (fun name _ -> not (BurnpackTexts.isOurs name))

            let annex = BurnpackTexts.annexOf texts

            let schema =
                context.Schema
                |> Option.map (fun schemas ->
                    match Schemas.at (lazy annex) schemas with
                    | Ok schema -> schema (context.Burn |> Option.defaultValue latest)
                    | Error error -> RecordError.raise error)

            match schema with
            | None -> { Metadata = texts; Annex = annex; Root = Flat.toRecord flat }
            | Some schema ->
                match typed schema metadata.Texts flat with
                | Ok root ->
                    {
                        Metadata = BurnpackTexts.without root texts
                        Annex = BurnpackTexts.without root annex
                        Root = root
                    }
                | Error error -> RecordError.raise error)

    /// The seal that a file has, and the bytes of its metadata.
    let internal seal limits (input: Input) : struct (Seal * ReadOnlyMemory<byte>) voption =
        let _, bytes, metadata = head limits formatLimits ignore input

        BurnpackSeal.seal bytes metadata.Seal
        |> ValueOption.map (fun seal -> struct (seal, bytes))

    let private metadataWith own forgive limits input =
        RecordError.catch (fun () ->
            let _, _, metadata = head limits own forgive input
            metadata.Texts |> Map.filter (fun name _ -> not (BurnpackTexts.isOurs name)))

    let private codecWith limits lenient forgive : Codec =
        {
            Name = "burnpack"
            Extension = "bpk"
            Encode = BurnpackWriter.encode limits
            Decode = decodeWith limits lenient forgive
            Metadata = metadataWith limits forgive
        }

    /// Burn's burnpack, within Burn's limits. Stricter than Burn: what Burn's writer never writes is refused, with tensor and offset.
    let codec: Codec = codecWith burnLimits false RecordError.raise

    /// The same within other limits. Burn may not read what is written with larger ones.
    let codecWithin limits : Codec =
        codecWith limits false RecordError.raise

    /// The same, but as forgiving as Burn and more: names twice (the last counts), tensors that overlap, holes, bytes at the end,
    /// starts off the grid, another seal beside the tensors, shapes that are not those of the bytes (as many elements as there are), a third offset, version 0,
    /// bytes after the metadata. Each thing forgiven is reported, from the thread that reads.
    let lenient limits (report: RecordError -> unit) : Codec = codecWith limits true report

    /// The same codec, which writes these texts with each document that has none by their names.
    let withMetadata (texts: Map<string, string>) (codec: Codec) : Codec =
        let add (document: Document) =
            let own =
                if BurnpackWriter.isRecorders document.Metadata then
                    Map.empty
                else
                    document.Metadata

            { document with Metadata = Map.fold (fun all name text -> Map.add name text all) texts own }

        { codec with Encode = fun context document -> codec.Encode context (add document) }

    /// Reads as lenient does, and gives what was forgiven with the document.
    let decodeLenient (context: DecodeContext) (input: Input) : Result<Document * RecordError list, RecordError> =
        let forgiven = ResizeArray()

        (lenient burnLimits forgiven.Add).Decode context input
        |> Result.map (fun document -> document, List.ofSeq forgiven)
