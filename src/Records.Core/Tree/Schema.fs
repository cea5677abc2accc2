namespace Records.Core

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Schema =

    let private scalar value =
        match value with
        | Scalar.Unit -> ScalarType.Unit
        | Scalar.Bool _ -> ScalarType.Bool
        | Scalar.Text _ -> ScalarType.Text
        | Scalar.F64 _ -> ScalarType.F64
        | Scalar.F32 _ -> ScalarType.F32
        | Scalar.F16 _ -> ScalarType.F16
        | Scalar.BF16 _ -> ScalarType.BF16
        | Scalar.I64 _ -> ScalarType.I64
        | Scalar.I32 _ -> ScalarType.I32
        | Scalar.I16 _ -> ScalarType.I16
        | Scalar.I8 _ -> ScalarType.I8
        | Scalar.U64 _ -> ScalarType.U64
        | Scalar.U32 _ -> ScalarType.U32
        | Scalar.U16 _ -> ScalarType.U16
        | Scalar.U8 _ -> ScalarType.U8

    // The schema that two items of one list share: what one of them does not show, the other may.
    let rec private merge left right =
        let pairs = List.map2 (fun (name, left) (_, right) -> name, merge left right)
        let sameNames left right = List.map fst left = List.map fst right

        match left, right with
        | Schema.Struct left, Schema.Struct right when sameNames left right -> Schema.Struct(pairs left right)
        | Schema.List left, Schema.List right -> Schema.List(merge left right)
        | Schema.Map left, Schema.Map right -> Schema.Map(merge left right)
        | Schema.Option left, Schema.Option right -> Schema.Option(merge left right)
        | Schema.Array(left, count), Schema.Array(right, other) when count = other ->
            Schema.Array(merge left right, count)
        | Schema.Tuple left, Schema.Tuple right when left.Length = right.Length ->
            Schema.Tuple(List.map2 merge left right)
        | Schema.Enum left, Schema.Enum right ->
            let rec zip left right =
                match left, right with
                | [], rest
                | rest, [] -> rest
                // a variant that was not seen is nameless
                | ("", _) :: left, seen :: right
                | seen :: left, ("", _) :: right -> seen :: zip left right
                | (name, a) :: left, (_, b) :: right -> (name, merge a b) :: zip left right

            Schema.Enum(zip left right)
        | Schema.Constant(Constant.Single), other
        | other, Schema.Constant(Constant.Single) -> other
        | left, _ -> left

    // Nothing is known of an item that is not there.
    let private unseen = Schema.Constant Constant.Single

    /// The schema that this very record has: enough to read it back. Items that are not there leave no trace of their type.
    let rec ofRecord record =
        let items inner =
            match List.map ofRecord inner with
            | [] -> unseen
            | first :: rest -> List.fold merge first rest

        match record with
        | Record.Struct fields -> Schema.Struct [ for field in fields -> field.Name, ofRecord field.Value ]
        | Record.Map entries -> Schema.Map(items [ for entry in entries -> entry.Value ])
        | Record.List inner -> Schema.List(items inner)
        | Record.Array inner -> Schema.Array(items inner, List.length inner)
        | Record.Tuple inner -> Schema.Tuple(List.map ofRecord inner)
        | Record.Option None -> Schema.Option unseen
        | Record.Option(Some inner) -> Schema.Option(ofRecord inner)
        | Record.Enum(index, case, payload) ->
            Schema.Enum [ for place in 0..index -> if place = index then case, ofRecord payload else "", unseen ]
        | Record.Param _ -> Schema.Param
        | Record.Tensor _ -> Schema.Tensor
        | Record.Scalar value -> Schema.Scalar(scalar value)
        | Record.Constant parts -> Schema.Constant parts

    /// What a record of this schema is called in messages.
    let rec describe schema =
        match schema with
        | Schema.Struct _ -> "a struct"
        | Schema.List _ -> "a list"
        | Schema.Array(_, count) -> $"an array of {count}"
        | Schema.Tuple items -> $"a tuple of {items.Length}"
        | Schema.Option _ -> "an option"
        | Schema.Enum variants -> "one of " + System.String.Join(", ", List.map fst variants)
        | Schema.Map _ -> "a map"
        | Schema.Param -> "a parameter"
        | Schema.Tensor -> "a tensor"
        | Schema.Scalar kind -> CaseName.of' kind
        | Schema.Constant _ -> "a constant"
        | Schema.Maybe item
        | Schema.Renamed(_, item) -> describe item

    /// The schema itself, where a field has had other names.
    let internal item schema =
        match schema with
        | Schema.Renamed(_, item) -> item
        | schema -> schema

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Schemas =

    /// The schemas of a file with this annex, which is looked for only where it says something.
    let at (annex: Lazy<Map<string, string>>) schemas : Result<BurnVersion -> Schema, RecordError> =
        match schemas with
        | Schemas.Fixed byBurn -> Ok byBurn
        | Schemas.Versioned byAnnex -> byAnnex annex.Value
