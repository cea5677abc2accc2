namespace Records.Core

/// What the seal of a file says, without reading what the file holds.
[<NoEquality; NoComparison>]
type internal SealLook =
    {
        Tensors: SealedTensor[]
        /// What is wrong, all of it. Of a compressed file nothing is known before it has been read.
        Wrong: RecordError list
        /// The same file without its seal, where nothing is checked any more.
        Plain: Input
    }

/// From what a codec gives to the bytes of a file, compressed or not, sealed or not; and what there is to know of a seal
/// from the bytes alone.
[<RequireQualifiedAccess>]
module internal Sealing =

    let private isGzip (compression: Transform) = compression.Name = Gzip.transform.Name

    /// The payload as it is written. One whose codec marks no tensors gets no seal.
    let payload isSealed (compression: Transform option) degree (payload: Payload) : Result<Payload, RecordError> =
        RecordError.catch (fun () ->
            match payload.Parts, compression with
            | :? Marked as marked, None when isSealed -> marked.Sealed()
            | :? Marked as marked, Some transform when isSealed && isGzip transform ->
                GzipSeal.payload (transform.Forward degree) marked payload
            | _, Some transform when not isSealed && isGzip transform -> Gzip.single degree payload
            | _, Some transform -> transform.Forward degree payload
            | _, None -> payload)

    let private carriers =
        [
            MsgPack.codec.Name, [ Carrier.MsgPack ]
            Bincode.codec.Name, [ Carrier.Bincode ]
            Json.pretty.Name, [ Carrier.PrettyJson; Carrier.Json ]
        ]

    let private lookIn deep (codec: Codec) compression limits (input: Input) (file: ISource) =
        match compression, List.tryFind (fst >> (=) codec.Name) carriers with
        | Some transform, _ when isGzip transform ->
            GzipSeal.find limits file
            |> ValueOption.map (fun found -> { Tensors = found.Seal.Tensors; Wrong = []; Plain = input })
        | Some _, _ -> ValueNone
        | None, Some(_, carriers) ->
            Unsealed.find carriers limits file
            |> ValueOption.map (fun found ->
                let tensors = found.Seal.Tensors

                let wrong =
                    if deep then
                        Unsealed.wrongRest found @ Unsealed.wrongTensors file tensors
                    else
                        []

                { Tensors = tensors; Wrong = wrong; Plain = Unsealed.plain found input.Name None })
        | None, None when codec.Name = Burnpack.codec.Name ->
            Burnpack.seal limits input
            |> ValueOption.map (fun (struct (seal, metadata)) ->
                let wrong =
                    if deep then
                        Option.toList (BurnpackSeal.wrongRest file metadata seal)
                        @ Unsealed.wrongTensors file seal.Tensors
                    else
                        []

                { Tensors = seal.Tensors; Wrong = wrong; Plain = input })
        | None, None -> ValueNone

    let private looked deep codec compression limits (input: Input) : Result<SealLook option, RecordError> =
        RecordError.catch (fun () ->
            match Unsealed.source input with
            | ValueSome file -> lookIn deep codec compression limits input file |> ValueOption.toOption
            | ValueNone -> None)

    /// What the seal of a file says; None where there is none. Input is the file as it is stored.
    let look codec compression limits input =
        looked false codec compression limits input

    /// The same, with all that is wrong: every byte is read.
    let check codec compression limits input =
        looked true codec compression limits input

    /// Reads all of a file that should be sealed, and tells what is wrong.
    let verify (codec: Codec) (compression: Transform option) limits (file: ISource) : Result<unit, RecordError> =
        let input = Forward.input file

        check codec compression limits input
        |> Result.bind (fun looked ->
            match looked, compression with
            | None, _ -> RecordError.catch (fun () -> Seal.damaged file.Length "none")
            | Some { Wrong = (_ :: _ as wrong) }, _ -> Error(RecordError.ofList wrong)
            | Some _, None -> Ok()
            | Some _, Some transform ->
                transform.Backward (Unpacking.Alone limits) input
                |> Result.bind (fun inner ->
                    RecordError.catch (fun () ->
                        for _ in (Forward.rest (inner.Start())).Parts do
                            ())))
