namespace Records.Core

open System

/// Enum variants and small structs as serde reads them: by name or by number, from a map or from a list.
[<RequireQualifiedAccess>]
module internal Variants =

    /// An enum whose variants carry nothing.
    let units names =
        Kind.Variant [ for name in names -> name, None ]

    /// One of those.
    let unit names name =
        Value.Variant(List.findIndex ((=) name) names, name, ValueNone)

    /// What was expected, and what this value is instead.
    let fail expected value : 'T =
        RecordError.raise (RecordError.Mismatch([], expected, Value.describe value))

    /// A variant by name or number, with its payload; serde accepts both.
    let raise (names: string list) what value =
        let at (index: uint64) =
            if index < uint64 names.Length then
                names[int index]
            else
                fail $"{what} below {names.Length}" value

        let named (name: string) =
            if List.contains name names then
                name
            else
                match UInt64.TryParse(name, Globalization.NumberStyles.None, null) with
                | true, index -> at index
                | _ -> RecordError.raise (RecordError.Mismatch([], what, $"'{name}'"))

        match value with
        | Value.Variant(_, name, payload) -> name, payload
        | Value.Scalar(Scalar.Text name) -> named name, ValueNone
        | Value.Scalar(Scalar.U64 index) -> at index, ValueNone
        | Value.Map [| struct (name, Value.Absent) |] -> named name, ValueNone
        | Value.Map [| struct (name, payload) |] -> named name, ValueSome payload
        | _ -> fail what value

    /// The variant's name, where it carries nothing that matters.
    let raiseUnit names what value = raise names what value |> fst

    /// One of these fields, by name or by place: serde takes a struct as the list of its fields too.
    let field fields name value =
        match Value.spelled value with
        | Value.Seq items when items.Length = List.length fields -> items[List.findIndex ((=) name) fields]
        | Value.Map entries
        | Value.Struct entries ->
            match Array.tryFind (Value.nameOf >> (=) name) entries with
            | Some(struct (_, value)) -> value
            | None -> RecordError.raise (RecordError.Missing([ name ], "a part of the quantisation scheme"))
        | _ -> fail "a quantisation scheme" value
