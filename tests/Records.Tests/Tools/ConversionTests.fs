module Records.Tests.Tools.ConversionTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests
open Records.Tests.Support

let private limits = Recorder.defaultLimits

/// Those that recorders write.
let private extensions =
    [
        for kind in Formats.kinds do
            if kind.Recorder.IsSome then
                kind.Extension
    ]

/// Converts bytes in memory, and what is told of that.
let private tried (conversion: Conversion) (bytes: byte[]) : Result<byte[] * Converted, RecordError> =
    RecordError.catch (fun () ->
        Formats.identify limits (inputOf bytes)
        |> Result.bind (fun found ->
            let kind = Formats.kindFound found

            let context =
                {
                    Schema = Option.map Schemas.Fixed conversion.Schema
                    Burn = conversion.FromBurn
                    Limits = limits
                    Whole = true
                    Store = None
                }

            Conversion.target conversion kind
            |> Result.bind (fun target ->
                kind.Decode context found.Input
                |> Result.bind (Conversion.prepare conversion kind false target (fun _ data -> data))))
        |> Result.bind (fun prepared ->
            Memory.toArray prepared.Payload
            |> Result.map (fun bytes -> bytes, prepared.Told())))
    |> Result.bind id

let private converted conversion bytes = fst (ok (tried conversion bytes))
let private refused conversion bytes = error (tried conversion bytes)
let into extension = Conversion.into extension limits

let typed extension schema =
    { into extension with Schema = Some(fun _ -> schema) }

let private plain (bytes: byte[]) =
    if bytes[0] = 0x1Fuy then Files.inflated bytes else bytes

/// A document as a kind of file has it, with the metadata of that kind; an error for a dtype that Burn did not have.
let private tryWritten (extension: string) burn metadata annex root =
    let kind = Formats.kinds |> List.find (fun kind -> kind.Extension = extension)
    let names = Names.metadata "file" kind.Recorder.Value Precision.Full burn
    let metadata = Map.fold (fun names key value -> Map.add key value names) names metadata

    kind.Codec.Encode { Burn = burn } { Metadata = metadata; Annex = annex; Root = root }
    |> Result.map (fun payload ->
        kind.Compression
        |> Option.fold (fun payload transform -> transform.Forward 1 payload) payload
        |> bytesOf)

let private written extension burn metadata annex root =
    ok (tryWritten extension burn metadata annex root)

let private latest = BurnVersion.latest

let simple extension root =
    written extension latest Map.empty Map.empty root

let private metadataOf (bytes: byte[]) =
    let found = ok (Formats.identify limits (inputOf bytes))
    ok (found.Codec.Metadata limits found.Input)

let private named name bytes = Map.find name (metadataOf bytes)

let private rootOf schema (bytes: byte[]) =
    (ok (Inspect.document limits schema (inputOf bytes))).Root

let private one dtype values =
    structOf
        [
            "w", parameter "0400000000000" (tensorOf dtype [ int64 (Array.length values) ] (Array.concat values))
        ]

let singles (values: single list) =
    structOf [ "w", parameter "0400000000000" (f32 [ int64 values.Length ] values) ]

let private laws =
    let kinds = Gen.elements extensions

    let cases =
        gen {
            let! sample = Generators.finiteSample
            let! annex = Generators.annex
            let! source = kinds
            let! target = kinds
            return sample, annex, source, target
        }

    let shrink (sample, annex, source, target) =
        Generators.shrink sample
        |> Seq.map (fun sample -> sample, annex, source, target)

    [
        testPropertyWithConfig
            Generators.config
            "with its schema, there and back are the same bytes, whatever the formats"
        <| Prop.forAll (Arb.fromGenShrink (cases, shrink)) (fun (sample, annex, source, target) ->
            let bytes = written source latest Map.empty annex sample.Record
            let there = converted (typed target sample.Schema) bytes

            // each of them is a file of its own format
            expectBytes
                (plain there)
                (plain (written target latest Map.empty annex sample.Record))
                $"{source} to {target}"

            let back = converted (typed source sample.Schema) there
            expectBytes (plain back) (plain bytes) $"{source} to {target} and back")

        testPropertyWithConfig
            Generators.config
            "without one, a file that describes itself becomes itself in every layout"
        <| Prop.forAll (Arb.fromGenShrink (cases, shrink)) (fun (sample, annex, source, _) ->
            if not (source.StartsWith "bin") then
                for minor in [ 21; 20; 16; 14 ] do
                    match tryWritten source (burn minor) Map.empty annex sample.Record with
                    | Ok bytes ->
                        expectBytes (plain (converted (into source) bytes)) (plain bytes) $"{source}, 0.{minor}"
                    // a dtype that Burn did not have
                    | Error _ -> ())
    ]

