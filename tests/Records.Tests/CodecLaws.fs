/// What every codec must keep, said once and run for each of them.
module Records.Tests.CodecLaws

open System
open System.Diagnostics
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.Generators
open Records.Tests.BurnGenerators
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
        Sealed: bool
    }

let private encodeAt burn traits document =
    traits.Codec.Encode { Burn = burn } document
    |> Result.bind (Sealing.payload traits.Sealed traits.Compression 1)
    |> ok
    |> bytesOf

let private inflate traits input =
    match traits.Compression with
    | Some transform -> transform.Backward (Unpacking.Alone Recorder.defaultLimits) input
    | None -> Ok input

let private decodeInput burn schema traits (input: Input) =
    let context = { contextOf schema with Burn = burn }

    RecordError.catch (fun () -> inflate traits input |> Result.bind (traits.Codec.Decode context))
    |> Result.bind id

let private decodeAt burn schema traits (bytes: byte[]) =
    decodeInput (Some burn) schema traits (inputOf bytes)

let private latest = BurnVersion.latest

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
    let documents = cases (not traits.NotFinite)

    let law name arb check =
        testPropertyWithConfig config name (Prop.forAll arb check)

    let seeded arb =
        let generate = Gen.zip (Arb.toGen arb) (Gen.choose (0, Int32.MaxValue))

        let shrink (value, seed) =
            arb.Shrinker value |> Seq.map (fun value -> value, seed)

        Arb.fromGenShrink (generate, shrink)

    let encode (case: Case) = encodeAt case.Burn traits case.Document

    /// Lists of bare numbers without names: more than one record can have been written as these bytes.
    let ambiguous (case: Case) =
        hasValues case.Burn && not traits.Describes

    /// What is read is what was written, or else, where bytes do not tell, would have been written alike.
    let expectRead (case: Case) (read: Document) message =
        let wanted = expected case.Burn case.Precision case.Document.Root

        if not (ambiguous case && not (Record.same read.Root wanted)) then
            expectSame read.Root wanted message
        elif traits.Compression.IsNone then
            // seals say where tensors are, and that is what such records differ in
            let plain = encodeAt case.Burn { traits with Sealed = false }
            expectBytes (plain read) (plain case.Document) $"{message}, written again"

    let survives schema (case: Case) bytes = survives case.Burn schema traits bytes

    /// Bytes that no writer made of this record are an error, or another record made them.
    let refuses (case: Case) bytes message =
        match survives (Some case.Schema) case bytes with
        | Error _ -> ()
        | Ok read when ambiguous case && traits.Compression.IsNone ->
            // or it is another record without its seal, which is a file as well
            if encodeAt case.Burn { traits with Sealed = false } read <> bytes then
                expectBytes (encodeAt case.Burn traits read) bytes message
        | Ok read when ambiguous case -> read.Root |> ignore
        | Ok _ -> failtest message

    let roundTrip burn schema (case: Case) =
        let bytes = encode case
        let read = ok (decodeInput burn (Some schema) traits (inputOf bytes))
        expectRead case read "read back"
        Expect.equal read.Metadata case.Document.Metadata "the metadata"
        Expect.equal read.Annex case.Document.Annex "the annex"

    testList
        name
        [
            law "a record is read back as it was written, by the version in the file" documents (fun case ->
                roundTrip None case.Schema case)

            law "what the record itself shows of its schema is enough to read it" documents (fun case ->
                roundTrip (Some case.Burn) (Schema.ofRecord case.Document.Root) case)

            law "the smallest windows read the same" documents (fun case ->
                let bytes = encode case

                let read input =
                    ok (decodeInput (Some case.Burn) (Some case.Schema) traits input)

                expectRead case (read (stingy bytes)) "byte by byte"
                expectRead case (read (Forward.input (remote bytes))) "from a source that is not in memory")

            law "encoding is deterministic" documents (fun case ->
                expectBytes (encode case) (encode case) "written twice")

            law "the metadata is found alone" documents (fun case ->
                let input = ok (inflate traits (inputOf (encode case)))
                let found = ok (traits.Codec.Metadata Recorder.defaultLimits input)
                Expect.equal found case.Document.Metadata "as it was written")

            law "a file cut short is an error" (seeded documents) (fun (case, seed) ->
                // the annex of a bin is a trailer: a file cut off before it is whole
                let case = { case with Document = { case.Document with Annex = Map.empty } }
                let bytes = encode case

                let lengths =
                    if bytes.Length <= 128 then
                        [ 0 .. bytes.Length - 1 ]
                    else
                        let random = Random seed

                        [
                            for _ in 1..24 -> random.Next bytes.Length
                            // what is all but whole looks most like a file
                            yield! [ bytes.Length - 8 .. bytes.Length - 1 ]
                        ]

                // and so is one of any format, where it is the seal that is a trailer
                let plain = (encodeAt case.Burn { traits with Sealed = false } case.Document).Length

                for length in List.except [ plain ] lengths do
                    let cut = Array.truncate length bytes
                    refuses case cut $"{length} of {bytes.Length} bytes were read as a whole file.")

            law "bytes after the end are an error" (seeded documents) (fun (case, seed) ->
                let random = Random seed
                let junk = Array.init (1 + random.Next 40) (fun _ -> byte (random.Next(0x21, 0x100)))
                refuses case (Array.append (encode case) junk) "Junk was overlooked.")

            law
                "a changed byte is an error or another document, never an exception"
                (seeded documents)
                (fun (case, seed) ->
                    let random = Random seed
                    let bytes = encode case

                    for _ in 1..20 do
                        let at = random.Next bytes.Length
                        let changed = Array.copy bytes
                        changed[at] <- changed[at] ^^^ byte (random.Next(1, 256))

                        let schema =
                            if random.Next 3 = 0 && traits.Describes then
                                None
                            else
                                Some case.Schema

                        match survives schema case changed, traits.Compression, schema with
                        | Ok _, _, _ when traits.Sealed -> failtest $"byte {at} was overlooked"
                        | Ok read, Some _, Some _ ->
                            // gzip knows: only its header has bytes that do not matter
                            expectRead case read $"byte {at}"
                        | _ -> ())

            law "random bytes are an error or a document, never an exception" (seeded documents) (fun (case, seed) ->
                let random = Random seed
                let bytes = encode case
                random.NextBytes(Span(bytes, 0, bytes.Length).Slice(random.Next bytes.Length))
                survives (Some case.Schema) case bytes |> ignore)

            if traits.Describes then
                law "without a schema the names, numbers and tensors remain" documents (fun case ->
                    let read = ok (decodeAt case.Burn None traits (encode case))

                    let erased =
                        case.Document.Root
                        |> expected case.Burn case.Precision
                        |> partsShown case.Burn
                        |> Record.erase

                    if traits.NotFinite then
                        expectSame read.Root erased "erased"
                    else
                        expectSame (asDigits read.Root) (asDigits erased) "erased, floats by their digits")

                law "what was read without a schema is written as the same bytes" documents (fun case ->
                    let bytes = encode case
                    let read = ok (decodeAt case.Burn None traits bytes)
                    expectBytes (encodeAt case.Burn traits read) bytes "written again")

                law
                    "unknown fields are skipped at any depth, tensors among them come last"
                    (seeded documents)
                    (fun (case, seed) ->
                        let larger = { case.Document with Root = withExtra (Random seed) case.Document.Root }
                        let bytes = encodeAt case.Burn traits larger
                        let read = decodeInput None (Some case.Schema) traits (inputOf bytes)

                        let extra = Record.countTensors larger.Root - Record.countTensors case.Document.Root

                        match read, expected case.Burn case.Precision case.Document.Root with
                        | Ok read, Record.Struct known ->
                            match read.Root with
                            | Record.Struct fields ->
                                let fields, others = List.splitAt known.Length fields
                                expectRead case { read with Root = Record.Struct fields } "without the others"
                                Expect.equal others.Length extra "tensors without a place"
                            | _ -> failtest "no struct"
                        | Ok read, _ when extra = 0 -> expectRead case read "without the others"
                        | Error problem, _ when extra > 0 ->
                            Expect.stringContains (RecordError.message problem) "__unknown" "it says which"
                        | _ -> failtest "tensors were lost")

                law "fields may come in any order" (seeded documents) (fun (case, seed) ->
                    let mixed = { case.Document with Root = shuffled (Random seed) case.Document.Root }
                    let bytes = encodeAt case.Burn traits mixed
                    let read = ok (decodeAt case.Burn (Some case.Schema) traits bytes)
                    expectRead case read "in the schema's order")
            else
                law "without a schema there is an error" documents (fun case ->
                    decodeAt case.Burn None traits (encode case) |> error |> ignore)
        ]

