module Records.Tests.Tree.MaybeTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests
open Records.Tests.Support

let private seen record =
    let recorder = Recorder.namedMsgPack
    let bytes = bytesOf (ok (recorder.Codec.Encode { Burn = BurnVersion.latest } (documentOf record)))
    Maybe.ofRecord (ok (recorder.Codec.Decode (contextOf None) (inputOf bytes))).Root

let private tensors record =
    [
        for tensor in Inspect.tensors record ->
            tensor.Path, tensor.ParamId, TensorData.text tensor.Data, wholeOf tensor.Data.Bytes
    ]

let private bin version record =
    let metadata = Names.metadata "file" "BinFileRecorder" Precision.Full version
    bytesOf (ok (Bincode.codec.Encode { Burn = version } { documentOf record with Metadata = metadata }))

let private decode schema bytes =
    Bincode.codec.Decode (contextOf (Some schema)) (inputOf bytes)

/// Read with what was seen in its MessagePack twin, a bin gives the same tensors.
let private agrees record =
    let read = ok (decode (seen record) (bin BurnVersion.latest record))
    tensors read.Root = tensors record

let private twin name record =
    testCase name (fun () -> Expect.isTrue (agrees record) "the same tensors")

let private weight value =
    parameter "0400000000000" (f32 [ 1L ] [ value ])

let private nil = Record.Constant Constant.Single

let rec private hasByteNumbers record =
    match record with
    | Record.Scalar(Scalar.I8 _ | Scalar.U8 _)
    | Record.Option(Some(Record.Scalar(Scalar.I8 _ | Scalar.U8 _))) -> true
    | _ -> Record.children record |> List.exists (snd >> hasByteNumbers)

/// Whether there is a unit, of which bincode writes nothing: seen as a nil, it may as well have been cut off at the end.
let rec private hasUnit record =
    match record with
    | Record.Scalar Scalar.Unit
    | Record.Option(Some(Record.Scalar Scalar.Unit)) -> true
    | _ -> Record.children record |> List.exists (snd >> hasUnit)

