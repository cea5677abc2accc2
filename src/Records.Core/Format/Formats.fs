namespace Records.Core

open System
open System.Text

/// What bytes turned out to be: the codec that reads them, and the input to give it, inflated where there is compression.
[<NoEquality; NoComparison>]
type Identified = { Codec: Codec; Compression: Transform option; Input: Input }

/// A kind of file that is read and written, by what its name ends with.
[<NoEquality; NoComparison>]
type internal FileKind =
    {
        Extension: string
        Codec: Codec
        Compression: Transform option
        /// The recorder that Burn names in such a file's metadata; None where it has none.
        Recorder: string option
        /// It can be read without a schema. Another cannot be written from a record that left its schema open.
        DescribesItself: bool
        /// The document, with what the file showed of its layout.
        Decode: DecodeContext -> Input -> Result<LaidOut, RecordError>
        /// The value behind the document, whose parts are told with path and offset as they are reached; None where that
        /// takes a schema.
        Values: (DecodeContext -> (string list -> int64 -> unit) -> Input -> Result<Value, RecordError>) option
    }

/// The formats there are, and how a file of each begins.
[<RequireQualifiedAccess>]
module Formats =

    /// Bytes that sniff wants to see.
    let sniffed = 512

    // A zip or pickle could hold anything; PyTorch's are the ones people have.
    let private magics: (byte[] * string) list =
        [
            [| 0x1Fuy; 0x8Buy |], "gzip"
            "PK\003\004"B, "a zip archive (PyTorch writes those)"
            BurnpackLayout.magic, Burnpack.codec.Name
            [| 0x93uy; 0x4Euy; 0x55uy; 0x4Duy; 0x50uy; 0x59uy |], "NumPy"
            [| 0x80uy; 0x02uy; 0x8Auy; 0x0Auy |], "an old PyTorch file"
        ]

    let private isJson (head: ReadOnlySpan<byte>) =
        let text = Encoding.ASCII.GetString(head).TrimStart()
        text.StartsWith '{'

    let private isMessagePack (head: ReadOnlySpan<byte>) =
        // a map whose first key is a text, Burn's is "metadata"; or the list of its values, the first one of five
        head.Length > 2
        && (head[0] &&& 0xF0uy = 0x80uy && head[1] &&& 0xE0uy = 0xA0uy
            || head[0] = 0xDEuy && head.Length > 4 && head[3] &&& 0xE0uy = 0xA0uy
            || (head[0] = 0x92uy || head[0] = 0x93uy) && (head[1] = 0x85uy || head[1] = 0x95uy))

    let private isBincode (head: ReadOnlySpan<byte>) =
        // The metadata begins with the float type: "f32", "f64" or "half::binary16::f16", its length before it.
        head.Length > 4
        && (head[0] = 3uy && head[1] = 'f'B
            || head[0] = 19uy
               && head.Length > 20
               && Encoding.ASCII.GetString(head.Slice(1, 4)) = "half")

    let private isSafetensors (head: ReadOnlySpan<byte>) =
        head.Length > 9
        && head[8] = '{'B
        && BitConverter.ToUInt64(head.Slice(0, 8)) < (1UL <<< 32)

    /// The name of the format that bytes beginning like this have; None when they look like none of those known.
    /// Names a codec by its own name, others in words.
    let sniff (head: ReadOnlyMemory<byte>) =
        let span = head.Span

        let starts (magic: byte[]) =
            head.Span.StartsWith(ReadOnlySpan magic)

        match magics |> List.tryFind (fst >> starts) with
        | Some(_, name) -> Some name
        | None when isSafetensors span -> Some "safetensors"
        | None when isMessagePack span -> Some MsgPack.codec.Name
        | None when isBincode span -> Some Bincode.codec.Name
        | None when isJson span -> Some Json.pretty.Name
        | None -> None

    /// The formats that are read and written, by their names.
    let codecs =
        [ for codec in [ MsgPack.codec; Bincode.codec; Json.pretty; Burnpack.codec ] -> codec.Name, codec ]

    /// Every kind of file there is: the one list that converting and verifying go by.
    let internal kinds: FileKind list =
        let plain extension recorder codec decode values =
            {
                Extension = extension
                Codec = codec
                Compression = None
                Recorder = Some recorder
                DescribesItself = Option.isSome values
                Decode = decode
                Values = values
            }

        let gzipped codec kind =
            { kind with
                Extension = $"{kind.Extension}.{Gzip.transform.Extension}"
                Codec = codec
                Compression = Some Gzip.transform
                Recorder = Option.map Names.gzipped kind.Recorder
            }

        let mpk = plain "mpk" "NamedMpkFileRecorder" MsgPack.codec MsgPack.decodeLaidOut (Some MsgPack.values)

        let bin = plain "bin" "BinFileRecorder" Bincode.codec Bincode.decodeLaidOut None

        let json = plain "json" "PrettyJsonFileRecorder" Json.pretty Json.decodeLaidOut (Some Json.values)

        let bpk =
            {
                Extension = Burnpack.codec.Extension
                Codec = Burnpack.codec
                Compression = None
                Recorder = None
                DescribesItself = true
                Decode =
                    fun context input ->
                        Burnpack.codec.Decode context input
                        |> Result.map (fun document -> { Document = document; By = None; Seen = None })
                Values = None
            }

        [
            mpk
            gzipped MsgPack.codec mpk
            bin
            gzipped Bincode.codec bin
            json
            gzipped Json.compact json
            bpk
        ]

    /// What file names of these formats end with: "mpk.gz".
    let extensions = [ for kind in kinds -> kind.Extension ]

    /// The kind of file that a name of this kind ends with, the longest ending first.
    let internal kindOf (path: string) =
        kinds
        |> List.filter (fun kind -> path.EndsWith("." + kind.Extension, StringComparison.OrdinalIgnoreCase))
        |> List.sortByDescending (fun kind -> kind.Extension.Length)
        |> List.tryHead

    /// What a file name ends with that says its format: "mpk.gz".
    let extensionOf path =
        kindOf path |> Option.map (fun kind -> kind.Extension)

    /// The kind of file that was identified.
    let internal kindFound (found: Identified) =
        let same kind = kind.Codec.Name = found.Codec.Name

        match
            kinds
            |> List.tryFind (fun kind -> same kind && kind.Compression.IsSome = found.Compression.IsSome)
        with
        | Some kind -> kind
        // compressed by someone else: it can be read all the same
        | None -> { List.find same kinds with Compression = found.Compression }

    let private head (input: Input) =
        let head = input.Start().Peek sniffed
        head.Slice(0, min head.Length sniffed)

    /// What these bytes are, with something done to what compression gives.
    let internal identifyWith (layer: Input -> Input) limits (input: Input) : Result<Identified, RecordError> =
        let wrong what =
            Error(RecordError.WrongFormat(input.Name, "one of " + String.Join(", ", List.map fst codecs), what))

        let codecOf compression (inner: Input) =
            let head = head inner

            match sniff head with
            | Some name ->
                match List.tryFind (fst >> (=) name) codecs with
                | Some(_, codec) -> Ok { Codec = codec; Compression = compression; Input = inner }
                | None -> wrong name
            | None when head.IsEmpty -> wrong "empty"
            | None -> wrong "of no known format"

        RecordError.catch (fun () ->
            match sniff (head input) with
            | Some name when name = Gzip.transform.Name ->
                Gzip.transform.Backward (Unpacking.Alone limits) input
                |> Result.bind (layer >> codecOf (Some Gzip.transform))
            | _ -> codecOf None input)
        |> Result.bind id

    /// What these bytes are, compressed or not, found from how they begin. Fails for what is not one of the codecs.
    let identify limits input = identifyWith id limits input
