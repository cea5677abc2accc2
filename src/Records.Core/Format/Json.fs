namespace Records.Core

open System
open System.Globalization
open System.Text.Json

/// JSON as serde_json writes it; bytes are lists of numbers.
[<RequireQualifiedAccess>]
module Json =

    let private name = "JSON"

    /// A number as the narrowest type that prints as these digits.
    let private number (cursor: Cursor) (text: string) =
        let culture = CultureInfo.InvariantCulture

        if text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && text <> "-0" then
            match UInt64.TryParse(text, NumberStyles.None, culture) with
            | true, value -> Scalar.U64 value
            | _ ->
                match Int64.TryParse(text, NumberStyles.AllowLeadingSign, culture) with
                | true, value -> Scalar.I64 value
                | _ -> Scalar.F64(Double.Parse(text, culture))
        else
            match Double.Parse(text, culture) with
            | value when Double.IsInfinity value -> cursor.Fail("a number that a double can hold", text)
            | value when Digits.ofDouble value = text -> Scalar.F64 value
            | value when
                Single.IsFinite(single value)
                && Digits.ofSingle (Single.Parse(text, culture)) = text
                ->
                Scalar.F32(Single.Parse(text, culture))
            | value -> Scalar.F64 value

    let rec private read store (cursor: Cursor) (reader: JsonReader) : Value =
        match reader.Kind with
        | JsonTokenType.Null -> Value.Absent
        | JsonTokenType.True -> Value.Scalar(Scalar.Bool true)
        | JsonTokenType.False -> Value.Scalar(Scalar.Bool false)
        | JsonTokenType.String -> Value.text reader.Text
        | JsonTokenType.Number -> Value.Scalar(number cursor reader.Text)
        | JsonTokenType.StartArray -> list store cursor reader
        | JsonTokenType.StartObject ->
            let before = reader.Entries.Count
            reader.Next()

            while reader.Kind = JsonTokenType.PropertyName do
                cursor.Spend(1, "entries")
                let name = reader.Text
                reader.Next()
                cursor.Enter name
                let value = read store cursor reader
                reader.Entries.Add(struct (name, value))
                cursor.Leave()
                reader.Next()

            let entries = Array.zeroCreate (reader.Entries.Count - before)
            reader.Entries.CopyTo(before, entries, 0, entries.Length)
            reader.Entries.RemoveRange(before, entries.Length)
            Ready.map cursor entries
        | _ -> cursor.Fail("a value", "the end")

    and private list store cursor reader =
        let row = reader.Numbers store
        cursor.Hold(uint64 row.Bytes.Length)
        reader.Next()

        if row.Ended then
            Value.Packed(ScalarType.U8, row.Bytes)
        elif row.AfterComma && reader.Kind = JsonTokenType.EndArray then
            cursor.Fail("a value after the comma", "the end of the list")
        else
            let items = ResizeArray()

            for part in Slice.parts row.Bytes do
                for value in part.ToArray() do
                    items.Add(Value.Scalar(Scalar.U64(uint64 value)))

            while reader.Kind <> JsonTokenType.EndArray do
                // Burn up to 0.13 wrote tensors as numbers in a row: those are as many as there are
                if reader.Kind <> JsonTokenType.Number then
                    cursor.Spend(1, "entries")

                cursor.EnterItem items.Count
                items.Add(read store cursor reader)
                cursor.Leave()
                reader.Next()

            Value.Seq(items.ToArray())

    let private encode pretty (context: EncodeContext) document =
        Burn.encoding (fun () ->
            let parts = Parts()
            JsonWriter.write pretty parts 0 (Burn.lower (Generation.ofRecorders context.Burn) document)
            let carrier = if pretty then Carrier.PrettyJson else Carrier.Json
            Carrier.payload carrier document parts)

    /// Where tensors go, and whether that is no memory.
    let private storeOf (context: DecodeContext) =
        match context.Store with
        | Some store -> struct ((fun _ payload -> store payload), true)
        | None -> struct (Chunks.gathering (), false)

    let private root store cursor =
        let reader = JsonReader cursor
        reader.Next()
        reader, read store cursor reader

    let private decodeValue (context: DecodeContext) (input: Input) =
        Unsealed.read true [ Carrier.PrettyJson; Carrier.Json ] context input (fun input ->
            let cursor = Cursor(name, context.Limits, input.Start(), Faults = Some(ResizeArray()))
            let reader, value = root (storeOf context) cursor

            let found =
                cursor.Found(fun () ->
                    reader.Next()

                    if reader.Kind <> JsonTokenType.None then
                        cursor.Fail("the end", "more text"))

            Envelope.whole context value found)

    /// The document, with what the file showed of its layout.
    let internal decodeLaidOut context input =
        decodeValue context input
        |> Result.map (fun described -> Layout.ofValue described.Value described.Document)

    let private decode context input =
        decodeValue context input |> Result.bind Envelope.complete

    /// The value behind the document, whose parts are told with path and offset as they are reached.
    let internal values (context: DecodeContext) (reached: string list -> int64 -> unit) (input: Input) =
        RecordError.catch (fun () ->
            let faults = ResizeArray()
            let cursor = Cursor(name, context.Limits, input.Start(), Faults = Some faults, Reached = Some reached)
            root (storeOf context) cursor |> snd)

    let private readMetadata limits (input: Input) =
        RecordError.catch (fun () ->
            let cursor = Cursor(name, limits, input.Start())
            let reader = JsonReader cursor
            let store = struct (Chunks.gathering (), false)
            reader.Next()

            // Burn writes the metadata first; another writer may not.
            let rec find () =
                reader.Next()

                if reader.Kind <> JsonTokenType.PropertyName then
                    cursor.Fail("metadata", "none")

                let key = reader.Text
                reader.Next()
                let value = cursor.Within(key, fun () -> read store cursor reader)
                if key = "metadata" then Raise.metadata value else find ()

            match reader.Kind with
            | JsonTokenType.StartObject -> find ()
            | JsonTokenType.StartArray ->
                reader.Next()
                cursor.Within("metadata", fun () -> Raise.metadata (read store cursor reader))
            | _ -> cursor.Fail("a Burn record: metadata and item", "something else"))

    /// What Burn's PrettyJsonFileRecorder writes and reads.
    let pretty: Codec =
        {
            Name = "json"
            Extension = "json"
            Encode = encode true
            Decode = decode
            Metadata = readMetadata
        }

    /// The same without white space, as inside Burn's JsonGzFileRecorder.
    let compact: Codec = { pretty with Encode = encode false }
