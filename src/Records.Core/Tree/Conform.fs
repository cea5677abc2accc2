namespace Records.Core

/// A record in the shape that another Burn gave it: layers grew and lost fields from one version to the next.
[<RequireQualifiedAccess>]
module Conform =

    let rec private conform schema record : Record =
        let under name schema record =
            try
                conform schema record
            with RecordFault error ->
                RecordError.raise (RecordError.under name error)

        let items schemas inner =
            List.zip schemas inner
            |> List.mapi (fun index (schema, item) -> under (string index) schema item)

        match schema, record with
        | Schema.Maybe schema, _
        | Schema.Renamed(_, schema), _ -> conform schema record
        // a value that was optional, or became so
        | Schema.Option _, Record.Option None -> record
        | Schema.Option item, Record.Option(Some inner) -> Record.Option(Some(conform item inner))
        | Schema.Option item, _ -> Record.Option(Some(conform item record))
        | _, Record.Option(Some inner) -> conform schema inner
        | Schema.Struct fields, Record.Struct inner ->
            let known = set (List.map fst fields)

            for extra in inner do
                if
                    not (known.Contains extra.Name)
                    && not (Seq.isEmpty (Record.tensors extra.Value))
                then
                    let reason = "that version has no such field, and it holds tensors"
                    RecordError.raise (RecordError.Unsupported([ extra.Name ], reason))

            Record.Struct
                [
                    for name, schema in fields ->
                        match inner |> List.tryFind (fun field -> field.Name = name), Schema.item schema with
                        | Some field, _ -> { field with Value = under name schema field.Value }
                        | None, Schema.Constant parts -> { Name = name; Value = Record.Constant parts }
                        | None, Schema.Option _ -> { Name = name; Value = Record.Option None }
                        | None, _ -> RecordError.raise (RecordError.Missing([ name ], Schema.describe schema))
                ]
        | Schema.List item, Record.List inner -> Record.List(items (List.map (fun _ -> item) inner) inner)
        | Schema.Array(item, count), Record.Array inner when inner.Length = count ->
            Record.Array(items (List.replicate count item) inner)
        | Schema.Tuple schemas, Record.Tuple inner when inner.Length = schemas.Length ->
            Record.Tuple(items schemas inner)
        | Schema.Map item, Record.Map entries ->
            Record.Map [ for entry in entries -> { entry with Value = under entry.Name item entry.Value } ]
        | Schema.Enum variants, Record.Enum(_, case, payload) ->
            match List.tryFindIndex (fst >> (=) case) variants with
            | Some index -> Record.Enum(index, case, under case (snd variants[index]) payload)
            | None -> RecordError.raise (RecordError.Unsupported([], $"that version has no variant {case}"))
        | Schema.Constant(Constant.Single), _ when Seq.isEmpty (Record.tensors record) ->
            Record.Constant Constant.Single
        | Schema.Constant _, Record.Constant _ -> record
        | Schema.Constant parts, _ when Seq.isEmpty (Record.tensors record) -> Record.Constant parts
        // what does not fit stays as it is: the schema is the record's own, and readers will say more than we can here
        | _ -> record

    /// The record as this schema has it: fields by name, options put on or taken off, variants by their number there.
    /// Fails when a tensor would be lost, or a variant is not known.
    let toSchema schema record : Result<Record, RecordError> =
        RecordError.catch (fun () -> conform schema record)
