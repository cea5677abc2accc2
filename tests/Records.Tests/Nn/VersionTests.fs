/// Types that grow: former names, fields that older files lack, versions and the ways between them.
module Records.Tests.Nn.VersionTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support

type Layer = { Weight: Parameter; Bias: Parameter option }

// ---- a network that grew twice: it got a second layer, then blocks, which had grown by themselves

type BlockV1 = { Scale: Parameter }

[<RecordVersion 2>]
type Block =
    {
        Gain: Parameter
        Shift: Parameter
    }

    [<RecordMigration>]
    static member OfFirst(old: BlockV1) : Block =
        { Gain = old.Scale; Shift = Parameter(ParamId.ofUInt64 99UL, f32 [ 1L ] [ 0f ]) }

type NetV1 = { Fc: Layer; Rate: float }

[<RecordVersion 2>]
type NetV2 =
    {
        Fc1: Layer
        Fc2: Layer option
        Rate: float
    }

    [<RecordMigration>]
    static member OfFirst(old: NetV1) : NetV2 =
        { Fc1 = old.Fc; Fc2 = None; Rate = old.Rate }

[<RecordVersion 3>]
type Net =
    {
        Layers: Layer list
        Blocks: Block list
        Rate: float
    }

    [<RecordMigration>]
    static member OfSecond(old: NetV2) : Result<Net, RecordError> =
        if old.Fc1.Bias.IsNone then
            Error(RecordError.Unsupported([ "fc1" ], "a layer without bias cannot be taken over"))
        else
            Ok { Layers = old.Fc1 :: Option.toList old.Fc2; Blocks = []; Rate = old.Rate }

/// What holds blocks, itself of version 1.
type Tower = { Blocks: Block list; Named: Layer option }

type TowerOfOld = { Blocks: BlockV1 list; Named: Layer option }

/// The second version from a tree, the third from the second.
[<RecordVersion 3>]
type Tree =
    {
        Weights: Parameter
    }

    [<RecordMigration>]
    static member OfFirst: TreeMigration =
        let rename name record =
            match record with
            | Record.Struct [ lone ] -> Ok(Record.Struct [ { lone with Name = name } ])
            | _ -> Error(RecordError.Mismatch([], "one field", "others"))

        {
            FromVersion = 1
            FromSchema = fun _ -> Schema.Struct [ "w", Schema.Param ]
            Migrate = rename "weight"
        }

    [<RecordMigration>]
    static member OfSecond: TreeMigration =
        {
            FromVersion = 2
            FromSchema = fun _ -> Schema.Struct [ "weight", Schema.Param ]
            Migrate =
                fun record ->
                    match record with
                    | Record.Struct [ lone ] -> Ok(Record.Struct [ { lone with Name = "weights" } ])
                    | _ -> Error(RecordError.Mismatch([], "one field", "others"))
        }

type TreeV1 = { W: Parameter }

[<RecordVersion 3>]
type Gap =
    {
        Weight: Parameter
    }

    [<RecordMigration>]
    static member OfFirst: TreeMigration = { FromVersion = 1; FromSchema = (fun _ -> Schema.Param); Migrate = Ok }

[<RecordVersion 2>]
type Wrong =
    {
        Weight: Parameter
    }

    [<RecordMigration>]
    static member OfFirst(old: NetV1) : NetV1 = old

// ---- names and defaults

type Old = { Kernel: Layer }

type Renamed =
    {
        [<RecordAlias("kernel", "core")>]
        Fc: Layer
        [<RecordDefault>]
        Extra: Layer
    }

[<Recorded>]
type Count =
    {
        Epoch: int
        [<RecordDefault>]
        Step: uint64
        [<RecordAlias "lr">]
        Rate: float
    }

[<Recorded>]
type OldCount = { Epoch: int; Lr: float }

let private parameter number (values: single list) =
    Parameter(ParamId.ofUInt64 number, f32 [ int64 values.Length ] values)

let private layer number =
    { Weight = parameter number [ 1f; 2f ]; Bias = Some(parameter (number + 1UL) [ single number ]) }

let private encoded recorder (document: Document) =
    bytesOf (ok (Recorder.encode recorder document))

