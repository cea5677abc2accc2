/// What every codec must keep, said once and run for each of them.
module Records.Tests.CodecLaws

open System
open System.Diagnostics
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.Generators
open Records.Tests.Support

/// What a codec can do with a record.
type private Traits =
    {
        Codec: Codec
        Compression: Transform option
        /// It can be read without a schema.
        Describes: bool
        /// NaN and infinity among scalars.
        NotFinite: bool
    }

let private encodeAt burn traits document =
    let payload = ok (traits.Codec.Encode { Burn = burn } document)

    match traits.Compression with
    | Some transform -> bytesOf (transform.Forward 1 payload)
    | None -> bytesOf payload

let private inflate traits input =
    match traits.Compression with
    | Some transform -> transform.Backward Recorder.defaultLimits input
    | None -> Ok input

let private decodeInput burn schema traits (input: Input) =
    let context = { contextOf schema with Burn = burn }

    RecordError.catch (fun () -> inflate traits input |> Result.bind (traits.Codec.Decode context))
    |> Result.bind id

let private decodeAt burn schema traits (bytes: byte[]) =
    decodeInput (Some burn) schema traits (inputOf bytes)

let private latest = BurnVersion.latest

/// Bool's store is not written up to Burn 0.20: bytes are Native, words are what they are.
let private asBefore21 record =
    record
    |> Record.mapTensors (fun _ data ->
        match data.Dtype with
        | Dtype.Bool BoolStore.U8 -> { data with Dtype = Dtype.Bool BoolStore.Native }
        | Dtype.Bool BoolStore.U32 -> { data with Dtype = Dtype.U32 }
        | _ -> data)

/// Floats by their digits: JSON does not say which width they had.
let rec private asDigits record =
    match record with
    | Record.Struct fields -> Record.Struct [ for field in fields -> { field with Value = asDigits field.Value } ]
    | Record.List items -> Record.List(List.map asDigits items)
    | Record.Scalar(Scalar.F64 value) -> Record.Scalar(Scalar.Text(Digits.ofDouble value))
    | Record.Scalar(Scalar.F32 value) -> Record.Scalar(Scalar.Text(Digits.ofSingle value))
    | other -> other

/// Error or document, never an exception and never long.
let private survives burn schema traits (bytes: byte[]) =
    let watch = Stopwatch.StartNew()
    let result = decodeAt burn schema traits bytes

    if watch.Elapsed > TimeSpan.FromSeconds 10. then
        failtest $"Reading {bytes.Length} bytes took {watch.Elapsed}."

    result

let private withExtra (random: Random) record =
    // a field that nobody asked for, in some struct
    let rec insert record =
        match record with
        | Record.Struct fields ->
            let fields = [ for field in fields -> { field with Value = insert field.Value } ]

            let extra =
                [
                    Record.Constant Constant.Single
                    Record.Scalar(Scalar.U64 7UL)
                    Record.List [ structOf [ "id", Record.Scalar(Scalar.Text "x") ] ]
                    parameter "0400000000000" (f32 [ 2L ] [ 1f; 2f ])
                ]

            if random.Next 2 = 0 then
                fields
            else
                List.insertAt
                    (random.Next(fields.Length + 1))
                    { Name = "__unknown"; Value = List.item (random.Next extra.Length) extra }
                    fields
            |> Record.Struct
        | Record.List items -> Record.List(List.map insert items)
        | Record.Array items -> Record.Array(List.map insert items)
        | Record.Tuple items -> Record.Tuple(List.map insert items)
        | Record.Option item -> Record.Option(Option.map insert item)
        | Record.Enum(index, case, payload) -> Record.Enum(index, case, insert payload)
        | Record.Map entries -> Record.Map [ for entry in entries -> { entry with Value = insert entry.Value } ]
        | other -> other

    insert record

let private shuffled (random: Random) record =
    let rec shuffle record =
        match record with
        | Record.Struct fields ->
            [ for field in fields -> { field with Value = shuffle field.Value } ]
            |> List.sortBy (fun _ -> random.Next())
            |> Record.Struct
        | Record.List items -> Record.List(List.map shuffle items)
        | Record.Array items -> Record.Array(List.map shuffle items)
        | Record.Tuple items -> Record.Tuple(List.map shuffle items)
        | Record.Option item -> Record.Option(Option.map shuffle item)
        | Record.Enum(index, case, payload) -> Record.Enum(index, case, shuffle payload)
        | Record.Map entries -> Record.Map [ for entry in entries -> { entry with Value = shuffle entry.Value } ]
        | other -> other

    shuffle record

