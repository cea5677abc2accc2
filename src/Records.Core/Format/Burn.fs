namespace Records.Core

/// Burn's record files as serde's values: the envelope that the three formats share, and what a record is inside it.
[<RequireQualifiedAccess>]
module internal Burn =

    /// The fields of the metadata in their order.
    let metadataFields = [ "float"; "int"; "format"; "version"; "settings" ]

    /// Where the annex rides in formats with names: Burn skips a key it does not know.
    let annexField = "records"

    /// Runs the work with this name in front of the path of what goes wrong in it.
    let under name work =
        try
            work ()
        with RecordFault error ->
            RecordError.raise (RecordError.under name error)

    // ---- a document as values

    let rec private lowerConstant generation parts =
        match generation.Constants, parts with
        | ConstantLayout.OneNone, _
        | _, Constant.Single
        | _, Constant.Optional None -> Value.Absent
        | _, Constant.Fixed parts -> Value.Tuple [| for part in parts -> lowerConstant generation part |]
        | _, Constant.Listed items -> Value.Seq [| for item in items -> lowerConstant generation item |]
        | _, Constant.Optional(Some item) -> Value.Present(lowerConstant generation item)

    let private lowerTensor generation (data: TensorData) =
        let dims = [| for dim in Shape.dims data.Shape -> Value.Scalar(Scalar.U64(uint64 dim)) |]

        Value.Struct
            [|
                "bytes", Value.Bytes data.Bytes
                "shape", Value.Seq dims
                "dtype", Dtypes.lower generation data.Dtype
            |]

    let rec private lowerRecord generation record =
        let items inner =
            [|
                for index, item in List.indexed inner -> under (string index) (fun () -> lowerRecord generation item)
            |]

        let fields (inner: Field list) =
            [|
                for field in inner -> field.Name, under field.Name (fun () -> lowerRecord generation field.Value)
            |]

        match record with
        | Record.Struct inner -> Value.Struct(fields inner)
        | Record.Map inner -> Value.Map(fields inner)
        | Record.List inner -> Value.Seq(items inner)
        | Record.Array inner
        | Record.Tuple inner -> Value.Tuple(items inner)
        | Record.Option None -> Value.Absent
        | Record.Option(Some inner) -> Value.Present(lowerRecord generation inner)
        | Record.Enum(index, case, payload) ->
            Value.Variant(index, case, ValueSome(under case (fun () -> lowerRecord generation payload)))
        | Record.Param(ParamId id, data) -> Value.Struct [| "id", Value.text id; "param", lowerTensor generation data |]
        | Record.Tensor data -> lowerTensor generation data
        | Record.Scalar value -> Value.Scalar value
        | Record.Constant parts -> lowerConstant generation parts

    let lowerAnnex (annex: Map<string, string>) =
        Value.Map [| for entry in annex -> entry.Key, Value.text entry.Value |]

    /// The whole file as one value. The annex is a field only where formats have names: bin puts it elsewhere.
    let lower generation (document: Document) =
        let metadata =
            [|
                for name in metadataFields ->
                    name, Value.text (Map.tryFind name document.Metadata |> Option.defaultValue "")
            |]

        Value.Struct
            [|
                "metadata", Value.Struct metadata
                "item", lowerRecord generation document.Root
                if not document.Annex.IsEmpty then
                    annexField, lowerAnnex document.Annex
                "_b", Value.Marker
            |]

    // ---- kinds, for the format that does not describe itself

    let metadataKind = Kind.Struct [ for name in metadataFields -> name, Kind.Scalar ScalarType.Text ]

    let annexKind = Kind.Map(Kind.Scalar ScalarType.Text)

    let rec private constantKind generation parts =
        match generation.Constants, parts with
        | ConstantLayout.OneNone, _
        | _, Constant.Single
        | _, Constant.Optional None -> Kind.Option Kind.Marker
        | _, Constant.Fixed parts -> Kind.Tuple [ for part in parts -> constantKind generation part ]
        | _, Constant.Listed(item :: _) -> Kind.Seq(constantKind generation item)
        | _, Constant.Listed [] -> Kind.Seq(Kind.Option Kind.Marker)
        | _, Constant.Optional(Some item) -> Kind.Option(constantKind generation item)

    let private tensorKind generation =
        Kind.Struct
            [
                "bytes", Kind.Bytes
                "shape", Kind.Seq(Kind.Scalar ScalarType.U64)
                "dtype", Dtypes.kind generation
            ]

    /// Variants that an enum may have when only one of them was seen.
    let private variants = 64

    /// What a record of this schema is in this generation. The readings of a Maybe share what is inside them.
    let kind generation schema =
        let tensor = tensorKind generation
        let known = System.Collections.Generic.Dictionary<Schema, Kind>(HashIdentity.Reference)

        let rec kindOf schema =
            match known.TryGetValue schema with
            | true, kind -> kind
            | _ ->
                let kind = build schema
                known[schema] <- kind
                kind

        and readingKind reading =
            match reading with
            | Reading.As schema -> kindOf schema
            | Reading.Some reading -> Kind.Sure(readingKind reading)
            | Reading.Variant(name, payload) -> Kind.Variant(List.replicate variants (name, Some(kindOf payload)))
            | Reading.Counted items -> Kind.Counted(List.map kindOf items)
            | Reading.Keyed entries -> Kind.Keyed [ for name, entry in entries -> name, kindOf entry ]

        and build schema =
            match schema with
            | Schema.Struct fields -> Kind.Struct [ for name, field in fields -> name, kindOf field ]
            | Schema.List item -> Kind.Seq(kindOf item)
            | Schema.Array(item, count) -> Kind.Tuple(List.replicate count (kindOf item))
            | Schema.Tuple items -> Kind.Tuple(List.map kindOf items)
            | Schema.Option item -> Kind.Option(kindOf item)
            | Schema.Enum variants -> Kind.Variant [ for name, payload in variants -> name, Some(kindOf payload) ]
            | Schema.Map item -> Kind.Map(kindOf item)
            | Schema.Param -> Kind.Struct [ "id", Kind.Scalar ScalarType.Text; "param", tensor ]
            | Schema.Tensor -> tensor
            | Schema.Scalar scalar -> Kind.Scalar scalar
            | Schema.Constant parts -> constantKind generation parts
            | Schema.Maybe seen -> Kind.Choice(List.map readingKind (Maybe.readings seen))

        kindOf schema
