namespace Records.Core

open System

/// A record in the shape that another Burn gave it: layers grew and lost fields from one version to the next.
[<RequireQualifiedAccess>]
module Conform =

    // What a constant is made of, in the words of a constant.
    let rec private layout record =
        match record with
        | Record.Constant parts -> parts
        | Record.Option item -> Constant.Optional(Option.map layout item)
        | Record.List items -> Constant.Listed(List.map layout items)
        | Record.Array items
        | Record.Tuple items -> Constant.Fixed(List.map layout items)
        | _ -> Constant.Single

    /// What is there when nothing of it is known: None where it needs a value.
    let rec private blank schema =
        match schema with
        | Schema.Maybe schema
        | Schema.Renamed(_, schema) -> blank schema
        | Schema.Constant parts -> Some(Record.Constant parts)
        | Schema.Option _ -> Some(Record.Option None)
        | Schema.Struct fields ->
            let inner = [ for name, schema in fields -> name, blank schema ]

            if inner |> List.forall (snd >> Option.isSome) then
                Some(Record.Struct [ for name, value in inner -> { Name = name; Value = Option.get value } ])
            else
                None
        | _ -> None

    let rec private sameNames (members: (string * Schema) list) (fields: Field list) =
        match members, fields with
        | (name, _) :: members, field :: fields -> name = field.Name && sameNames members fields
        | [], [] -> true
        | _ -> false

    /// The record itself where nothing in it is another.
    let inline private shared record make ([<InlineIfLambda>] change: int -> 'T -> 'T) inner =
        Record.mapShared change inner |> Record.rebuilt record inner make

    let rec private conform schema record : Record =
        match schema, record with
        | Schema.Maybe schema, _
        | Schema.Renamed(_, schema), _ -> conform schema record
        // a value that was optional, or became so
        | Schema.Option _, Record.Option None -> record
        | Schema.Option item, Record.Option(Some inner) ->
            conform item inner |> Record.rebuilt record inner (Some >> Record.Option)
        | Schema.Option _, Record.Constant(Constant.Optional None) -> Record.Option None
        | Schema.Option item, Record.Constant(Constant.Optional(Some parts)) ->
            Record.Option(Some(conform item (Record.Constant parts)))
        | Schema.Option item, _ -> Record.Option(Some(conform item record))
        | Schema.Constant(Constant.Optional _), Record.Option _ when Record.countTensors record = 0 ->
            Record.Constant(layout record)
        | _, Record.Option(Some inner) -> conform schema inner
        // a constant that was a module without tensors, or became one
        | Schema.Struct _, Record.Constant _ -> blank schema |> Option.defaultValue record
        // a module that was the only field of another, or became it
        | Schema.Struct [ name, (Schema.Struct _ as held) ], Record.Struct inner when
            not (inner |> List.exists (fun field -> field.Name = name))
            ->
            Record.Struct [ { Name = name; Value = under name held record } ]
        | Schema.Struct fields, Record.Struct [ { Name = name; Value = Record.Struct _ as held } ] when
            not (fields |> List.exists (fst >> (=) name))
            ->
            under name schema held
        | Schema.Struct members, Record.Struct inner when sameNames members inner ->
            let rest = ref members

            let next () =
                let schema = snd (List.head rest.Value)
                rest.Value <- List.tail rest.Value
                schema

            shared record Record.Struct (fun _ field -> value (next ()) field) inner
        | Schema.Struct fields, Record.Struct inner ->
            let known = set (List.map fst fields)

            for extra in inner do
                if not (known.Contains extra.Name) && not (Record.countTensors extra.Value = 0) then
                    let reason = "that version has no such field, and it holds tensors"
                    RecordError.raise (RecordError.Unsupported([ extra.Name ], reason))

            Record.Struct
                [
                    for name, schema in fields ->
                        match inner |> List.tryFind (fun field -> field.Name = name) with
                        | Some field -> { field with Value = under name schema field.Value }
                        | None ->
                            match blank schema with
                            | Some value -> { Name = name; Value = value }
                            | None -> RecordError.raise (RecordError.Missing([ name ], Schema.describe schema))
                ]
        | Schema.List schema, Record.List inner ->
            shared record Record.List (fun index inner -> item schema index inner) inner
        | Schema.Array(schema, count), Record.Array inner when inner.Length = count ->
            shared record Record.Array (fun index inner -> item schema index inner) inner
        | Schema.Tuple schemas, Record.Tuple inner when inner.Length = schemas.Length ->
            let schemas = Array.ofList schemas
            shared record Record.Tuple (fun index inner -> item schemas[index] index inner) inner
        | Schema.Map schema, Record.Map entries -> shared record Record.Map (fun _ field -> value schema field) entries
        | Schema.Enum variants, Record.Enum(index, case, payload) ->
            match List.tryFindIndex (fst >> (=) case) variants with
            | Some place ->
                match under case (snd variants[place]) payload with
                | same when place = index && obj.ReferenceEquals(same, payload) -> record
                | other -> Record.Enum(place, case, other)
            | None -> RecordError.raise (RecordError.Unsupported([], $"that version has no variant {case}"))
        | Schema.Constant Constant.Single, Record.Constant Constant.Single -> record
        | Schema.Constant Constant.Single, _ when Record.countTensors record = 0 -> Record.Constant Constant.Single
        // what it is made of was not known
        | Schema.Constant parts, Record.Constant Constant.Single -> Record.Constant parts
        | Schema.Constant _, Record.Constant _ -> record
        | Schema.Constant parts, _ when Record.countTensors record = 0 -> Record.Constant parts
        // what does not fit stays as it is: the schema is the record's own, and readers will say more than we can here
        | _ -> record

    and private under name schema record =
        try
            conform schema record
        with RecordFault error ->
            RecordError.raise (RecordError.under name error)

    // the name is made where something is wrong: there may be very many
    and private item schema (index: int) record =
        try
            conform schema record
        with RecordFault error ->
            RecordError.raise (RecordError.under (string index) error)

    and private value schema (field: Field) =
        under field.Name schema field.Value
        |> Record.rebuilt field field.Value (fun other -> { field with Value = other })

    /// The record as this schema has it: fields by name, options put on or taken off, variants by their number there.
    /// Fails when a tensor would be lost, or a variant is not known.
    let toSchema schema record : Result<Record, RecordError> =
        RecordError.catch (fun () -> conform schema record)
