/// Random records, written by us in the layout of any Burn, read and written again by the serializers that Burn uses.
module Records.Tests.AgainTests

open System
open System.IO
open System.Text.Json
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.BurnGenerators

/// What the reference is told of a value, so that it needs no schema: {"struct": [[name, node], ...]} and the like.
let rec private describe (json: Utf8JsonWriter) record =
    let word (word: string) work =
        json.WriteStartObject()
        json.WritePropertyName word
        work ()
        json.WriteEndObject()

    let list write items =
        json.WriteStartArray()
        List.iter write items
        json.WriteEndArray()

    let named (fields: Field list) =
        fields
        |> list (fun field ->
            json.WriteStartArray()
            json.WriteStringValue field.Name
            describe json field.Value
            json.WriteEndArray())

    let tensor what (data: TensorData) =
        let family =
            match Cast.family data.Dtype with
            | Cast.Family.Float -> "float"
            | Cast.Family.Integer -> "int"
            | Cast.Family.Other -> "bool"

        word what (fun () -> json.WriteStringValue family)

    let rec constant parts =
        match parts with
        | Constant.Single -> json.WriteStringValue "one"
        | Constant.Fixed parts -> word "fixed" (fun () -> list constant parts)
        | Constant.Listed items -> word "listed" (fun () -> list constant items)
        | Constant.Optional None -> word "optional" json.WriteNullValue
        | Constant.Optional(Some item) -> word "optional" (fun () -> constant item)

    match record with
    | Record.Struct fields -> word "struct" (fun () -> named fields)
    | Record.Map entries -> word "map" (fun () -> named entries)
    | Record.List items -> word "seq" (fun () -> list (describe json) items)
    | Record.Array items -> word "array" (fun () -> list (describe json) items)
    | Record.Tuple items -> word "tuple" (fun () -> list (describe json) items)
    | Record.Option None -> json.WriteStringValue "none"
    | Record.Option(Some item) -> word "some" (fun () -> describe json item)
    | Record.Enum(index, case, payload) ->
        word "variant" (fun () ->
            json.WriteStartArray()
            json.WriteNumberValue index
            json.WriteStringValue case
            describe json payload
            json.WriteEndArray())
    | Record.Param(_, data) -> tensor "param" data
    | Record.Tensor data -> tensor "tensor" data
    | Record.Constant parts -> word "const" (fun () -> constant parts)
    | Record.Scalar value ->
        match Schema.ofRecord (Record.Scalar value) with
        | Schema.Scalar kind -> json.WriteStringValue((string kind).ToLowerInvariant())
        | _ -> invalidOp "A scalar's schema is a scalar."

let private header (extension: string) setting (case: Case) =
    use stream = new MemoryStream()
    use json = new Utf8JsonWriter(stream, JsonWriterOptions(MaxDepth = 10_000))
    json.WriteStartObject()
    json.WriteString("format", extension)
    json.WriteString("version", BurnVersion.text case.Burn)
    json.WriteString("settings", (setting: string))
    json.WritePropertyName "item"
    describe json case.Document.Root
    json.WriteEndObject()
    json.Flush()
    stream.ToArray()

let private part (file: BinaryWriter) (bytes: byte[]) =
    file.Write bytes.Length
    file.Write bytes

let private count =
    if Environment.GetEnvironmentVariable "CI" = "true" then
        3000
    else
        600

let tests =
    testList
        "random records"
        [
            testCase
                "what we write is read and written again as the same bytes, by every Burn in every format"
                (fun () ->
                    let seed = Random.Shared.Next()

                    inFolder (fun folder ->
                        let cases = sampleCases true seed count |> Array.ofSeq
                        let path = Path.Combine(folder, "cases")
                        let compact = Path.Combine(folder, "compact")

                        (use file = new BinaryWriter(File.Create path)

                         for index, case in Array.indexed cases do
                             let extension, recorder = Models.recorders[index % Models.recorders.Length]
                             let setting = Models.settings |> List.find (snd >> (=) case.Precision) |> fst

                             let write document =
                                 let recorder =
                                     recorder |> Recorder.precision case.Precision |> Recorder.forBurn case.Burn

                                 bytesOf (ok (Recorder.encode recorder document))

                             let plain = { case.Document with Annex = Map.empty }
                             part file (header extension setting case)

                             // Burn skips what we write beside a record, and does not write it again
                             if index % 5 = 0 then
                                 part file (write case.Document)
                                 part file (write plain)
                             else
                                 part file (write plain)
                                 part file [||])

                        match Reference.start [ "again"; path; compact ] with
                        | 0, _ -> ()
                        | _, errors -> failtest $"seed {seed}: {errors}"

                        // what the reference made of them: lists instead of structs, which we have to read as well
                        use file = new BinaryReader(File.OpenRead compact)

                        for index, case in Array.indexed cases do
                            let bytes = file.ReadBytes(file.ReadInt32())
                            let recorder = Recorder.schema case.Schema Recorder.namedMsgPack
                            let read = (ok (Recorder.decode recorder (inputOf bytes))).Root

                            expectSame
                                read
                                (expected case.Burn case.Precision case.Document.Root)
                                $"seed {seed}, case {index}"))
        ]
