namespace Records.Core

open Microsoft.FSharp.Core.CompilerServices

/// Burn's record files as serde's values: the envelope that the three formats share, and what a record is inside it.
[<RequireQualifiedAccess>]
module internal Burn =

    /// The fields of the metadata in their order.
    let metadataFields = [ "float"; "int"; "format"; "version"; "settings" ]

    /// Where the annex rides in formats with names: Burn skips a key it does not know.
    let annexField = "records"

    /// Runs the work with this name in front of the path of what goes wrong in it.
    let inline under name ([<InlineIfLambda>] work: unit -> 'T) : 'T =
        try
            work ()
        with RecordFault error ->
            RecordError.raise (RecordError.under name error)

    /// The same of an item of a list: its name is made where something is wrong, for there may be very many.
    let inline underItem (index: int) ([<InlineIfLambda>] work: unit -> 'T) : 'T =
        try
            work ()
        with RecordFault error ->
            RecordError.raise (RecordError.under (string index) error)

    /// Problems told together before the rest is left unsaid: a stranger's file may have any number.
    let mostTold = 100

    let rec private flat error =
        match error with
        | RecordError.Many problems -> List.collect flat problems
        | error -> [ error ]

    /// The problems of several, each told as it would be alone.
    [<NoEquality; NoComparison>]
    type Told = { mutable Problems: RecordError list; mutable Count: int }

    let told () : Told = { Problems = []; Count = 0 }

    let tell (told: Told) error =
        let found = flat error
        told.Problems <- List.rev found @ told.Problems
        told.Count <- told.Count + found.Length

    /// What the work gives for each place of so many; what is wrong with several is told together.
    let inline eachOf count ([<InlineIfLambda>] work: int -> 'U) : 'U list =
        let mutable values = ListCollector<'U>()
        let mutable wrong = Unchecked.defaultof<Told>
        let mutable place = 0

        while place < count && (isNull (box wrong) || wrong.Count < mostTold) do
            try
                values.Add(work place)
            with RecordFault error ->
                if isNull (box wrong) then
                    wrong <- told ()

                tell wrong error

            place <- place + 1

        if not (isNull (box wrong)) then
            RecordError.raise (RecordError.ofList (List.rev wrong.Problems))

        values.Close()

    /// What the work gives for each of them; what is wrong with several is told together.
    let each (work: 'T -> 'U) (items: 'T[]) : 'U list =
        eachOf items.Length (fun place -> work items[place])

    /// The value, or the problems of both together.
    let both (value: Result<'T, RecordError>) (other: Result<unit, RecordError>) =
        match value, other with
        | Ok value, Ok() -> Ok value
        | Error error, Ok()
        | Ok _, Error error -> Error error
        | Error first, Error second -> Error(RecordError.ofList (flat first @ flat second))

    /// The work's result, its error told from the record on: the envelope is no part of a path.
    let encoding work =
        RecordError.catch work
        |> Result.mapError (
            RecordError.mapPath (function
                | "item" :: inner -> inner
                | path -> path)
        )

    // ---- a document as values

    let rec private lowerConstant generation parts =
        match generation.Constants, parts with
        | ConstantLayout.Nothing, Constant.Single -> Value.Scalar Scalar.Unit
        | ConstantLayout.OneNone, _
        | _, Constant.Single
        | _, Constant.Optional None -> Value.Absent
        | _, Constant.Fixed parts ->
            let parts = [| for part in parts -> lowerConstant generation part |]

            if generation.CountedArrays then
                Value.Seq parts
            else
                Value.Tuple parts
        | _, Constant.Listed items -> Value.Seq [| for item in items -> lowerConstant generation item |]
        | _, Constant.Optional(Some item) -> Value.Present(lowerConstant generation item)

    let rec private lowerRecord generation dtypes record =
        let lower record = lowerRecord generation dtypes record

        let items (inner: Record list) =
            let lowered = Array.zeroCreate (List.length inner)
            let mutable rest = inner

            for index in 0 .. lowered.Length - 1 do
                let item = rest.Head
                lowered[index] <- underItem index (fun () -> lower item)
                rest <- rest.Tail

            lowered

        let fields (inner: Field list) =
            [| for field in inner -> struct (field.Name, under field.Name (fun () -> lower field.Value)) |]

        match record with
        | Record.Struct inner -> Value.Struct(fields inner)
        | Record.Map inner -> Value.Map(fields inner)
        | Record.List inner -> Value.Seq(items inner)
        | Record.Array inner when generation.CountedArrays -> Value.Seq(items inner)
        | Record.Array inner
        | Record.Tuple inner -> Value.Tuple(items inner)
        | Record.Option None -> Value.Absent
        | Record.Option(Some inner) -> Value.Present(lower inner)
        | Record.Enum(index, case, payload) ->
            Value.Variant(index, case, ValueSome(under case (fun () -> lower payload)))
        | Record.Param(ParamId id, data) -> Elements.lower generation dtypes (ValueSome id) data
        | Record.Tensor data -> Elements.lower generation dtypes ValueNone data
        | Record.Scalar value -> Value.Scalar value
        | Record.Constant parts -> lowerConstant generation parts

    let lowerAnnex (annex: Map<string, string>) =
        Value.Map [| for entry in annex -> struct (entry.Key, Value.text entry.Value) |]

    /// The whole file as one value. The annex and metadata of our own are fields only where formats have names.
    let lower generation (document: Document) =
        let metadata =
            [|
                for name in metadataFields do
                    struct (name, Value.text (Map.tryFind name document.Metadata |> Option.defaultValue ""))
                // Burn skips what it does not know
                for entry in document.Metadata do
                    if not (List.contains entry.Key metadataFields) then
                        struct (entry.Key, Value.text entry.Value)
            |]

        Value.Struct
            [|
                struct ("metadata", Value.Struct metadata)
                struct ("item", lowerRecord generation (Dtypes.lowering generation) document.Root)
                if not document.Annex.IsEmpty then
                    struct (annexField, lowerAnnex document.Annex)
                if generation.Marker then
                    struct ("_b", Value.Marker)
            |]

    // ---- kinds, for the format that does not describe itself

    let metadataKind = Kind.Struct [ for name in metadataFields -> name, Kind.Scalar ScalarType.Text ]

    let annexKind = Kind.Map(Kind.Scalar ScalarType.Text)

    let private arrayKind generation items =
        if generation.CountedArrays then
            Kind.Counted items
        else
            Kind.Tuple items

    let rec private constantKind generation parts =
        let none = Kind.Option Kind.Marker
        let item = constantKind generation

        match generation.Constants, parts with
        | ConstantLayout.OneNone, _ -> none
        | ConstantLayout.Nothing, Constant.Single -> Kind.Marker
        | _, Constant.Single -> none
        | _, Constant.Optional None -> none
        | _, Constant.Fixed parts -> arrayKind generation (List.map item parts)
        | _, Constant.Listed(part :: _) -> Kind.Seq(item part)
        | _, Constant.Listed [] -> Kind.Seq(item Constant.Single)
        | ConstantLayout.Nothing, Constant.Optional(Some Constant.Single) ->
            // nothing follows a some, and that is a value here: an empty tuple says so
            Kind.Option(Kind.Tuple [])
        | _, Constant.Optional(Some part) -> Kind.Option(item part)

    /// Variants that an enum may have when only one of them was seen.
    let private variants = 64

    /// What a record of this schema is in this generation, its numbers being those of the settings. The readings of a Maybe
    /// share what is inside them.
    let kind generation settings schema =
        let tensor =
            match Elements.kinds generation settings with
            | [ only ] -> only
            | several -> Kind.Choice several

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
            | Reading.As(Schema.Scalar ScalarType.Unit) -> Kind.Nothing
            | Reading.As schema -> kindOf schema
            | Reading.Some reading -> Kind.Sure(readingKind reading)
            | Reading.Variant(name, payload) -> Kind.Variant(List.replicate variants (name, Some(kindOf payload)))
            | Reading.Counted items -> Kind.Counted(List.map kindOf items)
            | Reading.Keyed entries -> Kind.Keyed [ for name, entry in entries -> name, kindOf entry ]

        and build schema =
            match schema with
            | Schema.Struct fields -> Kind.Struct [ for name, field in fields -> name, kindOf field ]
            | Schema.List item -> Kind.Seq(kindOf item)
            | Schema.Array(item, count) -> arrayKind generation (List.replicate count (kindOf item))
            | Schema.Tuple items -> Kind.Tuple(List.map kindOf items)
            | Schema.Option item -> Kind.Option(kindOf item)
            | Schema.Enum variants -> Kind.Variant [ for name, payload in variants -> name, Some(kindOf payload) ]
            | Schema.Map item -> Kind.Map(kindOf item)
            | Schema.Renamed(_, item) -> kindOf item
            | Schema.Param -> Kind.Struct [ "id", Kind.Scalar ScalarType.Text; "param", tensor ]
            | Schema.Tensor -> tensor
            | Schema.Scalar scalar -> Kind.Scalar scalar
            | Schema.Constant parts -> constantKind generation parts
            | Schema.Maybe seen -> Kind.Choice(List.map readingKind (Maybe.readings seen))

        kindOf schema
