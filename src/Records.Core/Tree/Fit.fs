namespace Records.Core

/// Whether a record is one of a schema: what a format without names needs before it is written.
[<RequireQualifiedAccess>]
module Fit =

    let rec private differences schema record : RecordError list =
        let under name schema record =
            differences schema record |> List.map (RecordError.under name)

        let mismatch actual =
            [ RecordError.Mismatch([], Schema.describe schema, actual) ]

        let items schemas inner =
            List.zip schemas inner
            |> List.indexed
            |> List.collect (fun (index, (schema, item)) -> under (string index) schema item)

        match schema, record with
        | Schema.Maybe item, _
        | Schema.Renamed(_, item), _ -> differences item record
        | Schema.Option _, Record.Option None -> []
        | Schema.Option item, Record.Option(Some inner) -> differences item inner
        // a key that is not there, or nil, where the schema knows no option
        | _, Record.Option None -> [ RecordError.Missing([], Schema.describe schema) ]
        | Schema.Struct fields, Record.Struct inner ->
            let names = List.map fst fields
            let found = [ for field in inner -> field.Name ]

            if names = found then
                List.zip fields inner
                |> List.collect (fun ((name, schema), field) -> under name schema field.Value)
            else
                let listed (names: string list) = System.String.Join(", ", names)
                mismatch $"a struct of {listed found}"
        | Schema.List item, Record.List inner -> items (List.map (fun _ -> item) inner) inner
        | Schema.Array(item, count), Record.Array inner when inner.Length = count ->
            items (List.replicate count item) inner
        | Schema.Tuple schemas, Record.Tuple inner when inner.Length = schemas.Length -> items schemas inner
        | Schema.Map item, Record.Map entries ->
            entries |> List.collect (fun entry -> under entry.Name item entry.Value)
        | Schema.Enum variants, Record.Enum(index, case, payload) when
            index < variants.Length && fst variants[index] = case
            ->
            under case (snd variants[index]) payload
        | Schema.Param, Record.Param _
        | Schema.Tensor, Record.Tensor _
        | Schema.Constant _, Record.Constant _ -> []
        | Schema.Scalar _, Record.Scalar _ when Schema.ofRecord record = schema -> []
        | _ -> mismatch (Schema.describe (Schema.ofRecord record))

    /// Everything in which the record is not what the schema says, with its path.
    let problems schema record = differences schema record

    /// The error for a schema that has a place for so many of a file's tensors.
    let tooSmall kept count : RecordError =
        let reason =
            if count = 1 then
                "the schema has no place for the only tensor in the file"
            else
                $"the schema has a place for {kept} of the {count} tensors in the file"

        RecordError.Unsupported([], reason)
