namespace Records.Core

open System
open System.Collections.Generic
open System.Text.Json

/// A value of a config.json as it was read, and the byte at which it begins.
[<NoComparison>]
type ConfigNode = { Offset: int64; Value: ConfigValue }

/// What a config.json can hold. Numbers keep their digits: what they become is for the reader to say.
and [<RequireQualifiedAccess; NoComparison>] ConfigValue =
    | Null
    | Bool of Value: bool
    | Number of Digits: string
    | Text of Value: string
    | List of Items: ConfigNode[]
    /// Each name stands there once.
    | Object of Entries: (string * ConfigNode)[]

/// Hyper-parameters as Burn's `Config` writes them: serde_json's indented text, enums by the name of their variant.
[<RequireQualifiedAccess>]
module Config =

    let private name = "config"

    // ---- writing

    let private fail path reason : 'T =
        RecordError.raise (RecordError.Unsupported(List.rev path, reason))

    let private strict = Text.UTF8Encoding(false, true)

    /// A lone half of a surrogate pair has no UTF-8: something else would be read back.
    let private checkText path (text: string) =
        try
            strict.GetByteCount text |> ignore
        with :? Text.EncoderFallbackException ->
            fail path "a text with half of a surrogate pair cannot be written"

    let rec private value path record : Value =
        let under name record = value (name :: path) record

        let fields (fields: Field list) =
            [|
                for field in fields do
                    checkText path field.Name
                    struct (field.Name, under field.Name field.Value)
            |]

        let items inner =
            inner
            |> List.mapi (fun index item -> under (string index) item)
            |> Array.ofList
            |> Value.Seq

        match record with
        | Record.Struct inner -> Value.Struct(fields inner)
        | Record.Map inner -> Value.Map(fields inner)
        | Record.List inner
        | Record.Array inner
        | Record.Tuple inner -> items inner
        | Record.Option None
        | Record.Scalar Scalar.Unit -> Value.Absent
        | Record.Option(Some inner) -> value path inner
        | Record.Enum(index, case, Record.Scalar Scalar.Unit) -> Value.Variant(index, case, ValueNone)
        | Record.Enum(index, case, payload) -> Value.Variant(index, case, ValueSome(under case payload))
        | Record.Scalar(Scalar.Text text) ->
            checkText path text
            Value.text text
        | Record.Scalar scalar -> Value.Scalar scalar
        | Record.Param _
        | Record.Tensor _ -> fail path "a config holds no tensors"
        | Record.Constant _ -> fail path "a constant has no value to write"

    /// The config as the bytes of its file. Structs, maps, lists, tuples, options, scalars and enums; a variant without
    /// content holds a Unit. Infinities, NaN and tensors are errors.
    let encode (record: Record) : Result<Payload, RecordError> =
        RecordError.catch (fun () ->
            let parts = Parts()
            JsonWriter.write true parts 0 (value [] record)
            parts.ToPayload())

    // ---- reading

    let rec private read (cursor: Cursor) (reader: JsonReader) : ConfigNode =
        let offset = reader.Start

        let value =
            match reader.Kind with
            | JsonTokenType.Null -> ConfigValue.Null
            | JsonTokenType.True -> ConfigValue.Bool true
            | JsonTokenType.False -> ConfigValue.Bool false
            | JsonTokenType.String -> ConfigValue.Text reader.Text
            | JsonTokenType.Number -> ConfigValue.Number reader.Text
            | JsonTokenType.StartArray -> ConfigValue.List(items cursor reader)
            | JsonTokenType.StartObject -> ConfigValue.Object(entries cursor reader)
            | _ -> cursor.Fail("a value", "the end")

        { Offset = offset; Value = value }

    and private items cursor reader =
        let items = ResizeArray()
        reader.Next()

        while reader.Kind <> JsonTokenType.EndArray do
            cursor.Spend(1, "entries")
            items.Add(cursor.Within(string items.Count, fun () -> read cursor reader))
            reader.Next()

        items.ToArray()

    and private entries cursor reader =
        let entries = ResizeArray()
        let names = HashSet StringComparer.Ordinal
        reader.Next()

        while reader.Kind = JsonTokenType.PropertyName do
            cursor.Spend(1, "entries")
            let name = reader.Text

            if not (names.Add name) then
                cursor.FailAt(reader.Start, $"one '{name}'", "a second")

            reader.Next()
            entries.Add(name, cursor.Within(name, fun () -> read cursor reader))
            reader.Next()

        entries.ToArray()

    /// The config that these bytes are. A byte order mark, which Burn refuses, is passed over; a name that stands there twice is an error.
    let decode limits (input: Input) : Result<ConfigNode, RecordError> =
        RecordError.catch (fun () ->
            let cursor = Cursor(name, limits, input.Start())

            if cursor.Peek(3).Span.StartsWith(ReadOnlySpan [| 0xEFuy; 0xBBuy; 0xBFuy |]) then
                cursor.Advance 3

            let reader = JsonReader cursor
            reader.Next()
            let config = read cursor reader
            reader.Next()

            if reader.Kind <> JsonTokenType.None then
                cursor.FailAt(reader.Start, "the end", "more text")

            config)
