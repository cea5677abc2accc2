/// The laws of codecs for the one that keeps no structure: what it keeps, it keeps.
module Records.Tests.BurnpackLawTests

open System
open System.Diagnostics
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.LeafGenerators
open Records.Tests.Generators
open Records.Tests.Support

let private encode document =
    Burnpack.codec.Encode { Burn = Burnpack.latest } document

let private decodeInput schema (input: Input) =
    RecordError.catch (fun () -> Burnpack.codec.Decode (contextOf schema) input)
    |> Result.bind id

let private decode schema (bytes: byte[]) = decodeInput schema (inputOf bytes)

/// Documents that burnpack can hold: each path once, and no text that is two things.
let private documents =
    Gen.map2
        (fun sample annex -> sample.Schema, { documentOf sample.Record with Annex = annex })
        samples.Generator
        annex
    |> Gen.filter (fun (_, document) -> (encode document).IsOk)
    |> fun generate ->
        Arb.fromGenShrink (
            generate,
            fun (schema, document) ->
                shrink { Schema = schema; Record = document.Root }
                |> Seq.map (fun sample -> sample.Schema, { document with Root = sample.Record })
                |> Seq.filter (fun (_, document) -> (encode document).IsOk)
        )

let private seeded =
    let generate = Gen.zip documents.Generator (Gen.choose (0, Int32.MaxValue))
    Arb.fromGenShrink (generate, fun (value, seed) -> documents.Shrinker value |> Seq.map (fun value -> value, seed))

let private law name arb check =
    testPropertyWithConfig config name (Prop.forAll arb check)

let private written document = bytesOf (ok (encode document))

let private survives schema (bytes: byte[]) =
    let watch = Stopwatch.StartNew()
    let result = decode schema bytes

    if watch.Elapsed > TimeSpan.FromSeconds 10. then
        failtest $"Reading {bytes.Length} bytes took {watch.Elapsed}."

    result

let rec private hasDots record =
    match record with
    | Record.Option(Some item) -> hasDots item
    | _ ->
        Record.children record
        |> List.exists (fun (name, item) -> name.Contains '.' || hasDots item)

let private mpk document =
    bytesOf (ok (MsgPack.codec.Encode { Burn = BurnVersion.latest } document))

let tests =
    testList
        "burnpack laws"
        [
            testCase "user metadata called like a variant or a field is none, where no text belongs" (fun () ->
                let inner = Schema.Struct [ "w", Schema.Param; "note", Schema.Scalar ScalarType.Text ]
                let schema = Schema.Enum [ "first", Schema.Param; "second", inner ]

                let fields =
                    structOf
                        [
                            "w", parameter "0400000000000" (f32 [ 1L ] [ 1f ])
                            "note", Record.Scalar(Scalar.Text "kept")
                        ]

                let annex = Map [ "first", "a"; "second", "b"; "second.w.more", "c" ]
                let document = { documentOf (Record.Enum(1, "second", fields)) with Annex = annex }
                let read = ok (decode (Some schema) (written document))
                expectSame read.Root document.Root "the variant that has a tensor"
                Expect.equal read.Annex annex "still beside it")

            law "what was read without a schema is written as the same bytes" documents (fun (_, document) ->
                let bytes = written document
                expectBytes (written (ok (decode None bytes))) bytes "written again")

            law "encoding is deterministic" documents (fun (_, document) ->
                expectBytes (written document) (written document) "written twice")

            law
                "MessagePack to burnpack and back is the identity on names, ids and values"
                documents
                (fun (_, document) ->
                    let described = ok (MsgPack.codec.Decode (contextOf None) (inputOf (mpk document)))

                    match encode { described with Annex = document.Annex } with
                    | Error _ -> () // texts that were something else by their schema
                    | Ok payload ->
                        // tensors without bytes may change places: the file does not show which was first
                        let tensors record =
                            (ok (Flat.ofRecord record)).Tensors |> List.sortBy _.Name

                        let read = ok (decode None (bytesOf payload))
                        let back = ok (MsgPack.codec.Decode (contextOf None) (inputOf (mpk read)))

                        List.iter2
                            (fun (a: FlatTensor) (b: FlatTensor) ->
                                Expect.equal (a.Name, a.Id) (b.Name, b.Id) "name and id"
                                expectSame (Record.Tensor a.Data) (Record.Tensor b.Data) a.Name)
                            (tensors back.Root)
                            (tensors document.Root))

            law "with the structure of the module it is the identity on bytes" documents (fun (_, document) ->
                let texts (flat: Flat) =
                    flat.Scalars |> List.filter (fun (_, scalar) -> scalar.IsText)

                let flat = ok (Flat.ofRecord (ok (decode None (written document))).Root)
                let flat = { flat with Scalars = flat.Scalars @ texts (ok (Flat.ofRecord document.Root)) }
                let filled = { document with Root = ok (Flat.fill document.Root flat) }
                expectBytes (mpk filled) (mpk document) "the same file")

            law "with the schema, names, ids and values are the record's" documents (fun (schema, document) ->
                if not (hasDots document.Root || OptimizerState.isSchema schema) then
                    let read = ok (decode (Some schema) (written document))
                    let filled = ok (Flat.fill document.Root (ok (Flat.ofRecord read.Root)))
                    expectSame filled document.Root "read back"
                    expectBytes (written { document with Root = read.Root }) (written document) "and written again")

            law "any piece of a file is an error" seeded (fun ((schema, document), seed) ->
                let bytes = written document

                let lengths =
                    if bytes.Length <= 300 then
                        [ 0 .. bytes.Length - 1 ]
                    else
                        let random = Random seed
                        [ for _ in 1..50 -> random.Next bytes.Length ]

                for length in lengths do
                    match survives (Some schema) (Array.truncate length bytes) with
                    | Ok _ -> failtest $"{length} of {bytes.Length} bytes were read as a whole file."
                    | Error _ -> ())

            law "bytes after the end are an error" seeded (fun ((_, document), seed) ->
                let random = Random seed
                let junk = Array.init (1 + random.Next 400) (fun _ -> byte (random.Next 256))

                match survives None (Array.append (written document) junk) with
                | Ok _ -> failtest "Junk was overlooked."
                | Error _ -> ())

            law
                "a changed byte is an error or another document, never an exception"
                seeded
                (fun ((schema, document), seed) ->
                    let random = Random seed
                    let bytes = written document

                    for _ in 1..20 do
                        let at = random.Next bytes.Length
                        let changed = Array.copy bytes
                        changed[at] <- changed[at] ^^^ byte (random.Next(1, 256))
                        survives (if random.Next 2 = 0 then None else Some schema) changed |> ignore
                        Burnpack.decodeLenient (contextOf None) (inputOf changed) |> ignore)

            law "random bytes are an error or a document, never an exception" seeded (fun ((schema, document), seed) ->
                let random = Random seed
                let bytes = written document
                random.NextBytes(Span(bytes, 0, bytes.Length).Slice(random.Next bytes.Length))
                survives (Some schema) bytes |> ignore)

            law "the smallest windows read the same" documents (fun (_, document) ->
                let bytes = written document
                let read = ok (decode None bytes)
                expectSame (ok (decodeInput None (stingy bytes))).Root read.Root "byte by byte"
                let far = ok (decodeInput None (Forward.input (remote bytes)))
                expectSame far.Root read.Root "from a source that is not in memory")

            law "the metadata is found alone" documents (fun (_, document) ->
                let bytes = written document
                let found = ok (Burnpack.codec.Metadata Recorder.defaultLimits (inputOf bytes))
                Expect.equal found (ok (decode None bytes)).Metadata "as it was written")
        ]
