/// Every decoder of files, with what is asked of it.
module Records.Fuzz.Decoders

open System
open System.IO
open System.IO.Compression
open System.Text
open Records.Core
open Records.Tests
open Records.Fuzz.Oracle

/// Seeds by name; the check raises when something is wrong.
[<NoEquality; NoComparison>]
type Decoder = { Name: string; Seeds: (string * byte[]) list; Check: byte[] -> unit }

let private mebi = 1L <<< 20

/// Fuzzed files are small: what reading one takes besides is for buffers.
let private most (bytes: byte[]) = 48L * mebi + 512L * bytes.LongLength

// ---- formats that describe themselves

let private described name extension (codec: Codec) =
    let check bytes =
        let decode schema =
            bounded name (most bytes) (fun () -> codec.Decode (context schema) (input bytes))

        let bare = decode None

        checkedResult bytes bare
        |> Option.iter (again name codec BurnVersion.latest true (fun _ -> None))

        if not (isMalformed bare) then
            decode (Some Models.kitchen)
            |> checkedResult bytes
            |> Option.iter (again name codec BurnVersion.latest false (fun _ -> Some Models.kitchen))

        codec.Metadata Recorder.defaultLimits (input bytes)
        |> checkedResult bytes
        |> ignore

    { Name = name; Seeds = Seeds.burn extension @ Seeds.sealed' codec None; Check = check }

// ---- bincode, whose first byte here chooses the schema and the version

let private schemas =
    lazy
        (let plain = [ "tiny", Models.tiny; "mlp", Models.mlp; "kitchen", Models.kitchen; "g5", Models.legacy ]

         let opened =
             [
                 for name, _ in plain ->
                     let file = Seeds.burn "mpk" |> List.find (fun (file, _) -> file.StartsWith name) |> snd

                     match MsgPack.codec.Decode (context None) (input file) with
                     | Ok document -> name, Maybe.ofRecord document.Root
                     | Error error -> failwith (RecordError.message error)
             ]

         plain @ opened @ [ "optim", Models.adam ])

let private versions =
    None
    :: [ for index in 0..14 -> Some(List.item (index % Generation.versions.Length) Generation.versions) ]

let private bin =
    let check (bytes: byte[]) =
        if bytes.Length > 0 then
            let name, schema = List.item (int bytes[0] % 16 % schemas.Value.Length) schemas.Value
            // trying every layout takes its time: most files are read in the one of this Burn
            let burn = List.item (int bytes[0] / 16) versions
            let file = bytes[1..]

            // every layout is tried, and each may go back and forth
            bounded $"bin of {name}" (1024L * mebi) (fun () ->
                Bincode.codec.Decode { context (Some schema) with Burn = burn } (input file))
            |> checkedResult bytes
            |> Option.iter (
                again "bin" Bincode.codec BurnVersion.latest (not (Maybe.isIn schema)) (Schema.ofRecord >> Some)
            )

            Bincode.codec.Metadata Recorder.defaultLimits (input file)
            |> checkedResult bytes
            |> ignore

    let seeds =
        [
            for file, bytes in Seeds.burn "bin" do
                for index, (name, _) in List.indexed schemas.Value do
                    if file.StartsWith name then
                        // as the file says, and as the Burn that wrote it
                        let version = if file.StartsWith "g5" then 2 else 1

                        for burn in [ 0; version ] do
                            $"{index}-{burn}-{file}", Array.append [| byte (16 * burn + index) |] bytes
            for file, bytes in Seeds.sealed' Bincode.codec None do
                for index, (name, _) in List.indexed schemas.Value do
                    if file.StartsWith $"sealed-{name}" then
                        $"{index}-{file}", Array.append [| byte (16 + index) |] bytes
        ]

    { Name = "bin"; Seeds = seeds; Check = check }

// ---- burnpack

let private burnpack name (codec: Codec) =
    let strict = Burnpack.codec

    let check bytes =
        let decode schema =
            bounded name (most bytes) (fun () -> codec.Decode (context schema) (input bytes))
            |> checkedResult bytes

        match decode None with
        | None -> ()
        | Some document ->
            again name strict Burnpack.latest true (fun _ -> None) document

            for schema in [ Models.kitchen; Models.adam; Models.transformer ] do
                decode (Some schema) |> ignore

        codec.Metadata Recorder.defaultLimits (input bytes)
        |> checkedResult bytes
        |> ignore

    { Name = name; Seeds = Seeds.burnpack (); Check = check }

let private cbor =
    let read (bytes: byte[]) =
        RecordError.catch (fun () ->
            BurnpackMetadata.read Recorder.defaultLimits 100_000 RecordError.raise 0L (ReadOnlyMemory bytes))

    let check bytes =
        match bounded "cbor" (most bytes) (fun () -> read bytes) |> checkedResult bytes with
        | None -> ()
        | Some metadata ->
            match RecordError.catch (fun () -> BurnpackMetadataWriter.toArray Burnpack.latest metadata) with
            | Error(RecordError.Unsupported _) -> ()
            | Error error -> find $"cbor: read, but not written: {RecordError.message error}"
            | Ok written ->
                match read written with
                | Error error -> find $"cbor: written, but not read: {RecordError.message error}"
                | Ok again ->
                    if BurnpackMetadataWriter.toArray Burnpack.latest again <> written then
                        find "cbor: read otherwise once written."

    { Name = "cbor"; Seeds = Seeds.cbor (); Check = check }

// ---- gzip, and what is found in it

let private gzip =
    // a fuzzer gains nothing from inflating a tebibyte
    let limits = { Recorder.defaultLimits with InflatedBytes = 8L * mebi }

    let inflatedBy degree (bytes: byte[]) =
        RecordError.catch (fun () ->
            Gzip.transform.Backward { Unpacking.Alone limits with Parallelism = degree } (input bytes)
            |> Result.map (fun input -> Forward.rest (input.Start()))
            |> Result.bind Memory.toArray)
        |> Result.bind id

    let inflated = inflatedBy 1

    let byOthers (bytes: byte[]) =
        use stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)
        use result = new MemoryStream()
        stream.CopyTo result
        result.ToArray()

    let check (bytes: byte[]) =
        match bounded "gzip" (80L * mebi) (fun () -> inflated bytes) |> checkedResult bytes with
        | None -> ()
        | Some plain ->
            match inflatedBy 2 bytes with
            | Ok other when other = plain -> ()
            | _ -> find "gzip: two threads inflate something else."

            if byOthers bytes <> plain then
                find "gzip: others inflate something else."

            let payload: Payload = { Length = None; Parts = [ ReadOnlyMemory plain ] }

            match Memory.toArray (Gzip.transform.Forward 1 payload) |> Result.bind inflated with
            | Ok again when again = plain -> ()
            | _ -> find "gzip: inflated otherwise once compressed."

            match Formats.identify limits (input bytes) |> checkedResult bytes with
            | Some found when found.Codec.Name <> Bincode.codec.Name ->
                found.Codec.Decode { context None with Limits = limits } found.Input
                |> checkedResult bytes
                |> ignore
            | _ -> ()

    { Name = "gzip"; Seeds = Seeds.gzip (); Check = check }