let private forCodec name traits =
    let samples = if traits.NotFinite then samples else finiteSamples

    let documents =
        let generate =
            Gen.map3
                (fun sample metadata annex ->
                    sample.Schema, { Metadata = metadata; Annex = annex; Root = sample.Record })
                samples.Generator
                metadata
                annex

        let shrink (schema, document: Document) =
            seq {
                if not document.Annex.IsEmpty then
                    schema, { document with Annex = Map.empty }

                for sample in shrink { Schema = schema; Record = document.Root } do
                    sample.Schema, { document with Root = sample.Record }
            }

        Arb.fromGenShrink (generate, shrink)

    let law name arb check =
        testPropertyWithConfig config name (Prop.forAll arb check)

    let seeded arb =
        let generate = Gen.zip (Arb.toGen arb) (Gen.choose (0, Int32.MaxValue))

        let shrink (value, seed) =
            arb.Shrinker value |> Seq.map (fun value -> value, seed)

        Arb.fromGenShrink (generate, shrink)

    let roundTrip burn (expect: Record -> Record) (schema, document: Document) =
        let read = ok (decodeAt burn (Some schema) traits (encodeAt burn traits document))
        expectSame read.Root (expect document.Root) "read back"
        Expect.equal read.Metadata document.Metadata "the metadata"
        Expect.equal read.Annex document.Annex "the annex"

    testList
        name
        [
            law "a record is read back as it was written" documents (roundTrip latest id)

            law
                "a record in the layout of Burn 0.20 is read back as it was written"
                documents
                (roundTrip (burn 20) asBefore21)

            law "what the record itself shows of its schema is enough to read it" documents (fun (_, document) ->
                roundTrip latest id (Schema.ofRecord document.Root, document))

            law "the smallest windows read the same" documents (fun (schema, document) ->
                let bytes = encodeAt latest traits document
                let read = ok (decodeInput (Some latest) (Some schema) traits (stingy bytes))
                expectSame read.Root document.Root "byte by byte"
                let input = Forward.input (remote bytes)
                let read = ok (decodeInput (Some latest) (Some schema) traits input)
                expectSame read.Root document.Root "from a source that is not in memory")

            law "encoding is deterministic" documents (fun (_, document) ->
                expectBytes (encodeAt latest traits document) (encodeAt latest traits document) "written twice")

            law "the metadata is found alone" documents (fun (_, document) ->
                let input = ok (inflate traits (inputOf (encodeAt latest traits document)))
                let found = ok (traits.Codec.Metadata Recorder.defaultLimits input)
                Expect.equal found document.Metadata "as it was written")

            law "a file cut short is an error" (seeded documents) (fun ((schema, document), seed) ->
                // the annex of a bin is a trailer: a file cut off before it is whole
                let document = { document with Annex = Map.empty }
                let bytes = encodeAt latest traits document

                let lengths =
                    if bytes.Length <= 400 then
                        [ 0 .. bytes.Length - 1 ]
                    else
                        let random = Random seed
                        [ for _ in 1..50 -> random.Next bytes.Length ]

                for length in lengths do
                    match survives latest (Some schema) traits (Array.truncate length bytes) with
                    | Ok _ -> failtest $"{length} of {bytes.Length} bytes were read as a whole file."
                    | Error _ -> ())

            law "bytes after the end are an error" (seeded documents) (fun ((schema, document), seed) ->
                let random = Random seed
                let junk = Array.init (1 + random.Next 40) (fun _ -> byte (random.Next(0x21, 0x100)))

                match survives latest (Some schema) traits (Array.append (encodeAt latest traits document) junk) with
                | Ok _ -> failtest "Junk was overlooked."
                | Error _ -> ())

            law
                "a changed byte is an error or another document, never an exception"
                (seeded documents)
                (fun ((schema, document), seed) ->
                    let random = Random seed
                    let bytes = encodeAt latest traits document

                    for _ in 1..20 do
                        let at = random.Next bytes.Length
                        let changed = Array.copy bytes
                        changed[at] <- changed[at] ^^^ byte (random.Next(1, 256))

                        let schema =
                            if random.Next 3 = 0 && traits.Describes then
                                None
                            else
                                Some schema

                        match survives latest schema traits changed, traits.Compression, schema with
                        | Ok read, Some _, Some _ ->
                            // gzip knows: only its header has bytes that do not matter
                            expectSame read.Root document.Root $"byte {at}"
                        | _ -> ())

            law
                "random bytes are an error or a document, never an exception"
                (seeded documents)
                (fun ((schema, document), seed) ->
                    let random = Random seed
                    let bytes = encodeAt latest traits document
                    random.NextBytes(Span(bytes, 0, bytes.Length).Slice(random.Next bytes.Length))
                    survives latest (Some schema) traits bytes |> ignore)

            if traits.Describes then
                law "without a schema the names, numbers and tensors remain" documents (fun (_, document) ->
                    let read = ok (decodeAt latest None traits (encodeAt latest traits document))
                    let erased = Record.erase document.Root

                    if traits.NotFinite then
                        expectSame read.Root erased "erased"
                    else
                        expectSame (asDigits read.Root) (asDigits erased) "erased, floats by their digits")

                law "what was read without a schema is written as the same bytes" documents (fun (_, document) ->
                    let bytes = encodeAt latest traits document
                    let read = ok (decodeAt latest None traits bytes)
                    expectBytes (encodeAt latest traits read) bytes "written again")

                law "unknown fields are skipped at any depth" (seeded documents) (fun ((schema, document), seed) ->
                    let larger = { document with Root = withExtra (Random seed) document.Root }
                    let read = ok (decodeAt latest (Some schema) traits (encodeAt latest traits larger))
                    expectSame read.Root document.Root "without the others")

                law "fields may come in any order" (seeded documents) (fun ((schema, document), seed) ->
                    let mixed = { document with Root = shuffled (Random seed) document.Root }
                    let read = ok (decodeAt latest (Some schema) traits (encodeAt latest traits mixed))
                    expectSame read.Root document.Root "in the schema's order")
            else
                law "without a schema there is an error" documents (fun (_, document) ->
                    decodeAt latest None traits (encodeAt latest traits document) |> error |> ignore)
        ]

