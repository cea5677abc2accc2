/// Random records and documents, as anything that has a type can be: lists hold items of one schema.
module Records.Tests.Generators

open System
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.LeafGenerators

/// A record and its schema, which knows what the record does not show: other variants, items that are not there.
type Sample = { Schema: Schema; Record: Record }

// ---- schemas, and records of them

/// Constants of every layout. A list's items are alike, and a schema that came from a record has as many as it.
let rec private constant depth =
    if depth = 0 then
        Gen.constant Constant.Single
    else
        let inner = constant (depth - 1)

        Gen.frequency
            [
                4, Gen.constant Constant.Single
                2,
                Gen.choose (0, 3)
                |> Gen.bind (fun count -> Gen.listOfLength count inner)
                |> Gen.map Constant.Fixed
                1, Gen.map2 (fun count item -> Constant.Listed(List.replicate count item)) (Gen.choose (0, 3)) inner
                2, Gen.map (Some >> Constant.Optional) inner
                1, Gen.constant (Constant.Optional None)
            ]

let rec private schema depth =
    let leaves =
        [
            6, Gen.constant Schema.Param
            2, Gen.constant Schema.Tensor
            4, Gen.elements scalarTypes |> Gen.map Schema.Scalar
            2, constant 2 |> Gen.map Schema.Constant
        ]

    if depth = 0 then
        Gen.frequency leaves
    else
        let inner = schema (depth - 1)

        let several = Gen.choose (0, 4) |> Gen.bind (fun count -> Gen.listOfLength count inner)

        let optional =
            // An option around something that may be nil itself is nil either way in MessagePack and JSON:
            // Some None, Some constant and Some () are what None is, in Burn too.
            inner
            |> Gen.filter (function
                | Schema.Option _
                | Schema.Constant _
                | Schema.Scalar ScalarType.Unit -> false
                | _ -> true)

        let named items =
            distinctNames (List.length items) |> Gen.map (fun names -> List.zip names items)

        Gen.frequency (
            leaves
            @ [
                8, Gen.bind named several |> Gen.map Schema.Struct
                2, Gen.map Schema.List inner
                1, Gen.map2 (fun item count -> Schema.Array(item, count)) inner (Gen.choose (0, 3))
                2, Gen.map Schema.Tuple several
                3, Gen.map Schema.Option optional
                2,
                several
                |> Gen.filter (List.isEmpty >> not)
                // a variant has a name
                |> Gen.bind named
                |> Gen.map (
                    List.map (fun (name, item) -> (if name = "" then "Empty" else name), item)
                    >> Schema.Enum
                )
                1, Gen.map Schema.Map inner
            ]
        )

/// A record of this schema. Finite: no NaN or infinity among its scalars, which JSON cannot hold.
let rec recordOf finite dtypes schema =
    let several count item =
        Gen.listOfLength count (recordOf finite dtypes item)

    let rec all schemas =
        match schemas with
        | [] -> Gen.constant []
        | first :: rest -> Gen.map2 (fun item items -> item :: items) (recordOf finite dtypes first) (all rest)

    let fields names values =
        [ for name, value in List.zip names values -> { Name = name; Value = value } ]

    match schema with
    | Schema.Struct inner ->
        all (List.map snd inner)
        |> Gen.map (fields (List.map fst inner) >> Record.Struct)
    | Schema.List item ->
        Gen.choose (0, 3)
        |> Gen.bind (fun count -> several count item)
        |> Gen.map Record.List
    | Schema.Array(item, count) -> several count item |> Gen.map Record.Array
    | Schema.Tuple items -> all items |> Gen.map Record.Tuple
    | Schema.Option item ->
        Gen.frequency
            [
                1, Gen.constant (Record.Option None)
                2, Gen.map (Some >> Record.Option) (recordOf finite dtypes item)
            ]
    | Schema.Enum variants ->
        gen {
            let! index = Gen.choose (0, variants.Length - 1)
            let! payload = recordOf finite dtypes (snd variants[index])
            return Record.Enum(index, fst variants[index], payload)
        }
    | Schema.Map item ->
        gen {
            let! count = Gen.choose (0, 3)
            let! names = distinctNames count
            let! values = several count item
            return Record.Map(fields names values)
        }
    | Schema.Param -> Gen.map2 (fun id data -> Record.Param(id, data)) paramId (tensorIn dtypes)
    | Schema.Tensor -> Gen.map Record.Tensor (tensorIn dtypes)
    | Schema.Scalar kind -> Gen.map Record.Scalar (scalar finite kind)
    | Schema.Constant parts -> Gen.constant (Record.Constant parts)
    | Schema.Maybe item
    | Schema.Renamed(_, item) -> recordOf finite dtypes item

/// True when the record is one of this schema.
let rec conforms schema record =
    let fields = List.forall (fun ((schema, value): Schema * Record) -> conforms schema value)

    match schema, record with
    | Schema.Struct schemas, Record.Struct inner ->
        List.map fst schemas = [ for field in inner -> field.Name ]
        && fields (List.zip (List.map snd schemas) [ for field in inner -> field.Value ])
    | Schema.List item, Record.List inner -> List.forall (conforms item) inner
    | Schema.Array(item, count), Record.Array inner -> count = inner.Length && List.forall (conforms item) inner
    | Schema.Tuple schemas, Record.Tuple inner -> schemas.Length = inner.Length && fields (List.zip schemas inner)
    | Schema.Option _, Record.Option None -> true
    | Schema.Option item, Record.Option(Some inner) -> conforms item inner
    | Schema.Enum variants, Record.Enum(index, case, payload) ->
        index < variants.Length
        && fst variants[index] = case
        && conforms (snd variants[index]) payload
    | Schema.Map item, Record.Map entries -> entries |> List.forall (fun entry -> conforms item entry.Value)
    | Schema.Param, Record.Param _
    | Schema.Tensor, Record.Tensor _ -> true
    | Schema.Scalar _, Record.Scalar _ -> Schema.ofRecord record = schema
    | Schema.Constant parts, Record.Constant other -> parts = other
    | _ -> false