// ---- JSON beside records

let rec private toRecord (node: ConfigNode) =
    match node.Value with
    | ConfigValue.Null -> Record.Option None
    | ConfigValue.Bool value -> Record.Scalar(Scalar.Bool value)
    | ConfigValue.Number digits -> Record.Scalar(Scalar.Text digits)
    | ConfigValue.Text text -> Record.Scalar(Scalar.Text text)
    | ConfigValue.List items -> Record.List [ for item in items -> toRecord item ]
    | ConfigValue.Object entries ->
        Record.Struct [ for name, item in entries -> { Name = name; Value = toRecord item } ]

let private readConfig (bytes: byte[]) =
    Config.decode Recorder.defaultLimits (input bytes)

let private config =
    let check bytes =
        bounded "config" (most bytes) (fun () -> readConfig bytes)
        |> checkedResult bytes
        |> Option.iter (fun node ->
            let record = toRecord node

            match Config.encode record |> Result.bind Memory.toArray |> Result.bind readConfig with
            | Ok again when Record.same (toRecord again) record -> ()
            | Ok _ -> find "config: read otherwise once written."
            | Error error -> find $"config: not written and read: {RecordError.message error}")

    { Name = "config"; Seeds = Seeds.config (); Check = check }

let private log =
    let read bytes =
        readConfig bytes |> Result.bind (CheckpointLog.ofNode "mpk")

    let write log =
        Config.encode (CheckpointLog.toRecord log) |> Result.bind Memory.toArray

    let check bytes =
        bounded "log" (most bytes) (fun () -> read bytes)
        |> checkedResult bytes
        |> Option.iter (fun log ->
            match write log with
            | Error error -> find $"log: not written: {RecordError.message error}"
            | Ok written ->
                match read written |> Result.bind write with
                | Ok again when again = written -> ()
                | _ -> find "log: read otherwise once written.")

    { Name = "log"; Seeds = Seeds.log (); Check = check }

let private schema =
    let read (text: string) =
        SchemaJson.toSchema Recorder.defaultLimits text

    let check (bytes: byte[]) =
        bounded "schema" (most bytes) (fun () -> read (Encoding.UTF8.GetString bytes))
        |> checkedResult bytes
        |> Option.iter (fun schema ->
            let written = SchemaJson.ofSchema schema

            match read written with
            | Ok again when SchemaJson.ofSchema again = written -> ()
            | Ok _ -> find "schema: read otherwise once written."
            | Error error -> find $"schema: written, but not read: {RecordError.message error}"

            // and a file is read with it
            let tiny = Seeds.burn "bin" |> List.head |> snd

            bounded "a schema's bin" (256L * mebi) (fun () ->
                Bincode.codec.Decode (context (Some schema)) (input tiny))
            |> checkedResult bytes
            |> ignore)

    { Name = "schema"; Seeds = Seeds.schema (); Check = check }

/// All of them.
let all =
    [
        described "mpk" "mpk" MsgPack.codec
        bin
        described "json" "json" Json.pretty
        burnpack "burnpack" Burnpack.codec
        burnpack "burnpack-lenient" (Burnpack.lenient Burnpack.burnLimits ignore)
        cbor
        gzip
        { Name = "deflate"; Seeds = Inflating.seeds (); Check = Inflating.check }
        config
        log
        schema
    ]