let private decoded<'T> recorder bytes =
    Recorder.decode (Recorder.schemas Bind.schemas<'T> recorder) (inputOf bytes)

let private message result = RecordError.message (error result)

let private everyFormat name check =
    testList name [ for extension, recorder in Models.recorders -> testCase extension (fun () -> check recorder) ]

let private v1: NetV1 = { Fc = layer 10UL; Rate = 0.5 }
let private v2: NetV2 = { Fc1 = layer 10UL; Fc2 = Some(layer 20UL); Rate = 0.5 }

let private net layers : Net =
    { Layers = layers; Blocks = []; Rate = 0.125 }

let tests =
    testList
        "Versions"
        [
            everyFormat "a file of version 1 loads into version 3 through both migrations" (fun recorder ->
                let bytes = encoded recorder (Bind.toDocument v1)
                let document = ok (decoded<Net> recorder bytes)
                let there = net [ layer 1UL ]
                let loaded = ok (Bind.loadDocument Bind.strict document there)
                expectSame (Bind.toRecord loaded) (Bind.toRecord (net [ v1.Fc ])) "the layer of version 1"
                Expect.equal loaded.Rate 0.125 "constants are those of the module that is loaded into"
                let made: Net = ok (Bind.ofDocument document)
                expectSame (Bind.toRecord made) (Bind.toRecord loaded) "without one")

            everyFormat "a file of version 2 takes one step, and one of version 3 none" (fun recorder ->
                let bytes = encoded recorder (Bind.toDocument v2)
                let document = ok (decoded<Net> recorder bytes)
                let loaded = ok (Bind.loadDocument Bind.strict document (net [ layer 1UL; layer 2UL ]))
                expectSame (Bind.toRecord loaded) (Bind.toRecord (net [ v2.Fc1; v2.Fc2.Value ])) "both layers"
                let again = ok (decoded<Net> recorder (encoded recorder (Bind.toDocument loaded)))
                expectSame again.Root (Bind.toRecord loaded) "version 3"
                Expect.equal again.Annex (Map [ "version", "3"; "version.blocks.*", "2" ]) "what the annex says")

            everyFormat
                "a file of a later version is an error that says so, and can still be looked into"
                (fun recorder ->
                    let document = Bind.toDocument (net [ layer 1UL ])
                    let later = encoded recorder { document with Annex = Map [ "version", "4" ] }

                    let expected = "the file has version 4 of Net, and 3 is the newest that is known here."
                    Expect.equal (message (decoded<Net> recorder later)) expected "before anything is read"

                    Expect.equal
                        (message (decoded<NetV2> recorder later))
                        (expected.Replace("Net", "NetV2").Replace("3 is", "2 is"))
                        "an older program"

                    let schema =
                        if recorder.Codec.Name = Bincode.codec.Name then
                            Some Bind.schema<Net>
                        else
                            None

                    let found = ok (Inspect.input Recorder.defaultLimits schema (inputOf later))
                    Expect.hasLength found.Tensors.Value 2 "its tensors"
                    Expect.equal found.Versions (Map [ "", 4 ]) "its version"

                    // a type that never had another version
                    let plain = ok (Inspect.document Recorder.defaultLimits schema (inputOf later))
                    let typed = decoded<NetV1> recorder later |> Result.bind Bind.ofDocument<NetV1>
                    Expect.stringStarts (message typed) "the file has version 4 of " "whoever finds it out"
                    let refused: Result<NetV1, RecordError> = Bind.ofDocument plain

                    Expect.equal
                        (message refused)
                        (expected.Replace("Net", "NetV1").Replace("3 is", "1 is"))
                        "version 1")

            everyFormat "types inside have versions of their own" (fun recorder ->
                let old: TowerOfOld =
                    {
                        Blocks = [ { Scale = parameter 3UL [ 3f ] }; { Scale = parameter 4UL [ 4f ] } ]
                        Named = Some(layer 7UL)
                    }

                let document = ok (decoded<Tower> recorder (encoded recorder (Bind.toDocument old)))
                let tower: Tower = ok (Bind.ofDocument document)

                let expected: Tower =
                    { Blocks = [ for block in old.Blocks -> Block.OfFirst block ]; Named = old.Named }

                expectSame (Bind.toRecord tower) (Bind.toRecord expected) "each block"
                Expect.equal (Bind.toDocument tower).Annex (Map [ "version.blocks.*", "2" ]) "newly written"
                let again = ok (decoded<Tower> recorder (encoded recorder (Bind.toDocument tower)))
                let read: Tower = ok (Bind.loadDocument Bind.strict again tower)
                expectSame (Bind.toRecord read) (Bind.toRecord tower) "and read back")

            everyFormat "a migration may be from tree to tree" (fun recorder ->
                let old: TreeV1 = { W = parameter 3UL [ 3f; 4f ] }
                let document = ok (decoded<Tree> recorder (encoded recorder (Bind.toDocument old)))
                let tree: Tree = ok (Bind.ofDocument document)
                Expect.equal tree.Weights.Id old.W.Id "through both")

            everyFormat "types of version 1 leave no trace" (fun recorder ->
                let document = Bind.toDocument v1
                Expect.isTrue document.Annex.IsEmpty "nothing is said"

                expectBytes
                    (encoded recorder document)
                    (encoded recorder (Document.ofRecord document.Root))
                    "Burn's bytes")

            test "a migration that fails says where" {
                let bare: NetV1 = { v1 with Fc = { v1.Fc with Bias = None } }
                let document = ok (decoded<Net> Recorder.bincode (encoded Recorder.bincode (Bind.toDocument bare)))
                let made: Result<Net, RecordError> = Bind.ofDocument document
                Expect.equal (message made) "'fc1': a layer without bias cannot be taken over." "the user's own words"
            }

            test "a file of version 1 that lacks something says what, in its own names" {
                let document = documentOf (structOf [ "fc", structOf [ "bias", Record.Option None ] ])
                let made: Result<Net, RecordError> = Bind.ofDocument document
                Expect.equal (message made) "'fc.weight' is missing, expected a parameter." "version 1's name"
            }

            test "a type whose versions are not all within reach is refused" {
                Expect.throwsC (fun () -> Bind.schema<Gap> |> ignore) (fun problem ->
                    Expect.stringContains problem.Message "no [<RecordMigration>] leads to it from version 2" "a gap")

                Expect.throwsC (fun () -> Bind.schema<Wrong> |> ignore) (fun problem ->
                    Expect.stringContains problem.Message "Wrong.OfFirst is no migration" "another type")
            }

            test "a version that is no number is an error" {
                let document = { Bind.toDocument v1 with Annex = Map [ "version", "two" ] }
                let made: Result<Net, RecordError> = Bind.ofDocument document
                Expect.equal (message made) "The record is 'two', expected the number of a version." "from the annex"
            }

            test "a long annex is found at the end of a stream" {
                for recorder in [ Recorder.bincode; Recorder.gzip Recorder.bincode ] do
                    let document = Bind.toDocument v2
                    let note = String('n', 200_000)
                    let annex = document.Annex |> Map.add "note" note
                    let bytes = encoded recorder { document with Annex = annex }
                    let read = ok (decoded<Net> recorder bytes)
                    Expect.equal read.Annex annex "whole"
                    let made: Net = ok (Bind.ofDocument read)
                    Expect.hasLength made.Layers 2 "as version 2"

                    let stream = { Name = "stream"; Start = fun () -> Forward.ofSource (remote bytes) }
                    let recorder = Recorder.schemas Bind.schemas<Net> recorder

                    Expect.equal
                        (ok (Recorder.decode recorder stream)).Annex
                        annex
                        "from a source that is not in memory"
            }

            test "a former name is read, both names are an error" {
                let old: Old = { Kernel = layer 5UL }
                let there: Renamed = { Fc = layer 1UL; Extra = layer 2UL }

                for recorder in [ Recorder.namedMsgPack; Recorder.gzip Recorder.prettyJson ] do
                    let bytes = encoded recorder (Bind.toDocument old)

                    for document in
                        [ ok (decoded<Renamed> recorder bytes); ok (Recorder.decode recorder (inputOf bytes)) ] do
                        let loaded = ok (Bind.loadDocument Bind.strict document there)
                        expectSame (Bind.toRecord loaded.Fc) (Bind.toRecord old.Kernel) "under its old name"
                        expectSame (Bind.toRecord loaded.Extra) (Bind.toRecord there.Extra) "what it lacks stays"

                    let fields =
                        match Bind.toRecord there, Bind.toRecord old with
                        | Record.Struct newer, Record.Struct older -> Record.Struct(newer @ older)
                        | _ -> failtest "structs"

                    let both = encoded recorder (documentOf fields)
                    let problem = "'kernel' is there besides 'fc', its newer name, expected nothing there."
                    Expect.equal (message (decoded<Renamed> recorder both)) problem "with a schema"
                    let plain = ok (Recorder.decode recorder (inputOf both))

                    Expect.stringContains
                        (message (Bind.loadDocument Bind.strict plain there))
                        "'kernel' is there"
                        "without"
            }

            test "a recorded type has former names and defaults too" {
                let old: OldCount = { Epoch = 3; Lr = 0.5 }
                let there: Count = { Epoch = 0; Step = 8UL; Rate = 0.0 }

                for recorder in [ Recorder.namedMsgPack; Recorder.prettyJson ] do
                    let document = ok (decoded<Count> recorder (encoded recorder (Bind.toDocument old)))
                    let loaded = ok (Bind.loadDocument Bind.strict document there)
                    Expect.equal loaded { Epoch = 3; Step = 8UL; Rate = 0.5 } "the step stays"
                    let made: Result<Count, RecordError> = Bind.ofDocument document
                    Expect.equal (message made) "'step' is missing, expected U64." "nothing to keep"
            }

            testCase "the reference reads files whose annex has versions" (fun () ->
                let theirs = OracleTests.folder "write"

                inFolder (fun ours ->
                    let names =
                        [
                            for model, schema in Models.models do
                                for short, precision in Models.settings -> $"{model}.{short}", schema, precision
                            for scheduler, schema in Models.schedulers -> $"{scheduler}.full", schema, Precision.Full
                        ]

                    for stem, schema, precision in names do
                        let root = Files.record theirs stem schema

                        let document =
                            { documentOf root with Annex = Map [ "version", "3"; "version.blocks.*", "2" ] }

                        for _, recorder in Models.recorders do
                            let recorder = Recorder.precision precision recorder
                            let place = File.at (Path.Combine(ours, stem))
                            ok (Recorder.saveNow recorder place { Report = None; Token = token } document)

                    Reference.run [ "read"; ours ]))
        ]
