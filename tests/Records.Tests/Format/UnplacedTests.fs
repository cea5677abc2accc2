/// What a file holds and a schema has no place for.
module Records.Tests.UnplacedTests

open Expecto
open Records.Core
open Records.Tests.Support

let private weight seed =
    parameter (idText seed) (f32 [ 2L ] [ single seed; 1f ])

let private small = structOf [ "weight", weight 1UL ]
let private large = structOf [ "bias", weight 2UL; "weight", weight 1UL ]

/// What is in the file, what its reader knows, and what is said of the rest.
let private cases =
    [
        "in the outermost struct", large, Schema.ofRecord small, [ "bias" ]
        "in a struct in it", structOf [ "fc", large ], Schema.ofRecord (structOf [ "fc", small ]), [ "fc.bias" ]
        "in items of a list",
        structOf [ "layers", Record.List [ large; large ] ],
        Schema.Struct [ "layers", Schema.List(Schema.ofRecord small) ],
        [ "layers.0.bias"; "layers.1.bias" ]
        "in an option, a tuple and an array",
        structOf
            [
                "some", Record.Option(Some large)
                "pair", Record.Tuple [ small; large ]
                "row", Record.Array [ large ]
            ],
        Schema.Struct
            [
                "some", Schema.Option(Schema.ofRecord small)
                "pair", Schema.Tuple [ Schema.ofRecord small; Schema.ofRecord small ]
                "row", Schema.Array(Schema.ofRecord small, 1)
            ],
        [ "some.bias"; "pair.1.bias"; "row.0.bias" ]
        "in entries of a map",
        structOf [ "moments", Record.Map [ { Name = "a"; Value = large } ] ],
        Schema.Struct [ "moments", Schema.Map(Schema.ofRecord small) ],
        [ "moments.a.bias" ]
        "in a variant",
        structOf [ "norm", Record.Enum(1, "Layer", large) ],
        Schema.Struct [ "norm", Schema.Enum [ "Batch", Schema.Tensor; "Layer", Schema.ofRecord small ] ],
        [ "norm.Layer.bias" ]
        "where a constant is expected",
        structOf [ "act", structOf [ "inner", Record.List [ large ] ] ],
        Schema.Struct [ "act", Schema.Constant Constant.Single ],
        [ "act.inner.0.bias"; "act.inner.0.weight" ]
        "in a struct that looks like a parameter",
        structOf
            [
                "part", structOf [ "id", Record.Scalar(Scalar.Text "x"); "param", Record.Tensor(f32 [ 1L ] [ 7f ]) ]
            ],
        Schema.Struct [ "part", Schema.Struct [ "id", Schema.Scalar ScalarType.Text ] ],
        [ "part.param" ]
        "a bare tensor",
        structOf [ "weight", weight 1UL; "mask", Record.Tensor(f32 [ 1L ] [ 7f ]) ],
        Schema.ofRecord small,
        [ "mask" ]
    ]

let private recorders =
    [
        "mpk", Recorder.namedMsgPack
        "json", Recorder.prettyJson
        "mpk.gz", Recorder.gzip Recorder.namedMsgPack
    ]

let tests =
    testList
        "Unplaced"
        [
            for extension, recorder in recorders do
                for place, root, schema, names in cases do
                    testCase $"{extension}: tensors without a place are told, {place}" (fun () ->
                        let bytes = bytesOf (ok (Recorder.encode recorder (documentOf root)))
                        let recorder = Recorder.schema schema recorder
                        let read = ok (Recorder.decode recorder (inputOf bytes))

                        let paths =
                            [
                                for problem in Recorder.unplaced recorder read do
                                    match problem with
                                    | RecordError.Unexpected(path, _) -> String.concat "." path
                                    | other -> failtest (RecordError.message other)
                            ]

                        Expect.equal paths names "each by its whole name"

                        match read.Root, schema with
                        | Record.Struct fields, Schema.Struct known ->
                            Expect.equal
                                [ for field in fields -> field.Name ]
                                (List.map fst known @ names)
                                "behind what has a place"

                            let tensors record =
                                [ for _, data in Record.tensors record -> sha256 (wholeOf data.Bytes) ]
                                |> List.sort

                            Expect.equal (tensors read.Root) (tensors root) "all of them"
                        | _ -> failtest "no struct"

                        // and none is lost by saving it
                        match Recorder.encode recorder read with
                        | Error problem ->
                            for name in names do
                                Expect.stringContains (RecordError.message problem) name "refused"
                        | Ok _ -> failtest "what has no place was written or left out")

                testCase $"{extension}: where nothing can come last it is an error" (fun () ->
                    let bytes = bytesOf (ok (Recorder.encode recorder (documentOf (Record.List [ large ]))))
                    let recorder = Recorder.schema (Schema.List(Schema.ofRecord small)) recorder

                    match Recorder.decode recorder (inputOf bytes) with
                    | Error(RecordError.Unexpected(path, _)) -> Expect.equal path [ "0.bias" ] "which"
                    | _ -> failtest "a tensor was lost")

                testCase $"{extension}: a field by its former name has a place" (fun () ->
                    let root = structOf [ "weight", weight 1UL; "mask", weight 3UL ]
                    let bytes = bytesOf (ok (Recorder.encode recorder (documentOf root)))
                    let kernel = Schema.Renamed([ "weight" ], Schema.Param)
                    let recorder = Recorder.schema (Schema.Struct [ "kernel", kernel ]) recorder
                    let read = ok (Recorder.decode recorder (inputOf bytes))

                    match Recorder.unplaced recorder read with
                    | [ RecordError.Unexpected([ "mask" ], _) ] -> ()
                    | other -> failtest $"{other}"

                    Expect.equal (Record.countTensors read.Root) 2 "each once")

            testCase "what holds no tensor is passed over" (fun () ->
                let root =
                    structOf [ "weight", weight 1UL; "act", structOf [ "slope", Record.Scalar(Scalar.F64 0.5) ] ]

                let bytes = bytesOf (ok (Recorder.encode Recorder.namedMsgPack (documentOf root)))

                let recorder = Recorder.schema (Schema.ofRecord small) Recorder.namedMsgPack
                expectSame (ok (Recorder.decode recorder (inputOf bytes))).Root small "the rest")
        ]