let private metadata =
    [
        test "what Burn does not know is kept where the format has a place for it" {
            let extra = Map [ "author", "me" ]
            let bytes = written "mpk" latest extra Map.empty (singles [ 1f ])
            let json = converted (into "json.gz") bytes
            Expect.equal (Map.tryFind "author" (metadataOf json)) (Some "me") "JSON"
            expectBytes (converted (into "mpk") json) bytes "and back"
            let bin = converted (typed "bin" (Schema.Struct [ "w", Schema.Param ])) bytes
            Expect.equal (Map.tryFind "author" (metadataOf bin)) None "bin has five strings"
        }

        test "the recorder that is named is the new file's, and all else is the source's" {
            let names = metadataOf (File.ReadAllBytes(golden "g5-v0.20.half.mpk"))
            let json = metadataOf (converted (into "json.gz") (File.ReadAllBytes(golden "g5-v0.20.half.mpk")))

            let format =
                "burn_core::record::file::JsonGzFileRecorder<burn_core::record::settings::HalfPrecisionSettings>"

            Expect.equal json (Map.add "format" format names) "names"
        }

        test "a recorder of bytes becomes one of files, without the type of its bytes" {
            let memory =
                "burn_core::record::memory::BinBytesRecorder<burn_core::record::settings::FullPrecisionSettings, &[u8]>"

            let bytes = written "bin" latest (Map [ "format", memory ]) Map.empty (singles [ 1f ])
            let schema = Schema.Struct [ "w", Schema.Param ]
            expectBytes (plain (converted (typed "bin" schema) bytes)) bytes "the same format keeps it"

            Expect.equal
                (named "format" (converted (typed "mpk" schema) bytes))
                "burn_core::record::file::NamedMpkFileRecorder<burn_core::record::settings::FullPrecisionSettings>"
                "another has its own"
        }

        test "a name that is wrong about the compression stays where nothing changes" {
            let wrong =
                "burn_core::record::file::NamedMpkGzFileRecorder<burn_core::record::settings::FullPrecisionSettings>"

            let bytes = written "mpk" (burn 14) (Map [ "format", wrong ]) Map.empty (singles [ 1f ])
            expectBytes (converted (into "mpk") bytes) bytes "burn-import wrote such files"
        }

        test "another precision is named in all places" {
            let bytes =
                converted { into "mpk" with Precision = Some Precision.Half } (simple "mpk" (singles [ 1f ]))

            Expect.equal (metadataOf bytes) (Names.metadata "file" "NamedMpkFileRecorder" Precision.Half latest) "names"
        }

        test "a version that lies about the layout is believed no more than the structure" {
            for version, layout in [ "0.15.0", 13; "0.21.0-pre.1", 20; "x", 13; "0.12.0", 14 ] do
                let truth = tensorOf (Dtype.Bool BoolStore.Native) [ 2L ] [| 1uy; 0uy |]
                let root = structOf [ "m", parameter "0400000000000" truth; "w", Record.Tensor(f32 [ 1L ] [ 2f ]) ]

                for extension in [ "mpk"; "json" ] do
                    let bytes = written extension (burn layout) (Map [ "version", version ]) Map.empty root
                    expectBytes (converted (into extension) bytes) bytes $"{version} in the layout of 0.{layout}"
        }
    ]