/// A recorder gives its own records back, at every precision and in the layout of every Burn.
let private forRecorder name recorder =
    testPropertyWithConfig config $"{name}: a record is read back as it was written, whatever the setting"
    <| Prop.forAll (savedCases true) (fun case ->
        let recorder =
            recorder
            |> Recorder.precision case.Precision
            |> Recorder.forBurn case.Burn
            |> Recorder.schema case.Schema

        let bytes = bytesOf (ok (Recorder.encode recorder case.Document))
        let read = (ok (Recorder.decode recorder (inputOf bytes))).Root
        let wanted = expected case.Burn case.Precision case.Document.Root

        // bin up to 0.13 does not tell integers from halves and truth values
        if not (hasValues case.Burn && recorder.Codec.Name = Bincode.codec.Name) then
            expectSame read wanted "read back"
        else
            let again = bytesOf (ok (recorder.Codec.Encode { Burn = case.Burn } { case.Document with Root = read }))
            let first = bytesOf (ok (recorder.Codec.Encode { Burn = case.Burn } case.Document))
            expectBytes again first "written again")

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
        { Codec = codec; Compression = None; Describes = describes; NotFinite = notFinite; Sealed = false }

    let gzipped (traits: Traits) =
        { traits with Compression = Some Gzip.transform }

    let sealed' (traits: Traits) = { traits with Sealed = true }

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
            forCodec "sealed mpk" (sealed' mpk)
            forCodec "sealed mpk.gz" (sealed' (gzipped mpk))
            forCodec "sealed bin" (sealed' bin)
            forCodec "sealed bin.gz" (sealed' (gzipped bin))
            forCodec "sealed json" (sealed' pretty)
            forCodec "sealed compact json" (sealed' compact)
            forCodec "sealed json.gz" (sealed' (gzipped compact))
            forRecorder "mpk" Recorder.namedMsgPack
            forRecorder "bin.gz" (Recorder.gzip Recorder.bincode)
            forRecorder "json" Recorder.prettyJson
            wildMsgPack
        ]
