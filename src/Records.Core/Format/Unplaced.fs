namespace Records.Core

/// Tensors of a value that describes itself for which a schema has no place.
[<RequireQualifiedAccess>]
module internal Unplaced =

    /// All parameters and tensors in a value, with their paths from the inside out.
    let rec private leaves path value : (RecordPath * Value) list =
        match value with
        | Value.Tensor _
        | Value.Param _ -> [ path, value ]
        | Value.Map entries when Elements.looksLike entries || Elements.looksLikeParam entries -> [ path, value ]
        | Value.Map entries ->
            [
                for struct (name, inner) in entries do
                    yield! leaves (name :: path) inner
            ]
        | Value.Seq items ->
            [
                for index, inner in Array.indexed items do
                    yield! leaves (string index :: path) inner
            ]
        | _ -> []

    let rec private walk schema path value =
        let items schemas inner =
            [
                for index, (schema, item) in Seq.indexed (Seq.zip schemas inner) do
                    yield! walk schema (string index :: path) item
            ]

        match schema, value with
        | Schema.Maybe schema, _
        | Schema.Renamed(_, schema), _
        | Schema.Option schema, _ -> walk schema path value
        | (Schema.Struct _ | Schema.Map _), (Value.Tensor _ | Value.Param _) -> walk schema path (Value.spelled value)
        | Schema.Struct fields, Value.Map entries ->
            [
                for struct (name, inner) in entries do
                    match fields |> List.tryFind (fun field -> isNamed name field) with
                    | Some(_, schema) -> yield! walk schema (name :: path) inner
                    | None -> yield! leaves (name :: path) inner
            ]
        | Schema.Struct fields, Value.Seq inner when inner.Length = fields.Length -> items (Seq.map snd fields) inner
        | (Schema.List schema | Schema.Array(schema, _)), Value.Seq inner ->
            items (Seq.replicate inner.Length schema) inner
        | Schema.Tuple schemas, Value.Seq inner -> items schemas inner
        | Schema.Map schema, Value.Map entries ->
            [
                for struct (name, inner) in entries do
                    yield! walk schema (name :: path) inner
            ]
        | Schema.Enum variants, Value.Map [| _ |] ->
            let name, payload = Variants.raise (List.map fst variants) (Schema.describe schema) value

            match List.tryFind (fst >> (=) name) variants, payload with
            | Some(_, schema), ValueSome payload -> walk schema (name :: path) payload
            | _ -> []
        | (Schema.Param | Schema.Tensor), _ -> []
        | _ -> leaves path value

    and private isNamed name (known, schema) =
        known = name
        || match schema with
           | Schema.Renamed(former, _) -> List.contains name former
           | _ -> false

    /// Each with its path: a parameter or a tensor.
    let find schema value : (RecordPath * Value) list =
        [ for path, leaf in walk schema [] value -> List.rev path, leaf ]
