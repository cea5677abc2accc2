namespace Records.Core

open System

/// The metadata as Burn's writer makes it, but for the text of a seal, which is known last.
[<NoEquality; NoComparison>]
type internal WrittenMetadata =
    {
        Before: Blocks list
        /// Bytes of the text between the two, 0 where there is none.
        SealBytes: int
        After: Blocks
    }

    member metadata.Length =
        List.sumBy (fun (blocks: Blocks) -> blocks.Length) metadata.Before
        + int64 metadata.SealBytes
        + metadata.After.Length

    /// All of it, with this text.
    member metadata.Pieces(text: ReadOnlyMemory<byte>) =
        seq {
            for blocks in metadata.Before do
                yield! blocks.All

            text
            yield! metadata.After.All
        }

[<RequireQualifiedAccess>]
module internal BurnpackMetadataWriter =

    // field by field, and no list of them: there are many tensors
    let private writeTensor (writer: CborWriter) burn (tensor: BurnpackTensor) =
        writer.Map(if tensor.Id.IsSome then 4 else 3)
        writer.Text "dtype"
        Burn.under tensor.Name (fun () -> BurnpackDtypes.write writer burn tensor.Dtype)
        writer.Text "shape"
        writer.Array tensor.Dims.Length

        for dim in tensor.Dims do
            writer.Unsigned dim

        writer.Text "data_offsets"
        writer.Array 2
        writer.Unsigned tensor.Start
        writer.Unsigned tensor.End

        match tensor.Id with
        | ValueSome id ->
            writer.Text "param_id"
            writer.Unsigned id
        | ValueNone -> ()

    let private writeScalar (writer: CborWriter) name scalar =
        let kind, write =
            let signed value = "Int", (fun () -> writer.Signed value)

            let unsigned value =
                "UInt", (fun () -> writer.Unsigned value)

            match scalar with
            | Scalar.I64 value -> signed value
            | Scalar.I32 value -> signed (int64 value)
            | Scalar.I16 value -> signed (int64 value)
            | Scalar.I8 value -> signed (int64 value)
            | Scalar.U64 value -> unsigned value
            | Scalar.U32 value -> unsigned (uint64 value)
            | Scalar.U16 value
            | Scalar.F16 value
            | Scalar.BF16 value -> unsigned (uint64 value)
            | Scalar.U8 value -> unsigned (uint64 value)
            | Scalar.F64 value -> "Float", (fun () -> writer.Float value)
            | Scalar.F32 value -> "Float", (fun () -> writer.Float(Numbers.widen value))
            | Scalar.Bool value -> "Bool", (fun () -> writer.Bool value)
            | Scalar.Text _
            | Scalar.Unit ->
                RecordError.raise (RecordError.Unsupported([ name ], "burnpack has numbers and truth values only"))

        Cbor.fields writer [ kind, write ]

    /// What is said of the tensors, which is the same with a seal and without.
    let tensors (burn: BurnVersion) (tensors: BurnpackTensor[]) : Blocks =
        let blocks = Blocks()
        let writer = CborWriter blocks
        writer.Map tensors.Length

        for tensor in Cbor.sorted _.Name tensors do
            writer.Text tensor.Name
            writeTensor writer burn tensor

        blocks

    /// All of it, with room for so many bytes of a seal.
    let write (tensors: Blocks) (texts: Map<string, string>) (scalars: (string * Scalar) list) sealBytes =
        let isSealed = sealBytes > 0
        let texts = if isSealed then Map.add Seal.key "" texts else texts
        let head, before, after = Blocks(), Blocks(), Blocks()
        let start = CborWriter head
        start.Map(1 + (if texts.IsEmpty then 0 else 1) + (if scalars.IsEmpty then 0 else 1))
        start.Text "tensors"
        let mutable writer = CborWriter before

        if not texts.IsEmpty then
            writer.Text "metadata"
            writer.Map texts.Count

            for name, text in Cbor.sorted fst (Map.toArray texts) do
                writer.Text name

                if isSealed && name = Seal.key then
                    writer.TextOf sealBytes
                    writer <- CborWriter after
                else
                    writer.Text text

        if not scalars.IsEmpty then
            writer.Text "scalars"
            writer.Map scalars.Length

            for name, scalar in Cbor.sorted fst (Array.ofList scalars) do
                writer.Text name
                writeScalar writer name scalar

        { Before = [ head; tensors; before ]; SealBytes = sealBytes; After = after }

    /// Metadata that are there, without a seal.
    let toArray burn (metadata: BurnpackMetadata) : byte[] =
        let written = write (tensors burn metadata.Tensors) metadata.Texts metadata.Scalars 0
        Array.concat (written.Pieces ReadOnlyMemory.Empty |> Seq.map _.ToArray())