let private layouts =
    [
        for file, schema in [ "g5-v0.20.full", Models.legacy; "mlp.full", Models.mlp; "kitchen.full", Models.kitchen ] do
            test $"{file} is Burn's own file in every format, from every format" {
                for source in extensions do
                    for target in extensions do
                        let bytes = File.ReadAllBytes(golden $"{file}.{source}")
                        let expected = File.ReadAllBytes(golden $"{file}.{target}")

                        expectBytes
                            (plain (converted (typed target schema) bytes))
                            (plain expected)
                            $"{source} to {target}"
            }

        test "an older layout is what that Burn wrote" {
            for short in [ "full"; "half"; "double" ] do
                let bytes = File.ReadAllBytes(golden $"g5-v0.20.{short}.bin")
                let newest = { typed "bin" Models.legacy with Burn = Some latest }
                let older = { newest with Burn = Some { burn 20 with Patch = 1 } }
                let there = converted newest bytes
                Expect.equal (named "version" there) "0.21.0" "named"
                expectBytes (converted older there) bytes $"{short}, there and back"
        }

        test "ints of full precision were floats up to 0.11, and the metadata says so" {
            let ints =
                structOf [ "n", parameter "0400000000000" (tensorOf Dtype.I32 [ 1L ] [| 7uy; 0uy; 0uy; 0uy |]) ]

            let old = converted { into "mpk" with Burn = Some(burn 11) } (simple "mpk" ints)
            Expect.equal (named "int" old) "f32" "in 0.11"
            let newer = converted { into "mpk" with Burn = Some(burn 13) } old
            Expect.equal (named "int" newer) "i32" "in 0.13"
        }

        test "a layout that says once what its numbers are takes no others" {
            let doubles = one Dtype.F64 [| BitConverter.GetBytes 1.5 |]
            let old = { into "mpk" with Burn = Some(burn 13) }
            let message = RecordError.message (refused old (simple "mpk" doubles))
            Expect.stringContains message "'w'" "where"
            Expect.stringContains message "--precision" "what to do"

            converted { old with Precision = Some Precision.Full } (simple "mpk" doubles)
            |> ignore
        }

        test "which nils were arrays is not known without a schema: a warning, and strictly an error" {
            let constants = structOf [ "stride", Record.Constant Constant.Single ]
            let old = { into "mpk" with Burn = Some(burn 14) }
            let bytes = simple "mpk" constants
            let there, told = ok (tried old bytes)
            Expect.stringContains (List.exactlyOne told.Warnings) "--schema" "the warning"
            expectSame (rootOf None there) constants "a nil"

            Expect.stringContains
                (RecordError.message (refused { old with Strict = true } bytes))
                "--schema"
                "the error"

            let pair = Constant.Fixed [ Constant.Single; Constant.Single ]
            let known = { old with Schema = Some(fun _ -> Schema.Struct [ "stride", Schema.Constant pair ]) }
            let there, told = ok (tried known bytes)
            Expect.isEmpty told.Warnings "known"
            let nil = Record.Constant Constant.Single
            expectSame (rootOf None there) (structOf [ "stride", Record.List [ nil; nil ] ]) "two nils"
            // the way on loses nothing
            let newer = ok (tried { into "mpk" with Burn = Some latest } there) |> snd
            Expect.isEmpty newer.Warnings "a later Burn reads both"
        }
    ]

let private burnpacks =
    [
        test "burnpack and back is the identity, where the schema says what it does not hold" {
            for name, schema in
                [ "tiny.full.mpk", Models.tiny; "mlp.half.mpk", Models.mlp; "mlp.double.json", Models.mlp ] do
                let bytes = File.ReadAllBytes(golden name)
                let extension = Option.get (Formats.extensionOf name)
                let pack = converted (into "bpk") bytes
                expectBytes pack (converted (typed "bpk" schema) bytes) "no schema is needed on the way there"
                expectBytes (converted (typed extension schema) pack) bytes name
        }

        test "without a schema its tensors come back with their names" {
            let bytes = File.ReadAllBytes(golden "mlp.full.mpk")
            let back = converted (into "mpk") (converted (into "bpk") bytes)

            let tensors bytes =
                [ for path, data in Record.tensors (rootOf None bytes) -> path, wholeOf data.Bytes ]

            Expect.equal (tensors back) (tensors bytes) "all of them"
        }

        test "a Burn without recorders takes no recorder's file" {
            let newest = { into "mpk" with Burn = Some(burn 22) }
            let message = RecordError.message (refused newest (File.ReadAllBytes(golden "tiny.full.mpk")))
            Expect.stringContains message "bpk" "what it reads"
        }
    ]

