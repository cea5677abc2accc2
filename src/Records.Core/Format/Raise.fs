namespace Records.Core

open System

/// serde's values as records again, with the schema's help where there is one.
[<RequireQualifiedAccess>]
module internal Raise =

    let mismatch expected value : 'T =
        RecordError.raise (RecordError.Mismatch([], expected, Value.describe value))

    let lookup (entries: Entry[]) name =
        let mutable found = ValueNone
        let mutable index = 0

        while found.IsNone && index < entries.Length do
            let struct (key, value) = entries[index]

            if String.Equals(key, name) then
                found <- ValueSome value

            index <- index + 1

        found

    let twice name : 'T =
        RecordError.raise (RecordError.Unexpected([ name ], "there a second time"))

    /// Fields by name from a map, or in order from a list: serde takes either for a struct.
    [<Struct; RequireQualifiedAccess; NoEquality; NoComparison>]
    type private Fields =
        | Named of Entries: Entry[]
        | Listed of Items: Value[]

    let private fieldsOf count value =
        match value with
        | Value.Struct entries
        | Value.Map entries -> ValueSome(Fields.Named entries)
        | Value.Seq items
        | Value.Tuple items when items.Length = count -> ValueSome(Fields.Listed items)
        | _ -> ValueNone

    /// Two names of one field, or one name twice.
    let private ambiguous entries name former : 'T =
        let found =
            entries
            |> Array.map Value.nameOf
            |> Array.filter (fun key -> List.contains key (name :: former))
            |> Array.distinct

        match found with
        | [| name |] -> twice name
        | found ->
            let older = found |> Array.find ((<>) name)
            RecordError.raise (RecordError.Unexpected([ older ], $"there besides '{name}', its newer name"))

    /// The field at this place that has this name, or had one of those. A field twice is an error.
    let private field fields index (name: string) former =
        match fields with
        | Fields.Listed items -> ValueSome items[index]
        | Fields.Named entries ->
            let mutable found = ValueNone

            for struct (key, value) in entries do
                if
                    String.Equals(key, name)
                    || not (List.isEmpty former) && List.contains key former
                then
                    if found.IsSome then
                        ambiguous entries name former

                    found <- ValueSome value

            found

    /// What all values of a file are read with.
    [<NoEquality; NoComparison>]
    type Given = { Limits: Limits; Settings: Settings }

    let private raiseTensor given value =
        Elements.raise given.Limits given.Settings value

    let private noParam value : 'T =
        mismatch "a parameter with an id and a tensor" value

    let private raiseParam given value =
        match value, fieldsOf 2 value with
        | Value.Param(id, data), _ -> Record.Param(ParamId id, data)
        | _, ValueSome fields ->
            match field fields 0 "id" [], field fields 1 "param" [] with
            | ValueSome(Value.Scalar(Scalar.Text id)), ValueSome tensor ->
                Record.Param(ParamId id, raiseTensor given tensor)
            | _ -> noParam value
        | _, ValueNone -> noParam value

    /// A row of numbers one by one, and a tensor's fields, where the schema asks for them.
    let private unpacked schema value =
        match schema, value with
        | (Schema.List _ | Schema.Array _ | Schema.Tuple _ | Schema.Struct _), Value.Packed(kind, slice) ->
            Value.Seq(Packed.scalars kind slice |> Array.map Value.Scalar)
        // those of a tensor that was none, and is spelled
        | (Schema.List _ | Schema.Array _ | Schema.Tuple _), Value.Bytes slice ->
            Value.Seq(Packed.scalars ScalarType.U8 slice |> Array.map Value.Scalar)
        | (Schema.Struct _ | Schema.Map _), (Value.Tensor _ | Value.Param _) -> Value.spelled value
        | _ -> value

    /// What a constant was made of, as far as the file shows it; what the schema says otherwise. Whether an optional one
    /// was there is shown only where options are told from nil and parts from a single none.
    let rec private raiseConstant options parts value =
        match parts, value with
        | Constant.Fixed parts, (Value.Tuple items | Value.Seq items) when parts.Length = items.Length ->
            Constant.Fixed(List.map2 (raiseConstant options) parts (List.ofArray items))
        | Constant.Listed(item :: _), Value.Seq items ->
            Constant.Listed [ for value in items -> raiseConstant options item value ]
        | Constant.Optional(Some item), Value.Present value -> Constant.Optional(Some(raiseConstant options item value))
        | Constant.Optional(Some item), (Value.Seq _ | Value.Tuple _) ->
            Constant.Optional(Some(raiseConstant options item value))
        | Constant.Optional _, Value.Absent when options -> Constant.Optional None
        | _ -> parts

    let private nothing = Record.Constant Constant.Single

    /// A value as a record of this schema. A key that is not there counts as nil; nil where a value should be becomes Option None.
    /// Options is true where the file tells an optional constant that is there from one that is not.
    let raiseAs given options schema value =
        let rec raise schema value =
            let value = unpacked schema value

            match schema, value with
            | Schema.Maybe seen, Value.Chosen(index, value) ->
                raiseReading (List.item index (Maybe.readings seen)) value
            | Schema.Maybe seen, _ -> raise seen value
            | Schema.Renamed(_, item), _ -> raise item value
            // most are this, and there are many
            | Schema.Constant Constant.Single, _ -> nothing
            | Schema.Constant parts, _ -> Record.Constant(raiseConstant options parts value)
            | Schema.Scalar kind, (Value.Absent | Value.Scalar _ | Value.Marker | Value.Seq [||])
            | Schema.Option(Schema.Scalar kind), Value.Scalar _ ->
                match schema, kind, value with
                | Schema.Scalar ScalarType.Unit, _, _ -> Record.Scalar(RaiseScalar.raise kind value)
                | Schema.Scalar _, (ScalarType.F32 | ScalarType.F64), Value.Absent
                | Schema.Scalar _, _, _ -> Record.Scalar(RaiseScalar.raise kind value)
                | _ -> Record.Option(Some(Record.Scalar(RaiseScalar.raise kind value)))
            | Schema.Option item, Value.Present value -> Record.Option(Some(raise item value))
            | Schema.Option _, Value.Absent
            | _, Value.Absent -> Record.Option None
            | Schema.Option item, _ -> Record.Option(Some(raise item value))
            | Schema.Struct fields, _ ->
                match fieldsOf fields.Length value with
                | ValueSome found -> Record.Struct(raiseFields found fields)
                | ValueNone -> mismatch "a struct" value
            | Schema.List item, Value.Seq inner -> Record.List(items (fun _ -> item) inner)
            | Schema.Array(item, count), (Value.Seq inner | Value.Tuple inner) when inner.Length = count ->
                Record.Array(items (fun _ -> item) inner)
            | Schema.Tuple schemas, (Value.Seq inner | Value.Tuple inner) when inner.Length = schemas.Length ->
                let schemas = Array.ofList schemas
                Record.Tuple(items (fun index -> schemas[index]) inner)
            | Schema.Map item, (Value.Map entries | Value.Struct entries) ->
                entries
                |> Burn.each (fun struct (name, value) ->
                    { Name = name; Value = Burn.under name (fun () -> raise item value) })
                |> Record.Map
            | Schema.Enum variants, _ ->
                let name, payload = Variants.raise (List.map fst variants) (Schema.describe schema) value
                let index = List.findIndex (fst >> (=) name) variants
                let payload = ValueOption.defaultValue Value.Absent payload
                Record.Enum(index, name, Burn.under name (fun () -> raise (snd variants[index]) payload))
            | Schema.Param, _ -> raiseParam given value
            | Schema.Tensor, _ -> Record.Tensor(raiseTensor given value)
            | _ -> mismatch (Schema.describe schema) value

        and items schemaOf (inner: Value[]) =
            Burn.eachOf inner.Length (fun index ->
                Burn.under (string index) (fun () -> raise (schemaOf index) inner[index]))

        and raiseFields found fields =
            let rest = ref fields

            Burn.eachOf fields.Length (fun place ->
                let name, schema = rest.Value.Head
                rest.Value <- rest.Value.Tail

                let former =
                    match schema with
                    | Schema.Renamed(former, _) -> former
                    | _ -> []

                let value = field found place name former

                let raised =
                    Burn.under name (fun () ->
                        // whoever wants a number that is not there knows whether it may be missing
                        match Schema.item schema, value with
                        | Schema.Scalar kind, ValueNone when kind <> ScalarType.Unit -> Record.Option None
                        | schema, ValueNone -> raise schema Value.Absent
                        | schema, ValueSome value -> raise schema value)

                { Name = name; Value = raised })

        and raiseReading reading value =
            match reading, value with
            | Reading.As schema, _ -> raise schema value
            | Reading.Some reading, Value.Present value -> Record.Option(Some(raiseReading reading value))
            | Reading.Variant(name, payload), Value.Variant(index, _, ValueSome value) ->
                Record.Enum(index, name, Burn.under name (fun () -> raise payload value))
            | Reading.Counted schemas, Value.Seq items ->
                Record.List
                    [
                        for index, (schema, value) in List.indexed (List.zip schemas (List.ofArray items)) ->
                            Burn.under (string index) (fun () -> raise schema value)
                    ]
            | Reading.Keyed schemas, Value.Map entries ->
                let schemas = dict schemas

                Record.Map
                    [
                        for struct (name, value) in entries ->
                            { Name = name; Value = Burn.under name (fun () -> raise schemas[name] value) }
                    ]
            | _ -> mismatch "what the schema allows" value

        raise schema value

    /// What a value is by its looks alone.
    let raiseBare given value =
        let rec raise value =
            let items (inner: Value[]) =
                Burn.eachOf inner.Length (fun index -> Burn.under (string index) (fun () -> raise inner[index]))

            match value with
            | Value.Tensor data -> Record.Tensor data
            | Value.Param(id, data) -> Record.Param(ParamId id, data)
            | Value.Map entries when Elements.looksLike entries -> Record.Tensor(raiseTensor given value)
            | Value.Map entries when Elements.looksLikeParam entries -> raiseParam given value
            | Value.Map entries ->
                let names = Collections.Generic.HashSet()

                entries
                |> Burn.each (fun struct (name, value) ->
                    if not (names.Add name) then
                        twice name

                    { Name = name; Value = Burn.under name (fun () -> raise value) })
                |> Record.Struct
            | Value.Seq inner -> Record.List(items inner)
            | Value.Packed(kind, slice) ->
                Record.List [ for scalar in Packed.scalars kind slice -> Record.erase (Record.Scalar scalar) ]
            | Value.Absent -> Record.Constant Constant.Single
            | Value.Scalar scalar -> Record.Scalar scalar
            | _ -> mismatch "something that a record can hold" value

        raise value

    let raiseTexts what value =
        match Value.spelled value with
        | Value.Map entries
        | Value.Struct entries ->
            Map.ofArray
                [|
                    for struct (name, value) in entries do
                        match value with
                        | Value.Scalar(Scalar.Text text) -> name, text
                        | _ -> ()
                |]
        | _ -> mismatch what value

    // by place, as serde takes a struct too
    let private raiseMetadata value =
        match value with
        | Value.Seq items when items.Length = List.length Burn.metadataFields ->
            raiseTexts "metadata" (Value.Map(Value.entries (Seq.zip Burn.metadataFields items)))
        | _ -> raiseTexts "metadata" value

    /// Metadata as it was read.
    let metadata value = raiseMetadata value

    /// A scalar as one of this type, range-checked.
    let scalar kind value =
        RaiseScalar.raise kind (Value.Scalar value)

    /// The Burn that the metadata names.
    let version (metadata: Map<string, string>) =
        Map.tryFind "version" metadata |> Option.bind BurnVersion.tryParse

    /// A record from the format that does not describe itself, in the layout of this generation.
    let typed (context: DecodeContext) generation settings schema value =
        let given = { Limits = context.Limits; Settings = settings }
        raiseAs given (generation.Constants <> ConstantLayout.OneNone) schema value
