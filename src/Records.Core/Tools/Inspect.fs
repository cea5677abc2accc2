namespace Records.Core

open System
open System.Security.Cryptography

/// A tensor of a file, its bytes unread where the format allows that.
[<NoEquality; NoComparison>]
type TensorSummary = { Path: RecordPath; ParamId: ParamId option; Data: TensorData }

/// What is inside a file.
[<NoEquality; NoComparison>]
type Summary =
    {
        /// The codec's name: "named-msgpack".
        Format: string
        /// The transform's name: "gzip".
        Compression: string option
        /// The Burn that the metadata names, as it is written there.
        Burn: string option
        Metadata: Map<string, string>
        /// Versions of the types that were saved, by the path of each; "" is the whole. Types that never had another are left out.
        Versions: Map<string, int>
        /// The file has a seal. Its tensors have not been held against it, nor has a bincode file that was inspected without a schema.
        Sealed: bool
        /// In the file's order; None for a format that does not describe itself, when there is no schema.
        Tensors: TensorSummary list option
    }

/// Looks into files without knowing what they hold.
[<RequireQualifiedAccess>]
module Inspect =

    /// Every tensor of the record with its path and, for a parameter, its id, in the order of a file.
    let tensors record : TensorSummary list =
        let rec walk path record =
            seq {
                match record with
                | Record.Param(id, data) -> { Path = List.rev path; ParamId = Some id; Data = data }
                | Record.Tensor data -> { Path = List.rev path; ParamId = None; Data = data }
                | Record.Option(Some item) -> yield! walk path item
                | _ ->
                    for name, child in Record.children record do
                        yield! walk (name :: path) child
            }

        List.ofSeq (walk [] record)

    let private contextOf limits (schema: Schema option) : DecodeContext =
        let schemas = schema |> Option.map (fun schema -> Schemas.Fixed(fun _ -> schema))
        { Schema = schemas; Burn = None; Limits = limits; Whole = false; Store = None }

    /// The document that these bytes are, whatever their format and compression; a schema where the format needs one.
    let document limits (schema: Schema option) (input: Input) : Result<Document, RecordError> =
        let context = contextOf limits schema

        Formats.identify limits input
        |> Result.bind (fun found -> found.Codec.Decode context found.Input)

    /// What these bytes hold. The format is found from them; tensors stay unread where it allows that.
    let input limits (schema: Schema option) (input: Input) : Result<Summary, RecordError> =
        let context = contextOf limits schema

        Formats.identify limits input
        |> Result.bind (fun found ->
            Sealing.look found.Codec found.Compression limits input
            |> Result.map (fun seal -> found, seal))
        |> Result.bind (fun (found, seal) ->
            let summary (metadata: Map<string, string>) annex tensors =
                let named text = (BurnVersion.tryParse text).IsSome

                {
                    Format = found.Codec.Name
                    Compression = found.Compression |> Option.map _.Name
                    Burn = Map.tryFind "version" metadata |> Option.filter named
                    Metadata = metadata
                    Versions = Versions.ofAnnex annex
                    Sealed = seal.IsSome
                    Tensors = tensors
                }

            if found.Codec.Name = Bincode.codec.Name && schema.IsNone then
                found.Codec.Metadata limits found.Input
                |> Result.bind (fun metadata ->
                    let plain = seal |> Option.fold (fun _ seal -> seal.Plain) found.Input
                    let inner = if found.Compression.IsSome then found.Input else plain

                    RecordError.catch (fun () -> Bincode.findAnnex limits inner)
                    |> Result.map (fun annex -> summary metadata annex None))
            else
                found.Codec.Decode context found.Input
                |> Result.map (fun document -> summary document.Metadata document.Annex (Some(tensors document.Root))))

    /// SHA-256 of the tensor's bytes, in lower-case hex; they are read part by part.
    let sha256 (data: TensorData) : Result<string, RecordError> =
        RecordError.catch (fun () ->
            use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

            for part in Slice.parts data.Bytes do
                hash.AppendData part.Span

            Convert.ToHexStringLower(hash.GetHashAndReset()))
