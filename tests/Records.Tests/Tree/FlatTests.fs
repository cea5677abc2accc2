module Records.Tests.Tree.FlatTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.Generators
open Records.Tests.Support

let private weight id values =
    parameter id (f32 [ int64 (List.length values) ] values)

let private names (flat: Flat) =
    [ for tensor in flat.Tensors -> tensor.Name ] @ List.map fst flat.Scalars

/// Samples whose flat form has each name once: names with dots may meet.
let private flatSamples = samples |> Arb.filter (fun sample -> (Flat.ofRecord sample.Record).IsOk)

let private model =
    structOf
        [
            "conv", structOf [ "weight", weight "0400000000000" [ 1f ]; "stride", Record.Constant Constant.Single ]
            "norm", Record.Option(Some(Record.Enum(1, "Batch", structOf [ "gamma", weight "0800000000000" [ 2f ] ])))
            "none", Record.Option None
            "pair", Record.Tuple [ weight "0c00000000000" [ 3f ]; Record.Constant Constant.Single ]
            "blocks",
            Record.Array
                [ structOf [ "w", weight "0g00000000000" [ 4f ] ]; structOf [ "w", weight "0k00000000000" [ 5f ] ] ]
            "layers", Record.List [ for index in 0..11 -> weight $"0{index % 10}00000000000" [ single index ] ]
            "map", Record.Map [ { Name = "k"; Value = structOf [ "t", Record.Tensor(f32 [ 1L ] [ 6f ]) ] } ]
            "epoch", Record.Scalar(Scalar.I32 7)
        ]

