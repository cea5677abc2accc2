namespace Records.Core

open System

/// What a value that describes itself was read as.
[<NoEquality; NoComparison>]
type internal Described =
    {
        Value: Value
        Document: Document
        /// Tensors that the schema has no place for, by their whole names.
        Unplaced: Field list
    }

/// What stands around a record in a format that describes itself: metadata, annex, and the version of Burn that it is read as.
[<RequireQualifiedAccess>]
module internal Envelope =

    /// The record with the schema of the Burn that the file names, and that schema. Where a tensor has no place in that, the file's version may
    /// be wrong, as those of development versions are: another version's schema is taken that has places for more.
    let private raiseVersioned given (schema: BurnVersion -> Schema) version (tensors: Lazy<int>) item =
        let raise version =
            let schema = schema version
            Raise.raiseAs given false schema item, schema

        let count (record, _) = Record.countTensors record
        let promised = RecordError.catch (fun () -> raise version)

        match promised with
        | Ok raised when count raised >= tensors.Value -> raised
        | _ ->
            let others =
                [
                    for other in List.distinctBy schema Generation.versions do
                        if schema other <> schema version then
                            match RecordError.catch (fun () -> raise other) with
                            | Ok raised -> raised
                            | Error _ -> ()
                ]

            match promised, others with
            | Error error, [] -> RecordError.raise error
            | Ok raised, [] -> raised
            | Error _, others -> List.maxBy count others
            | Ok raised, others -> List.maxBy count (raised :: others)

    /// Tensors that have no place in the record that was raised with the schema, by their whole names.
    let private unplaced given record schema (tensors: Lazy<int>) item : Field list =
        // each tensor of the record is one of the item
        if Record.countTensors record >= tensors.Value then
            []
        else
            [
                for path, value in Unplaced.find schema item do
                    let name = String.Join('.', path)
                    { Name = name; Value = Burn.under name (fun () -> Raise.raiseBare given value) }
            ]

    let private envelope value =
        match value with
        | Value.Map entries ->
            Raise.lookup entries "metadata", Raise.lookup entries "item", Raise.lookup entries Burn.annexField
        // with the marker that ends it, or from before there was one
        | Value.Seq [| metadata; item |]
        | Value.Seq [| metadata; item; _ |] -> ValueSome metadata, ValueSome item, ValueNone
        | _ -> ValueNone, ValueNone, ValueNone

    /// A document from a format that describes itself.
    let private described (context: DecodeContext) value : Described =
        match envelope value with
        | ValueSome metadata, ValueSome item, annex ->
            let metadata = Burn.under "metadata" (fun () -> Raise.metadata metadata)

            let given: Raise.Given =
                { Limits = context.Limits; Settings = Settings.ofMetadata context.Burn metadata }

            let annex =
                match annex with
                | ValueSome annex -> Raise.raiseTexts "an annex" annex
                | ValueNone -> Map.empty

            let tensors = lazy Layout.countTensors item

            let record, schema =
                match context.Schema |> Option.map (Schemas.at (lazy annex)), context.Burn with
                | Some(Error error), _ -> RecordError.raise error
                | Some(Ok schema), Some version -> Raise.raiseAs given false (schema version) item, Some(schema version)
                | Some(Ok schema), None ->
                    let promised = Raise.version metadata |> Option.defaultValue BurnVersion.latest
                    let record, schema = raiseVersioned given schema promised tensors item
                    record, Some schema
                | None, _ -> Raise.raiseBare given item, None

            {
                Value = value
                Document = { Metadata = metadata; Annex = annex; Root = record }
                Unplaced =
                    match schema with
                    | Some schema -> unplaced given record schema tensors item
                    | None -> []
            }
        | _ -> Raise.mismatch "a Burn record: metadata and item" value

    // ---- all that is wrong

    let private repeated names (entries: Entry[]) =
        names
        |> List.filter (fun name -> Array.filter (Value.nameOf >> (=) name) entries |> Array.length > 1)
        |> Array.ofList
        |> Burn.each Raise.twice
        |> ignore

    /// A key of the envelope that is there Raise.twice: which one is meant, nobody knows.
    let private checkEnvelope value =
        match value with
        | Value.Map entries ->
            repeated [ "metadata"; "item"; Burn.annexField; "_b" ] entries

            // a whole seal is taken off before anything is read
            for key in [ Seal.key; Seal.copyKey ] do
                if Array.exists (Value.nameOf >> (=) key) entries then
                    RecordError.raise (RecordError.Unexpected([ key ], "a seal that is not as it was written"))

            match Raise.lookup entries "metadata" with
            | ValueSome(Value.Map fields) -> Burn.under "metadata" (fun () -> repeated Burn.metadataFields fields)
            | _ -> ()
        | _ -> ()

    /// A document from a format that describes itself, where neither its values nor what was found while and after they were
    /// read is wrong; all that is wrong otherwise.
    let whole context value (found: Result<unit, RecordError>) : Result<Described, RecordError> =
        Burn.both
            (RecordError.catch (fun () -> described context value))
            (Burn.both (RecordError.catch (fun () -> checkEnvelope value)) found)

    /// The document, where tensors that the schema has no place for come last in the outermost struct: who loads it decides about them.
    let complete (described: Described) : Result<Document, RecordError> =
        match described.Document.Root, described.Unplaced with
        | _, [] -> Ok described.Document
        | Record.Struct fields, unplaced -> Ok { described.Document with Root = Record.Struct(fields @ unplaced) }
        | _, unplaced ->
            [
                for field in unplaced do
                    for _, data in Record.tensors field.Value ->
                        RecordError.Unexpected([ field.Name ], TensorData.text data)
            ]
            |> RecordError.ofList
            |> Error