/// A recorder of each precision gives its own records back.
let private forRecorder name recorder =
    testList
        name
        [
            for precision in [ Precision.Full; Precision.Half; Precision.Double ] do
                let recorder = Recorder.precision precision recorder

                testPropertyWithConfig config $"{precision}: a record of these dtypes is read back as it was written"
                <| Prop.forAll (samplesAt precision) (fun sample ->
                    let bytes = bytesOf (ok (Recorder.encode recorder (documentOf sample.Record)))
                    let reader = Recorder.schema sample.Schema recorder |> Recorder.forBurn latest
                    expectSame (ok (Recorder.decode reader (inputOf bytes))).Root sample.Record "read back")
        ]

/// MessagePack that Burn accepts and never writes, made by the slow writer.
let private wildMsgPack =
    let seeded = Gen.zip (Arb.toGen samples) (Gen.choose (0, Int32.MaxValue))

    let shrunk (sample, seed) =
        shrink sample |> Seq.map (fun sample -> sample, seed)

    let write choices (sample: Sample) =
        Burn.lower (Generation.at latest) (documentOf sample.Record)
        |> Wire.msgPack choices
        |> Array.ofList

    testList
        "MessagePack by other writers"
        [
            testPropertyWithConfig config "the slow writer's shortest forms are what the codec writes"
            <| Prop.forAll samples (fun sample ->
                let bytes = bytesOf (ok (MsgPack.codec.Encode { Burn = latest } (documentOf sample.Record)))
                expectBytes bytes (write Wire.plain sample) "the two writers")

            testPropertyWithConfig config "longer forms, any order, unknown keys and lists for structs read the same"
            <| Prop.forAll (Arb.fromGenShrink (seeded, shrunk)) (fun (sample, seed) ->
                let bytes = write (Wire.wild (Random seed)) sample
                let read = ok (MsgPack.codec.Decode (contextOf (Some sample.Schema)) (inputOf bytes))
                expectSame read.Root sample.Record "read back")
        ]

let tests =
    let codec codec describes notFinite : Traits =
        { Codec = codec; Compression = None; Describes = describes; NotFinite = notFinite }

    let gzipped (traits: Traits) =
        { traits with Compression = Some Gzip.transform }

    let mpk = codec MsgPack.codec true true
    let bin = codec Bincode.codec false true
    let pretty = codec Json.pretty true false
    let compact = codec Json.compact true false

    testList
        "codec laws"
        [
            testPropertyWithConfig config "every generated record is one of its schema"
            <| Prop.forAll samples (fun sample ->
                conforms sample.Schema sample.Record
                && conforms (Schema.ofRecord sample.Record) sample.Record)

            forCodec "mpk" mpk
            forCodec "mpk.gz" (gzipped mpk)
            forCodec "bin" bin
            forCodec "bin.gz" (gzipped bin)
            forCodec "json" pretty
            forCodec "compact json" compact
            forCodec "json.gz" (gzipped compact)
            forRecorder "mpk recorder" Recorder.namedMsgPack
            forRecorder "bin.gz recorder" (Recorder.gzip Recorder.bincode)
            forRecorder "json recorder" Recorder.prettyJson
            wildMsgPack
        ]
