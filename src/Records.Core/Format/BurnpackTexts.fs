namespace Records.Core

open System

/// What the texts of a burnpack's user metadata are: values of the record, ids, or its user's own.
[<RequireQualifiedAccess>]
module internal BurnpackTexts =

    let private idPrefix = "records.id."

    /// Ids that are no number of 64 bits, or whose text is not the one of that number, are kept beside it.
    let idKey (number: uint64) = idPrefix + string number

    let isId (key: string) =
        key.StartsWith(idPrefix, StringComparison.Ordinal)

    /// Whether a text of this schema, its own path and what paths inside it begin with being these, can have the name.
    let rec private isText schema (own: string) (inner: string) (name: string) =
        let at part schema =
            let own = inner + part
            let inner = own + "."

            (name = own || name.StartsWith(inner, StringComparison.Ordinal))
            && isText schema own inner name

        let rest =
            if name.Length > inner.Length then
                name.Substring inner.Length
            else
                ""

        let part = rest.Split('.', 2)[0]

        match schema with
        | Schema.Scalar kind -> kind = ScalarType.Text && name = own
        | Schema.Struct members
        | Schema.Enum members ->
            members
            |> List.exists (fun (member', schema) ->
                match schema with
                | Schema.Renamed(former, item) -> member' :: former |> List.exists (fun name -> at name item)
                | _ -> at member' schema)
        | Schema.Tuple items ->
            items
            |> List.indexed
            |> List.exists (fun (index, item) -> at (string index) item)
        | Schema.List item
        | Schema.Array(item, _) -> at part item
        // a key may have dots in it, where nothing else follows
        | Schema.Map item -> at part item || at rest item
        | Schema.Option item
        | Schema.Renamed(_, item)
        | Schema.Maybe item -> isText item own inner name
        | Schema.Param
        | Schema.Tensor
        | Schema.Constant _ -> false

    /// Whether a record of this schema can have a text of this name among its values.
    let isValue schema name = isText schema "" "" name

    /// The texts that are no values of the record.
    let without root (texts: Map<string, string>) =
        if texts.IsEmpty then
            texts
        else
            match Flat.ofRecord root with
            | Ok flat ->
                flat.Scalars
                |> List.filter (fun (_, scalar) -> scalar.IsText)
                |> List.fold (fun texts (name, _) -> Map.remove name texts) texts
            | Error _ -> texts

    /// What Burn's store says of itself is no annex of ours, and its "version" no version of a type.
    let annexOf (texts: Map<string, string>) =
        if
            texts.TryFind "format" = Some "burnpack"
            && texts.TryFind "producer" = Some "burn"
        then
            texts.Remove("format").Remove("producer").Remove "version"
        else
            texts

    /// Whether the file keeps it for itself: no user gave it.
    let isOurs (name: string) =
        name = Seal.key || name.StartsWith(idPrefix, StringComparison.Ordinal)
