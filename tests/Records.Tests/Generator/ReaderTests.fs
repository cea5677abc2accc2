module Records.Tests.Generator.ReaderTests

open System
open Expecto
open Records
open Records.Samples
open Records.Core

let private shape dims =
    match Shape.create dims with
    | Ok shape -> shape
    | Error error -> failwith (RecordError.message error)

let private param id dims =
    let data =
        {
            Dtype = Dtype.F32
            Shape = shape dims
            Bytes = Slice.ofMemory (ReadOnlyMemory(Array.zeroCreate<byte> 64))
        }

    Record.Param(ParamId.ParamId id, data)

let private fields items =
    Record.Struct(items |> List.map (fun (name, value) -> { Name = name; Value = value }))

let private some value = Record.Option(Some value)
let private none = Record.Option None
let private nil = Record.Constant Constant.Single

let private linear name =
    fields [ "weight", param (name + "w") [ 2L; 3L ]; "bias", some (param (name + "b") [ 3L ]) ]

let private faults (read: unit -> 'T) =
    try
        read () |> ignore
        []
    with :? RecordException as problem ->
        problem.Problems |> Seq.map (fun one -> one.Message) |> List.ofSeq

let private idOf (param: Records.Param | null) =
    match param with
    | null -> "null"
    | param -> string param.Id

let tests =
    testList
        "Reader"
        [
            testCase "fields are found by name, in any order, others are ignored" (fun () ->
                let record =
                    RecordReader.Read<LinearRecord>(
                        fields [ "extra", nil; "bias", some (param "b" [ 3L ]); "weight", param "w" [ 2L; 3L ] ]
                    )

                Expect.equal (idOf record.Weight, idOf record.Bias) ("w", "b") "")

            testCase "a lacking field and every nil read as null" (fun () ->
                for bias in [ []; [ "bias", none ]; [ "bias", nil ]; [ "bias", Record.Scalar Scalar.Unit ] ] do
                    let record = RecordReader.Read<LinearRecord>(fields ([ "weight", param "w" [ 1L ] ] @ bias))
                    Expect.equal (idOf record.Weight, idOf record.Bias) ("w", "null") "")

            testCase "an option may be written without its some, and a value with one" (fun () ->
                let record =
                    RecordReader.Read<LinearRecord>(
                        fields [ "weight", some (param "w" [ 1L ]); "bias", param "b" [ 1L ] ]
                    )

                Expect.equal (idOf record.Weight, idOf record.Bias) ("w", "b") "")

            testCase "all faults of kind are told with their paths" (fun () ->
                let record =
                    fields
                        [
                            "fc1", Record.List []
                            "fc2", fields [ "weight", fields []; "bias", some (Record.Scalar(Scalar.I32 1)) ]
                            "activation", linear "ignored"
                        ]

                Expect.equal
                    (faults (fun () -> RecordReader.Read<MlpRecord> record))
                    [
                        "'fc1' is a list, expected a struct."
                        "'fc2.weight' is a struct, expected a parameter."
                        "'fc2.bias' is a scalar, expected a parameter."
                    ]
                    "")

            testCase "a nil is no record" (fun () ->
                Expect.equal
                    (faults (fun () -> RecordReader.Read<MlpRecord> none))
                    [ "The record is missing, expected a record." ]
                    "")

            testCase "who wants the reader of a place keeps it" (fun () ->
                let tree payload =
                    fields
                        [
                            "first", fields [ "weight", param "a" [ 1L ] ]
                            "act", Record.Enum(0, "Dense", payload)
                            "second", fields [ "weight", param "b" [ 1L ] ]
                            "items", Record.Tuple [ param "c" [ 1L ]; param "d" [ 1L ] ]
                        ]

                let record = RecordReader.Read<KeptReaders>(tree (param "e" [ 1L ]))

                Expect.equal
                    [ for found in [ record.First; record.Second; record.Payload; record.Item ] -> idOf found ]
                    [ "a"; "b"; "e"; "d" ]
                    "each from its own place"

                Expect.equal
                    (faults (fun () -> RecordReader.Read<KeptReaders>(tree (Record.List []))))
                    [ "'act.Dense' is a list, expected a parameter." ]
                    "what is wrong in one")

            testCase "an unknown variant is told with those that are known" (fun () ->
                Expect.equal
                    (faults (fun () -> RecordReader.Read<ActRecord>(Record.Enum(0, "Tanh", nil))))
                    [ "The record is Tanh, expected Gelu or Relu or PReLU or Dense." ]
                    "")

            testCase "a variant may look like a struct of one field" (fun () ->
                match RecordReader.Read<ActRecord>(fields [ "Dense", linear "d" ]) with
                | :? ActRecord.Dense as dense ->
                    Expect.equal (dense.Value |> Unchecked.nonNull |> _.Weight |> idOf) "dw" ""
                | other -> failtest (string other))

            testCase "tuples and arrays have the length of their type" (fun () ->
                let record = fields [ "pair", Record.Tuple [ linear "a" ]; "heads", Record.Array [ linear "a" ] ]

                Expect.equal
                    (faults (fun () -> RecordReader.Read<NetRecord> record))
                    [ "'pair' is a list of 1, expected a list of 2."; "'heads' is a list of 1, expected a list of 2." ]
                    "")

            testCase "what is read is written again" (fun () ->
                let written = RecordWriter.Write(Net.Init().IntoRecord())
                let again = RecordWriter.Write(RecordReader.Read<NetRecord> written)
                let text record = sprintf "%O" record
                Expect.equal (text again) (text written) "")

            testCase "the tree is what the schema says" (fun () ->
                let rec fits (schema: Schema) (record: Record) =
                    match schema, record with
                    | Schema.Param, Record.Param _ -> true
                    | Schema.Struct expected, Record.Struct actual ->
                        List.length expected = List.length actual
                        && List.forall2
                            (fun (name, schema) (field: Field) -> name = field.Name && fits schema field.Value)
                            expected
                            actual
                    | Schema.List item, Record.List items -> List.forall (fits item) items
                    | Schema.Array(item, count), Record.Array items ->
                        items.Length = count && List.forall (fits item) items
                    | Schema.Tuple expected, Record.Tuple actual -> List.forall2 fits expected actual
                    | Schema.Option item, Record.Option value -> Option.forall (fits item) value
                    | Schema.Enum variants, Record.Enum(index, case, payload) ->
                        fst variants[index] = case && fits (snd variants[index]) payload
                    | Schema.Constant layout, Record.Constant parts -> constant layout parts
                    | _ -> false

                and constant layout parts =
                    match layout, parts with
                    | Constant.Single, Constant.Single -> true
                    | Constant.Fixed one, Constant.Fixed other -> List.forall2 constant one other
                    | Constant.Listed one, Constant.Listed other -> List.forall (constant one.Head) other
                    | Constant.Optional(Some one), Constant.Optional other -> Option.forall (constant one) other
                    | _ -> false

                let schema = NetRecord.Schema.At { Major = 0; Minor = 20; Patch = 0 }
                Expect.isTrue (fits schema (RecordWriter.Write(Net.Init().IntoRecord()))) "")

            testCase "a module says its older layouts, and one around it has them too" (fun () ->
                let at minor =
                    BlockRecord.Schema.At { Major = 0; Minor = minor; Patch = 0 }

                let block beta =
                    Schema.Struct [ "norm", Schema.Struct [ "gamma", Schema.Param; "beta", beta ] ]

                Expect.equal [ at 19; at 20 ] [ block Schema.Param; block (Schema.Option Schema.Param) ] "")

            testCase "a layout follows the Burn version" (fun () ->
                let schema =
                    RecordSchema.Versioned(
                        struct ("0.7", RecordSchema.Param),
                        struct ("0.20", RecordSchema.Option RecordSchema.Param)
                    )

                let at minor =
                    schema.At { Major = 0; Minor = minor; Patch = 1 }

                Expect.equal [ at 6; at 19; at 20 ] [ Schema.Param; Schema.Param; Schema.Option Schema.Param ] ""
                Expect.equal (schema.ToJson()) """{"option":"param"}""" "the newest")
        ]
