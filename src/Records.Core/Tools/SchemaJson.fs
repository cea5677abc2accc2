namespace Records.Core

open System
open System.Buffers
open System.Text
open System.Text.Json

/// Schemas as JSON: "param", "tensor", "const", a scalar's name ("u64"), or an object of one word:
/// {"struct": [["weight","param"],["bias",{"option":"param"}]]}, {"enum": [["Gelu",S],...]}, {"tuple": [S,...]}, {"list": S},
/// {"array": [S,n]}, {"option": S}, {"map": S}, {"maybe": S}. Every variant has a schema, as Burn's enums of records have one
/// field in each; one that holds nothing but its name is "const" in MessagePack and JSON, "unit" in bincode.
/// A constant whose parts are known, which Burn up to 0.20 wrote one by one, is {"const": P}: P is {"tuple": [P,...]},
/// {"list": [P,...]}, {"option": P}, {"option": null} for one that is absent, or "const".
[<RequireQualifiedAccess>]
module SchemaJson =

    /// Items of an array that are believed.
    let private longest = 1UL <<< 20

    /// Parts of a schema with every array counted out: readers go through them one by one.
    let private largest = 1L <<< 21

    let rec private parts schema =
        let sum (inner: (string * Schema) list) =
            List.fold (fun sum (_, schema) -> min largest (sum + parts schema)) 1L inner

        match schema with
        | Schema.Struct inner
        | Schema.Enum inner -> sum inner
        | Schema.Tuple items -> sum [ for item in items -> "", item ]
        // neither factor is above 2^21
        | Schema.Array(item, count) -> min largest (1L + int64 count * parts item)
        | Schema.List item
        | Schema.Option item
        | Schema.Map item
        | Schema.Maybe item
        | Schema.Renamed(_, item) -> min largest (1L + parts item)
        | Schema.Param
        | Schema.Tensor
        | Schema.Scalar _
        | Schema.Constant _ -> 1L

    let private scalars =
        [
            "unit", ScalarType.Unit
            "bool", ScalarType.Bool
            "text", ScalarType.Text
            "f64", ScalarType.F64
            "f32", ScalarType.F32
            "f16", ScalarType.F16
            "bf16", ScalarType.BF16
            "i64", ScalarType.I64
            "i32", ScalarType.I32
            "i16", ScalarType.I16
            "i8", ScalarType.I8
            "u64", ScalarType.U64
            "u32", ScalarType.U32
            "u16", ScalarType.U16
            "u8", ScalarType.U8
        ]

    // ---- writing

    let private word name value = Value.Map [| struct (name, value) |]

    let rec private lowerParts parts =
        match parts with
        | Constant.Single -> Value.text "const"
        | Constant.Fixed parts -> word "tuple" (Value.Seq [| for part in parts -> lowerParts part |])
        | Constant.Listed items -> word "list" (Value.Seq [| for item in items -> lowerParts item |])
        | Constant.Optional None -> word "option" Value.Absent
        | Constant.Optional(Some item) -> word "option" (lowerParts item)

    let rec private lower schema =
        let members named =
            Value.Seq [| for name, member' in named -> Value.Seq [| Value.text name; lower member' |] |]

        match schema with
        | Schema.Struct fields -> word "struct" (members fields)
        | Schema.Enum variants -> word "enum" (members variants)
        | Schema.Tuple items -> word "tuple" (Value.Seq [| for item in items -> lower item |])
        | Schema.List item -> word "list" (lower item)
        | Schema.Array(item, count) -> word "array" (Value.Seq [| lower item; Value.Scalar(Scalar.U64(uint64 count)) |])
        | Schema.Option item -> word "option" (lower item)
        | Schema.Map item -> word "map" (lower item)
        | Schema.Maybe seen -> word "maybe" (lower seen)
        // a layout has one name; others are for readers
        | Schema.Renamed(_, item) -> lower item
        | Schema.Param -> Value.text "param"
        | Schema.Tensor -> Value.text "tensor"
        | Schema.Scalar kind -> Value.text (List.find (snd >> (=) kind) scalars |> fst)
        | Schema.Constant Constant.Single -> Value.text "const"
        | Schema.Constant parts -> word "const" (lowerParts parts)

    /// The schema as JSON, on one line.
    let ofSchema (schema: Schema) =
        let parts = Parts()
        JsonWriter.write false parts 0 (lower schema)
        // a letter may be cut where one part ends
        let bytes = ArrayBufferWriter<byte>()

        for part in parts.ToPayload().Parts do
            bytes.Write part.Span

        Encoding.UTF8.GetString bytes.WrittenSpan

    // ---- reading

    let private words =
        "\"param\", \"tensor\", \"const\", the name of a scalar, or an object of one word such as {\"list\": \"param\"}"

    /// The reader stands on the first token of what is read, and afterwards on its last.
    [<Sealed>]
    type private Reader(cursor: Cursor) =
        let tokens = JsonReader cursor

        let shown () =
            match tokens.Kind with
            | JsonTokenType.None -> "the end"
            | JsonTokenType.String
            | JsonTokenType.PropertyName -> $"\"{tokens.Text}\""
            | JsonTokenType.Number -> tokens.Text
            | JsonTokenType.Null -> "null"
            | JsonTokenType.StartArray -> "a list"
            | JsonTokenType.StartObject -> "an object"
            | JsonTokenType.EndArray -> "the end of the list"
            | JsonTokenType.EndObject -> "the end of the object"
            | _ -> "a truth value"

        let fail expected : 'T = cursor.Fail(expected, shown ())

        let expect kind expected =
            if tokens.Kind <> kind then
                fail expected

        let next kind expected =
            tokens.Next()
            expect kind expected

        /// {"word": what the function reads}
        let object' (read: string -> 'T) =
            next JsonTokenType.PropertyName "a word"
            let word = tokens.Text
            tokens.Next()
            let value = read word
            next JsonTokenType.EndObject "one word alone"
            value

        let list (read: int -> 'T) =
            expect JsonTokenType.StartArray "a list"
            tokens.Next()
            let items = ResizeArray()

            while tokens.Kind <> JsonTokenType.EndArray do
                cursor.Spend(1, "entries")
                items.Add(read items.Count)
                tokens.Next()

            List.ofSeq items

        let rec constant () =
            match tokens.Kind with
            | JsonTokenType.String when tokens.Text = "const" -> Constant.Single
            | JsonTokenType.StartObject ->
                object' (fun word ->
                    match word with
                    | "tuple" -> Constant.Fixed(constants ())
                    | "list" -> Constant.Listed(constants ())
                    | "option" when tokens.Kind = JsonTokenType.Null -> Constant.Optional None
                    | "option" -> Constant.Optional(Some(cursor.Within("option", constant)))
                    | other -> cursor.Fail("tuple, list or option", $"\"{other}\""))
            | _ -> fail "\"const\", or an object of the word tuple, list or option"

        and constants () =
            list (fun index -> cursor.Within(string index, constant))

        let rec schema () =
            match tokens.Kind with
            | JsonTokenType.String ->
                match tokens.Text with
                | "param" -> Schema.Param
                | "tensor" -> Schema.Tensor
                | "const" -> Schema.Constant Constant.Single
                | name ->
                    match List.tryFind (fst >> (=) name) scalars with
                    | Some(_, kind) -> Schema.Scalar kind
                    | None -> fail words
            | JsonTokenType.StartObject ->
                object' (fun word ->
                    match word with
                    | "struct" -> Schema.Struct(members ())
                    | "enum" -> Schema.Enum(members ())
                    | "tuple" -> Schema.Tuple(list (fun index -> cursor.Within(string index, schema)))
                    | "list" -> Schema.List(item word)
                    | "array" -> array ()
                    | "option" -> Schema.Option(item word)
                    | "map" -> Schema.Map(item word)
                    | "maybe" -> Schema.Maybe(item word)
                    | "const" -> Schema.Constant(constant ())
                    | other ->
                        cursor.Fail("struct, enum, tuple, list, array, option, map, maybe or const", $"\"{other}\""))
            | _ -> fail words

        and item word = cursor.Within(word, schema)

        and members () =
            list (fun _ ->
                expect JsonTokenType.StartArray "a list of a name and a schema"
                next JsonTokenType.String "a name"
                let name = tokens.Text
                tokens.Next()
                let value = cursor.Within(name, schema)
                next JsonTokenType.EndArray "a name and a schema alone"
                name, value)

        and array () =
            expect JsonTokenType.StartArray "a list of a schema and a number"
            tokens.Next()
            let item = item "array"
            next JsonTokenType.Number "the number of items"

            match UInt64.TryParse(tokens.Text, Globalization.NumberStyles.None, null) with
            | true, count when count <= longest ->
                next JsonTokenType.EndArray "a schema and a number alone"
                Schema.Array(item, int count)
            | _ -> fail $"a number of items up to {longest}"

        member _.Read() =
            tokens.Next()
            let schema = schema ()
            next JsonTokenType.None "the end"

            if parts schema >= largest then
                cursor.TooLarge("parts of the schema, arrays counted out,", largest, largest - 1L)

            schema

    /// The schema that this JSON is. Schemas nest as deep as the limits let records nest.
    let toSchema (limits: Limits) (json: string) : Result<Schema, RecordError> =
        let bytes = Encoding.UTF8.GetBytes(json.TrimStart '\uFEFF')

        // a field of an optional struct is five levels of JSON and three of names
        let limits = { limits with Depth = 5 * limits.Depth }

        RecordError.catch (fun () ->
            let cursor = Cursor("schema JSON", limits, Forward.ofSource (Memory.source (ReadOnlyMemory bytes)))
            Reader(cursor).Read())
