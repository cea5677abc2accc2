namespace Records.Core

/// One way to understand what a self-describing file shows.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type internal Reading =
    | As of Schema
    /// Some of an option.
    | Some of Reading
    /// The one field is a variant of an enum: which one, only the file without names can tell.
    | Variant of Name: string * Payload: Schema
    /// A list of these very items.
    | Counted of Items: Schema list
    /// A map of these very keys, in any order.
    | Keyed of Entries: (string * Schema) list

/// What a self-describing file leaves open about the structure of its record.
[<RequireQualifiedAccess>]
module Maybe =

    /// The ways to understand a value that was seen like this, the likeliest first.
    let internal readings (seen: Schema) =
        let plain =
            match seen with
            | Schema.Struct [ name, payload ] ->
                [ Reading.As seen; Reading.Variant(name, payload); Reading.Keyed [ name, payload ] ]
            | Schema.Struct fields -> [ Reading.As seen; Reading.Keyed fields ]
            | Schema.Array(item, count) -> [ Reading.Counted(List.replicate count item); Reading.As seen ]
            | Schema.Tuple items -> [ Reading.Counted items; Reading.As seen ]
            // A nil: a constant, an option, an optional constant that Burn up to 0.20 marked as there, or nothing at all.
            | Schema.Constant Constant.Single ->
                [
                    Reading.As seen
                    Reading.As(Schema.Constant(Constant.Optional(Option.Some Constant.Single)))
                    Reading.As(Schema.Scalar ScalarType.Unit)
                ]
            // Integers of every width look alike; bincode writes those of one byte differently.
            | Schema.Scalar ScalarType.U64 -> [ Reading.As seen; Reading.As(Schema.Scalar ScalarType.U8) ]
            | Schema.Scalar ScalarType.I64 -> [ Reading.As seen; Reading.As(Schema.Scalar ScalarType.I8) ]
            // JSON prints both alike where the digits are few.
            | Schema.Scalar ScalarType.F64 -> [ Reading.As seen; Reading.As(Schema.Scalar ScalarType.F32) ]
            | _ -> [ Reading.As seen ]

        match seen with
        | Schema.Constant _ -> plain
        | _ -> plain @ List.map Reading.Some plain

    /// The schema that a record read without one shows, each part of it a Maybe.
    let rec ofRecord record =
        match record with
        | Record.Struct fields ->
            Schema.Maybe(Schema.Struct [ for field in fields -> field.Name, ofRecord field.Value ])
        | Record.List items ->
            match List.map ofRecord items with
            | first :: rest when List.forall ((=) first) rest -> Schema.Maybe(Schema.Array(first, items.Length))
            | items -> Schema.Maybe(Schema.Tuple items)
        | Record.Param _
        | Record.Tensor _
        | Record.Scalar _
        | Record.Constant Constant.Single -> Schema.Maybe(Schema.ofRecord record)
        // structure that the file did show
        | _ -> Schema.ofRecord record

    /// True when the schema leaves something open: it can be read with, and not written from.
    let rec isIn schema =
        match schema with
        | Schema.Maybe _ -> true
        | Schema.Struct members
        | Schema.Enum members -> List.exists (snd >> isIn) members
        | Schema.Tuple items -> List.exists isIn items
        | Schema.List item
        | Schema.Array(item, _)
        | Schema.Option item
        | Schema.Renamed(_, item)
        | Schema.Map item -> isIn item
        | Schema.Param
        | Schema.Tensor
        | Schema.Scalar _
        | Schema.Constant _ -> false
