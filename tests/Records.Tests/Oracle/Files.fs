/// Files that the reference program wrote, compared with what we read and write.
module Records.Tests.Files

open System
open System.IO
open System.IO.Compression
open Expecto
open Records.Core
open Records.Tests.Support

/// Inflated by somebody else.
let inflated (bytes: byte[]) =
    use stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)
    use result = new MemoryStream()
    stream.CopyTo result
    result.ToArray()

/// The same bytes; of compressed ones the header and what is inflated.
let expectFile (extension: string) (actual: byte[]) (expected: byte[]) message =
    if extension.EndsWith ".gz" then
        expectBytes (Array.truncate 10 actual) (Array.truncate 10 expected) $"{message}, gzip's header"
        expectBytes (inflated actual) (inflated expected) $"{message}, inflated"
    else
        expectBytes actual expected message

let decode schema recorder bytes =
    Recorder.decode (Recorder.schema schema recorder) (inputOf bytes)

/// Every format of one model: all read as the same record, and that is written as the same bytes.
let checkThese recorders (folder: string) stem version schema precision =
    let mutable first = None

    for extension, recorder in recorders do
        let name = $"{stem}.{extension}"
        let bytes = File.ReadAllBytes(Path.Combine(folder, name))
        let recorder = Recorder.precision precision recorder
        let document = ok (decode schema recorder bytes)

        match first with
        | None -> first <- Some document.Root
        | Some root -> expectSame document.Root root $"{name} against mpk"

        let version = defaultArg version BurnVersion.latest
        let writer = Recorder.forBurn version recorder
        expectFile extension (bytesOf (ok (Recorder.encode writer document))) bytes $"{name} written by the recorder"

        // the codec alone keeps the metadata that it was given
        let payload = ok (recorder.Codec.Encode { Burn = version } document)

        let payload =
            recorder.Compression
            |> Option.fold (fun payload transform -> transform.Forward 1 payload) payload

        expectFile extension (bytesOf payload) bytes $"{name} written by the codec"

        let again = ok (decode schema writer bytes)
        expectSame again.Root document.Root $"{name} read as the Burn that wrote it"

    first

/// The same for all six formats.
let check folder = checkThese Models.recorders folder

/// The record of one model in one setting.
let record (folder: string) stem schema =
    let bytes = File.ReadAllBytes(Path.Combine(folder, $"{stem}.mpk"))
    (ok (decode schema Recorder.namedMsgPack bytes)).Root

let expectLegacyConstants root =
    let pair = Record.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])

    let child name record =
        Record.children record |> List.find (fst >> (=) name) |> snd

    for name in [ "stride"; "kernel_size"; "dilation" ] do
        expectSame (root |> child "conv" |> child name) pair $"conv.{name}"