let tests =
    testList
        "Maybe"
        [
            testCase "a schema knows whether something is left open" (fun () ->
                Expect.isFalse (Maybe.isIn Models.kitchen) "a schema written by hand"
                let inside = Schema.Struct [ "a", Schema.List(Schema.Tuple [ Schema.Maybe Schema.Param ]) ]
                Expect.isTrue (Maybe.isIn inside) "deep inside"
                Expect.isTrue (Maybe.isIn (seen (weight 1f))) "what was seen")

            twin "an option that is there" (structOf [ "a", Record.Option(Some(weight 1f)); "b", weight 2f ])
            twin "an option that is not" (structOf [ "a", Record.Option None; "b", weight 2f ])
            twin "a list of one" (structOf [ "a", Record.List [ weight 1f ]; "b", nil ])
            twin "an array" (structOf [ "a", Record.Array [ weight 1f; weight 2f ]; "b", nil ])
            twin
                "an empty list, an empty tuple, an empty struct"
                (structOf [ "a", Record.List []; "b", Record.Tuple []; "c", structOf []; "d", weight 1f ])
            twin "a tuple of unlike items" (Record.Tuple [ weight 1f; nil; structOf [ "x", weight 2f ] ])
            twin "a variant" (structOf [ "a", Record.Enum(3, "Relu", nil); "b", Record.Enum(0, "Dense", weight 1f) ])
            twin
                "a map of states by parameter id, as optimizers have them"
                (Record.Map
                    [
                        for index, id in List.indexed [ "0400000000000"; "tv6qn2b78khg2" ] ->
                            {
                                Name = id
                                Value =
                                    Record.Enum(
                                        0,
                                        "V1",
                                        Record.Enum(
                                            index + 1,
                                            $"Rank{index + 1}",
                                            structOf
                                                [
                                                    "time", Record.Scalar(Scalar.U64 300UL)
                                                    "moment_1", Record.Tensor(f32 [ 1L ] [ 1f ])
                                                ]
                                        )
                                    )
                            }
                    ])
            twin
                "a number of one byte that bincode would write as three"
                (structOf [ "a", Record.Scalar(Scalar.U8 255uy); "b", weight 1f ])

            testCase "the parts of constants that Burn up to 0.20 wrote" (fun () ->
                let version = burn 20
                let pair = Record.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])

                let record =
                    structOf
                        [
                            "stride", pair
                            "pool", Record.Constant(Constant.Optional(Some Constant.Single))
                            "w", weight 1f
                        ]

                let mpk = bytesOf (ok (MsgPack.codec.Encode { Burn = version } (documentOf record)))
                let schema = Maybe.ofRecord (ok (MsgPack.codec.Decode (contextOf None) (inputOf mpk))).Root

                Expect.equal
                    (tensors (ok (decode schema (bin version record))).Root)
                    (tensors record)
                    "the same tensors")

            // In the layout that wrote it: without tensors the bytes may be those of another as well.
            // Which reading is meant is not always to be known (a parameter with an empty id, a quantised tensor without bytes),
            // but none that is given belies the file. Numbers of one byte do: the marker of a longer one is a number, too.
            testPropertyWithConfig Generators.config "any bin is read as something that is written as the same bytes"
            <| Prop.forAll Generators.finiteSamples (fun sample ->
                let bytes = bin BurnVersion.latest sample.Record

                let context = { contextOf (Some(seen sample.Record)) with Burn = Some BurnVersion.latest }

                match Bincode.codec.Decode context (inputOf bytes) with
                | _ when hasByteNumbers sample.Record -> true
                | Ok document -> bin BurnVersion.latest document.Root = bytes
                | Error _ when hasUnit sample.Record -> true
                | Error error -> failtest (RecordError.message error))

            testCase "a file cut off at any byte is an error, among the nils at its end too" (fun () ->
                let bytes = IO.File.ReadAllBytes(golden "mlp.full.bin")
                let schema = seen (ok (Files.decode Models.mlp Recorder.bincode bytes)).Root

                for length in 0 .. bytes.Length - 1 do
                    let error = error (decode schema (Array.truncate length bytes))
                    Expect.isNotEmpty (RecordError.message error) $"{length} bytes: a sentence")

            testCase "a unit is read where it is the record, and before something else" (fun () ->
                for record in
                    [ Record.Scalar Scalar.Unit; structOf [ "a", Record.Scalar Scalar.Unit; "w", weight 1f ] ] do
                    let read = ok (decode (seen record) (bin BurnVersion.latest record))
                    Expect.equal (bin BurnVersion.latest read.Root) (bin BurnVersion.latest record) "the same bytes")

            testCase "a cut file of many layers is told where it is cut, not given up on" (fun () ->
                let layer index =
                    structOf
                        [
                            "weight", parameter "0400000000000" (f32 [ 2L ] [ 1f; float32 index ])
                            "bias", Record.Option(Some(weight 2f))
                            yield! [ for name in [ "a"; "b"; "c"; "d" ] -> name, nil ]
                        ]

                let record =
                    structOf [ "layers", Record.List [ for index in 1..200 -> layer index ]; "last", weight 1f ]

                let bytes = bin BurnVersion.latest record

                for cut in [ 1; 5; 100 ] do
                    match error (decode (seen record) (Array.truncate (bytes.Length - cut) bytes)) with
                    | RecordError.Malformed(_, path, offset, _, _) ->
                        Expect.isGreaterThan offset (int64 (bytes.Length - cut - 40)) "near the cut"
                        let name = List.head path
                        Expect.equal name (if cut = 100 then "layers" else "last") "what was cut"
                    | other -> failtest (RecordError.message other))

            testCase "more ways than can be tried are refused" (fun () ->
                // each nil may be one byte or none: a square of places, and no end that fits
                let nils = Schema.Array(Schema.Maybe(Schema.Constant Constant.Single), 6000)
                let metadata = bin BurnVersion.latest (Record.Scalar Scalar.Unit)
                let bytes = Array.concat [ metadata; Array.zeroCreate 3000; [| 77uy |] ]
                let watch = Diagnostics.Stopwatch.StartNew()

                let context = { contextOf (Some nils) with Burn = Some BurnVersion.latest }

                match Bincode.codec.Decode context (inputOf bytes) with
                | Error(RecordError.TooLarge _) -> ()
                | other -> failtest $"It was not refused: {other}"

                Expect.isLessThan watch.Elapsed.TotalSeconds 30.0 "before anyone loses patience")
        ]