let private schemas =
    [
        test "bin is written from the record's own schema alone" {
            let bytes = File.ReadAllBytes(golden "tiny.full.mpk")

            for conversion in [ into "bin"; typed "bin.gz" (Maybe.ofRecord (rootOf None bytes)) ] do
                let message = RecordError.message (refused conversion bytes)
                Expect.stringContains message "MlpRecord.Schema.ToJson()" "what to ask for"
        }

        test "bin is read with a schema that leaves things open" {
            let maybe = Maybe.ofRecord (rootOf None (File.ReadAllBytes(golden "mlp.full.mpk")))
            let mpk, told = ok (tried (typed "mpk" maybe) (File.ReadAllBytes(golden "mlp.full.bin")))
            expectBytes mpk (File.ReadAllBytes(golden "mlp.full.mpk")) "the same"
            Expect.isEmpty told.Warnings "nothing is open that matters"
        }

        test "what even bin does not tell is a warning, and strictly an error" {
            let root sign =
                structOf [ "n", Record.Scalar sign; "w", Record.Tensor(f32 [ 1L ] [ 1f ]) ]

            let maybe = Maybe.ofRecord (rootOf None (simple "mpk" (root (Scalar.I32 5))))
            let conversion = typed "mpk" maybe
            let told = ok (tried conversion (simple "bin" (root (Scalar.U32 5u)))) |> snd
            Expect.stringContains (List.exactlyOne told.Warnings) "'n'" "signed or not"
            let strict = { conversion with Strict = true }

            Expect.stringContains
                (RecordError.message (refused strict (simple "bin" (root (Scalar.I32 5)))))
                "'n'"
                "strictly"
        }

        test "without a schema bin is not read" {
            let message = RecordError.message (refused (into "mpk") (File.ReadAllBytes(golden "tiny.full.bin")))
            Expect.stringContains message "--schema" "what to give"
        }

        test "a field that the file lacks is not written as nothing" {
            let schema =
                Schema.Struct [ "w", Schema.Param; "b", Schema.Param; "c", Schema.Struct [ "d", Schema.Tensor ] ]

            let message = RecordError.message (refused (typed "bin" schema) (simple "mpk" (singles [ 1f ])))
            Expect.stringContains message "'b' is missing" "one"
            Expect.stringContains message "'c' is missing" "and the other"
        }

        test "a tensor that the schema does not know is not left behind" {
            let root = structOf [ "w", Record.Tensor(f32 [ 1L ] [ 1f ]); "x", Record.Tensor(f32 [ 1L ] [ 1f ]) ]
            let schema = Schema.Struct [ "w", Schema.Tensor ]

            for target in [ "bin"; "json" ] do
                let message = RecordError.message (refused (typed target schema) (simple "mpk" root))
                Expect.stringContains message "1 of the 2 tensors" target
        }

        test "the annex comes along, or stays behind when asked to" {
            let annex = Map [ "seal", "abc"; "version", "2"; "version.w", "3" ]
            let bytes = written "mpk" latest Map.empty annex (singles [ 1f ])
            let json = converted (into "json") bytes
            Expect.equal (ok (Inspect.document limits None (inputOf json))).Annex annex "kept"
            let bare = converted { into "mpk" with Unsealed = true } json
            let versions = Map.remove "seal" annex
            expectBytes bare (written "mpk" latest Map.empty versions (singles [ 1f ])) "gone, and the versions stay"
        }
    ]

let private casts =
    [
        test "what a cast loses is summed up by tensor" {
            let root =
                structOf
                    [
                        "exact", Record.Tensor(f32 [ 2L ] [ 1f; 0.5f ])
                        "inner",
                        structOf [ "lossy", Record.Tensor(f32 [ 6L ] [ 1f; 1e-9f; 70000f; -1e6f; nanf; 2049f ]) ]
                    ]

            let half = { into "mpk" with Precision = Some Precision.Half }
            let bytes, told = ok (tried half (simple "mpk" root))
            let loss = List.exactlyOne told.Losses
            Expect.equal loss.Path [ "inner"; "lossy" ] "the one that changed"
            Expect.equal (loss.From, loss.To, loss.Elements, loss.Changed) (Dtype.F32, Dtype.F16, 6L, 4L) "how many"
            Expect.equal (loss.Overflows, loss.Underflows, loss.Nans) (2L, 1L, 0L) "of which kind"
            Expect.equal (loss.MaxAbsolute, loss.MaxRelative) (1.0, 1.0) "2049 became 2048, 1e-9 zero"
            Expect.stringContains (List.exactlyOne told.Warnings) "'inner.lossy': 2 values" "overflow is a warning"
            let values = Record.tensors (rootOf None bytes) |> Seq.last |> snd

            Expect.equal
                (ok (View.toArray<Half> values.Bytes) |> Array.item 2)
                Half.PositiveInfinity
                "infinite, as in Burn"

            let message = RecordError.message (refused { half with Strict = true } (simple "mpk" root))
            Expect.stringContains message "'inner.lossy' holds 2 values" "and strictly an error"
        }

        test "an integer that does not fit is an error, since nothing stands for it" {
            let ints = one Dtype.I32 [| BitConverter.GetBytes 70000 |]
            let half = { into "mpk" with Precision = Some Precision.Half }
            Expect.stringContains (RecordError.message (refused half (simple "mpk" ints))) "70000" "the value"
        }

        test "full, half and double of Burn's own files are Burn's own files" {
            for model in [ "tiny"; "mlp" ] do
                for target, precision in Models.settings do
                    for extension in [ "mpk"; "json" ] do
                        let bytes = File.ReadAllBytes(golden $"{model}.double.{extension}")
                        let there = converted { into extension with Precision = Some precision } bytes

                        expectBytes
                            there
                            (File.ReadAllBytes(golden $"{model}.{target}.{extension}"))
                            $"{model}.{target}"
        }
    ]

let tests =
    testList
        "Conversion"
        [
            testList "laws" laws
            testList "metadata" metadata
            testList "layouts" layouts
            testList "burnpacks" burnpacks
            testList "schemas" schemas
            testList "casts" casts
        ]