// ---- shrinking: smaller records that still are of one schema

let private emptied (data: TensorData) =
    Support.ok (TensorData.create data.Dtype (Support.shapeOf [ 0L ]) (Support.memory [||]))

let rec private smaller record : seq<Record> =
    let without items =
        seq { for index in 0 .. List.length items - 1 -> List.removeAt index items }

    let within items =
        seq {
            for index, item in List.indexed items do
                for item in smaller item do
                    yield List.updateAt index item items
        }

    let fields (inner: Field list) =
        seq {
            yield! without inner

            for index, field in List.indexed inner do
                if field.Name.Length > 1 then
                    let name = string (char (int 'a' + index))

                    if inner |> List.forall (fun other -> other.Name <> name) then
                        yield List.updateAt index { field with Name = name } inner

                for value in smaller field.Value do
                    yield List.updateAt index { field with Value = value } inner
        }

    let tensors make data =
        seq {
            if (Shape.dims data.Shape <> [ 0L ]) then
                yield make (emptied data)

            if data.Dtype <> Dtype.U8 then
                yield make (emptied { data with Dtype = Dtype.U8 })
        }

    seq {
        // any part alone is a record too
        for _, child in Record.children record do
            yield child

        match record with
        | Record.Struct inner -> yield! Seq.map Record.Struct (fields inner)
        | Record.Map inner -> yield! Seq.map Record.Map (fields inner)
        | Record.List inner ->
            yield! Seq.map Record.List (without inner)
            yield! Seq.map Record.List (within inner)
        | Record.Array inner ->
            yield! Seq.map Record.Array (without inner)
            yield! Seq.map Record.Array (within inner)
        | Record.Tuple inner ->
            yield! Seq.map Record.Tuple (without inner)
            yield! Seq.map Record.Tuple (within inner)
        | Record.Option(Some inner) ->
            yield Record.Option None

            for item in smaller inner do
                match item with
                | Record.Option _
                | Record.Constant _
                | Record.Scalar Scalar.Unit -> ()
                | item -> yield Record.Option(Some item)
        | Record.Enum(index, case, payload) ->
            if index > 0 then
                yield Record.Enum(0, case, payload)

            for payload in smaller payload do
                yield Record.Enum(index, case, payload)
        | Record.Param(id, data) -> yield! tensors (fun data -> Record.Param(id, data)) data
        | Record.Tensor data -> yield! tensors Record.Tensor data
        | Record.Scalar(Scalar.Text text) when text.Length > 1 ->
            yield Record.Scalar(Scalar.Text(text.Substring(0, text.Length / 2)))
            yield Record.Scalar(Scalar.Text(text.Substring(text.Length / 2)))
        | Record.Constant Constant.Single
        | Record.Option None
        | Record.Scalar _ -> ()
        | Record.Constant _ -> yield Record.Constant Constant.Single
    }

let private wellFormed (text: string) =
    text |> Seq.forall (fun letter -> not (Char.IsSurrogate letter)) || text = "🔥"

let rec private texts record =
    match record with
    | Record.Scalar(Scalar.Text text) -> wellFormed text
    | _ -> Record.children record |> List.forall (snd >> texts)

let shrink (sample: Sample) =
    seq {
        for record in smaller sample.Record do
            let schema = Schema.ofRecord record

            if conforms schema record && texts record then
                { Schema = schema; Record = record }
    }

// ---- what tests ask for

/// Records of every kind, with tensors of these dtypes; finite without NaN and infinity among their scalars.
let sampleWith finite dtypes =
    Gen.choose (0, 4)
    |> Gen.bind schema
    |> Gen.bind (fun schema ->
        recordOf finite dtypes schema
        |> Gen.map (fun record -> { Schema = schema; Record = record }))

/// Records of every kind.
let sample = sampleWith false dtype

/// Records that JSON can hold.
let finiteSample = sampleWith true dtype

/// Metadata with the fields that formats have a place for, and what is written beside a record.
let metadata =
    gen {
        let! values = Gen.listOfLength 5 text
        let! version = Gen.elements [ "0.21.0"; "0.20.1"; "0.19.0"; "0.17.0-pre.1"; ""; "x" ]
        return Map(List.zip Burn.metadataFields values) |> Map.add "version" version
    }

let annex =
    gen {
        let! count = Gen.choose (0, 3)
        let! names = distinctNames count
        let! values = Gen.listOfLength count text
        return Map(List.zip names values)
    }

let samples = Arb.fromGenShrink (sample, shrink)
let finiteSamples = Arb.fromGenShrink (finiteSample, shrink)

/// So many cases for each law; more where time is cheap.
let config =
    let cases =
        if Environment.GetEnvironmentVariable "CI" = "true" then
            1000
        else
            200

    { Expecto.FsCheckConfig.defaultConfig with maxTest = cases; endSize = 30 }