let private modelSchema =
    let struct' fields = Schema.Struct fields

    struct'
        [
            "conv", struct' [ "weight", Schema.Param; "stride", Schema.Constant Constant.Single ]
            "norm",
            Schema.Option(
                Schema.Enum [ "Layer", struct' [ "gamma", Schema.Param ]; "Batch", struct' [ "gamma", Schema.Param ] ]
            )
            "none", Schema.Option(struct' [ "w", Schema.Param ])
            "pair", Schema.Tuple [ Schema.Param; Schema.Constant Constant.Single ]
            "blocks", Schema.Array(struct' [ "w", Schema.Param ], 2)
            "layers", Schema.List Schema.Param
            "map", Schema.Map(struct' [ "t", Schema.Tensor ])
            "epoch", Schema.Scalar ScalarType.I32
        ]

let tests =
    testList
        "Flat"
        [
            testCase "paths are Burn's: variants by name, items by number, options without a level" (fun () ->
                let flat = ok (Flat.ofRecord model)

                Expect.equal
                    (names flat)
                    ([ "conv.weight"; "norm.Batch.gamma"; "pair.0"; "blocks.0.w"; "blocks.1.w" ]
                     @ [ for index in 0..11 -> $"layers.{index}" ]
                     @ [ "map.k.t"; "epoch" ])
                    "in the order of the record")

            testCase
                "with a schema the record comes back: lists, tuples, arrays, options, variants, maps, constants"
                (fun () ->
                    expectSame (ok (Flat.toSchema modelSchema (ok (Flat.ofRecord model)))) model "nothing is lost"
                    // whatever the order of the list
                    let flat = ok (Flat.ofRecord model)
                    let mixed = { flat with Tensors = List.sortBy _.Name flat.Tensors }
                    expectSame (ok (Flat.toSchema modelSchema mixed)) model "by names alone")

            testCase "a parameter without an id gets one of its name" (fun () ->
                let flat = ok (Flat.ofRecord model)
                let bare = { flat with Tensors = [ for tensor in flat.Tensors -> { tensor with Id = None } ] }
                let record = ok (Flat.toSchema modelSchema bare)

                match record with
                | Record.Struct({ Value = Record.Struct({ Value = Record.Param(id, _) } :: _) } :: _) ->
                    Expect.equal id (Flat.idOf "conv.weight") "the same each time"
                    Expect.isTrue (ParamId.isValid id) "and one that Burn reads"
                | _ -> failtest "There is no weight."

                let ids = Set.ofList [ for tensor in flat.Tensors -> Flat.idOf tensor.Name ]
                Expect.equal ids.Count flat.Tensors.Length "each has another"
                // in a record that has ids, those stay
                expectSame (ok (Flat.fill model bare)) model "filled")

            testCase "what the schema lacks comes last, what the list lacks is nil" (fun () ->
                let flat = ok (Flat.ofRecord model)
                let schema = Schema.Struct [ "conv", Schema.Struct [ "bias", Schema.Param ] ]

                match ok (Flat.toSchema schema flat) with
                | Record.Struct(conv :: rest) ->
                    expectSame conv.Value (structOf [ "bias", Record.Option None ]) "nil"
                    Expect.hasLength rest flat.Tensors.Length "all of them"
                    Expect.equal rest.Head.Name "conv.weight" "by their whole names"
                | _ -> failtest "A struct."

                error (Flat.toSchema (Schema.List Schema.Param) flat) |> ignore)

            testCase "a field is found under a name that it had before" (fun () ->
                let flat = ok (Flat.ofRecord (structOf [ "old", structOf [ "w", weight "0400000000000" [ 1f ] ] ]))

                let schema =
                    Schema.Struct [ "new", Schema.Renamed([ "older"; "old" ], Schema.Struct [ "w", Schema.Param ]) ]

                let expected = structOf [ "new", structOf [ "w", weight "0400000000000" [ 1f ] ] ]
                expectSame (ok (Flat.toSchema schema flat)) expected "under its new one"
                let both = ok (Flat.ofRecord (structOf [ "old", weight "a" [ 1f ]; "new", weight "b" [ 1f ] ]))
                let schema = Schema.Struct [ "new", Schema.Renamed([ "old" ], Schema.Param) ]
                error (Flat.toSchema schema both) |> ignore)

            testCase "a list reaches to its last item with a tensor, and no further than a sane one" (fun () ->
                let flat names =
                    {
                        Tensors = [ for name in names -> { Name = name; Id = None; Data = f32 [ 0L ] [] } ]
                        Scalars = []
                    }

                let schema = Schema.Struct [ "l", Schema.List(Schema.Option Schema.Param) ]

                match ok (Flat.toSchema schema (flat [ "l.2" ])) with
                | Record.Struct [ {
                                      Value = Record.List [ Record.Option None
                                                            Record.Option None
                                                            Record.Option(Some _) ]
                                  } ] -> ()
                | _ -> failtest "Two that are not there, and one."

                match ok (Flat.toSchema schema (flat [ "l.999999999" ])) with
                | Record.Struct [ { Value = Record.List [] }; { Name = "l.999999999" } ] -> ()
                | _ -> failtest "A name that is no item.")

            testCase "only a number as it is written is an item" (fun () ->
                let schema = Schema.Struct [ "l", Schema.List(Schema.Option Schema.Param) ]

                for name, items in
                    [
                        "0", 1
                        "10", 11
                        "65535", 65536
                        "65536", 0
                        "00", 0
                        "01", 0
                        "+1", 0
                        "-1", 0
                        "1x", 0
                        " 1", 0
                        "", 0
                    ] do
                    let tensor = { Name = "l." + name; Id = None; Data = f32 [ 0L ] [] }

                    match ok (Flat.toSchema schema { Tensors = [ tensor ]; Scalars = [] }) with
                    | Record.Struct({ Value = Record.List found } :: unused) ->
                        Expect.hasLength found items name
                        Expect.hasLength unused (if items = 0 then 1 else 0) name
                    | _ -> failtest name)

            testCase "a tensor and a number of one name are two" (fun () ->
                let flat =
                    {
                        Tensors =
                            [
                                { Name = "a"; Id = None; Data = f32 [ 1L ] [ 1f ] }
                                { Name = "b"; Id = None; Data = f32 [ 1L ] [ 2f ] }
                            ]
                        Scalars = [ "c", Scalar.U64 7UL; "a", Scalar.U64 5UL ]
                    }

                let read kind =
                    ok (Flat.toSchema (Schema.Struct [ "a", kind; "b", Schema.Tensor ]) flat)

                let tensor = { Name = "a"; Value = Record.Tensor flat.Tensors.Head.Data }
                let other = { Name = "b"; Value = Record.Tensor flat.Tensors[1].Data }
                expectSame (read Schema.Tensor) (Record.Struct [ tensor; other ]) "the tensor"
                let number = { Name = "a"; Value = Record.Scalar(Scalar.U64 5UL) }
                // the tensor has no place, and is not lost
                expectSame (read (Schema.Scalar ScalarType.U64)) (Record.Struct [ number; other; tensor ]) "the number")

            testCase "two variants at once are an error" (fun () ->
                let flat =
                    ok (
                        Flat.ofRecord (
                            structOf
                                [
                                    "norm",
                                    structOf
                                        [
                                            "Batch", structOf [ "gamma", weight "a" [ 1f ] ]
                                            "Layer", structOf [ "gamma", weight "b" [ 1f ] ]
                                        ]
                                ]
                        )
                    )

                Expect.stringContains
                    (RecordError.message (error (Flat.toSchema modelSchema flat)))
                    "Layer and Batch"
                    "both")

            testCase "names that would change the order stay whole" (fun () ->
                let flat names =
                    {
                        Tensors = [ for name in names -> { Name = name; Id = None; Data = f32 [ 0L ] [] } ]
                        Scalars = []
                    }

                let whole names =
                    match Flat.toRecord (flat names) with
                    | Record.Struct fields -> [ for field in fields -> field.Name ] = names
                    | _ -> false

                Expect.isTrue (whole [ "a.x"; "b"; "a.y" ]) "one inside the others"
                Expect.isTrue (whole [ "a"; "a.b" ]) "a name inside another"
                Expect.isTrue (whole [ String.replicate 200 "a." ]) "deep as no module is"
                Expect.isFalse (whole [ "a.x"; "a.y"; "b" ]) "in order"

                match Flat.toRecord (flat [ "0"; "1"; "2" ]) with
                | Record.List items -> Expect.hasLength items 3 "numbers from 0"
                | _ -> failtest "A list."

                match Flat.toRecord (flat [ "0"; "10"; "1" ]) with
                | Record.Struct _ -> ()
                | _ -> failtest "Numbers out of order are names.")

            testPropertyWithConfig config "what the names describe has the same list"
            <| Prop.forAll flatSamples (fun sample ->
                let flat = ok (Flat.ofRecord sample.Record)
                let again = ok (Flat.ofRecord (Flat.toRecord flat))

                names again |> List.sort = (names flat |> List.sort)
                && List.forall2
                    (fun (a: FlatTensor) (b: FlatTensor) ->
                        a.Name = b.Name
                        && a.Id = b.Id
                        && Record.same (Record.Tensor a.Data) (Record.Tensor b.Data))
                    again.Tensors
                    flat.Tensors)

            testPropertyWithConfig config "filled into its own structure a record is itself"
            <| Prop.forAll flatSamples (fun sample ->
                let flat = ok (Flat.ofRecord sample.Record)
                // with nothing of the record but its structure
                let empty =
                    sample.Record
                    |> Record.mapTensors (fun _ data -> { data with Bytes = memory [||]; Dtype = Dtype.U8 })

                expectSame (ok (Flat.fill empty flat)) sample.Record "filled")

            testPropertyWithConfig config "of its schema a record keeps every tensor, id and number"
            <| Prop.forAll flatSamples (fun sample ->
                let flat = ok (Flat.ofRecord sample.Record)

                // where names hold dots, only their author knows which of them are inside which
                let rec dotted record =
                    match record with
                    | Record.Option(Some item) -> dotted item
                    | _ ->
                        Record.children record
                        |> List.exists (fun (name, item) -> name.Contains '.' || dotted item)

                if not (dotted sample.Record) then
                    let again = ok (Flat.ofRecord (ok (Flat.toSchema sample.Schema flat)))

                    let ids (flat: Flat) =
                        [ for tensor in flat.Tensors -> tensor.Name, tensor.Id ]

                    Expect.equal (ids again) (ids flat) "the tensors in their order, with their ids"
                    Expect.equal (List.sort (names again)) (List.sort (names flat)) "the numbers too"
                    expectSame (ok (Flat.fill sample.Record again)) sample.Record "with the structure of the module")
        ]
