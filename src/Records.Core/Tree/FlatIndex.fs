namespace Records.Core

open System
open System.Collections.Generic

/// One tensor of a flat file, under the dotted path it has in the record.
[<NoEquality; NoComparison>]
type FlatTensor = { Name: string; Id: ParamId option; Data: TensorData }

/// A record without its structure: what is left of it in formats that know names and no nesting. Tensors in the order of the
/// record. Constants, options that are not there and lists of nothing are gone: the module or the schema has them.
[<NoEquality; NoComparison>]
type Flat = { Tensors: FlatTensor list; Scalars: (string * Scalar) list }

/// Where a value is: its own name, and what the names inside it begin with.
[<Struct; NoEquality; NoComparison>]
type internal Place =
    {
        Name: string
        IsRoot: bool
    }

    member place.Inner = if place.IsRoot then "" else place.Name + "."

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Place =

    let root = { Name = ""; IsRoot = true }

    let inside (place: Place) (name: string) =
        {
            Name =
                (if place.IsRoot then
                     name
                 else
                     String.Concat(place.Name, ".", name))
            IsRoot = false
        }

    /// Items of all lists together that no name speaks of: a few names must not ask for endless lists of nothing either.
    let mostGaps = 65536

    /// The item of a list that what follows the list's own name begins with, -1 for none.
    let number (rest: ReadOnlySpan<char>) =
        let digits =
            match rest.IndexOf '.' with
            | -1 -> rest
            | dot -> rest.Slice(0, dot)

        let isPlain = digits.Length = 1 || digits.Length > 1 && digits[0] <> '0'

        match Int32.TryParse(digits, Globalization.NumberStyles.None, Globalization.CultureInfo.InvariantCulture) with
        | true, value when value < 65536 && isPlain -> value
        | _ -> -1

/// The list by name, and which of it was asked for.
[<Sealed>]
type internal FlatIndex(flat: Flat) =
    let tensors = Array.ofList flat.Tensors
    let used = Array.zeroCreate<bool> tensors.Length
    // names by their place in the list, tensors before scalars, which may have the name of a tensor; of two tensors of a name the last counts
    let order = Dictionary<string, int>(tensors.Length, StringComparer.Ordinal)
    let scalars = Dictionary<string, Scalar>(StringComparer.Ordinal)
    let mutable gaps = 0

    do
        for place in 0 .. tensors.Length - 1 do
            order[tensors[place].Name] <- place

        for name, value in flat.Scalars do
            order.TryAdd(name, tensors.Length + scalars.Count) |> ignore
            scalars[name] <- value

    let placeOf name =
        match order.TryGetValue name with
        | true, place when place < tensors.Length -> place
        | _ -> -1

    let names =
        let names = Array.ofSeq order.Keys
        Array.Sort(names, StringComparer.Ordinal)
        names

    let first (prefix: string) =
        match Array.BinarySearch(names, prefix, StringComparer.Ordinal) with
        | found when found >= 0 -> found
        | missed -> ~~~missed

    member _.Tensor name =
        match placeOf name with
        | -1 -> ValueNone
        | place ->
            used[place] <- true
            ValueSome tensors[place]

    member _.Scalar name =
        match scalars.TryGetValue name with
        | true, value -> Some value
        | _ -> None

    /// Whether anything is at this place or inside it.
    member _.Has(place: Place) =
        order.ContainsKey place.Name
        || (let at = first place.Inner
            at < names.Length && names[at].StartsWith(place.Inner, StringComparison.Ordinal))

    /// What follows the prefix in each name that begins with it, in the order of the list.
    member _.Under(prefix: string) =
        seq { for at in first prefix .. names.Length - 1 -> names[at] }
        |> Seq.takeWhile (fun name -> name.StartsWith(prefix, StringComparison.Ordinal))
        |> Seq.sortBy (fun name -> order[name])
        |> Seq.map (fun name -> name.Substring prefix.Length)

    /// The numbers of the items of a list that have names, -1 for names that are no item's. Larger numbers are names: a file must not
    /// ask for endless lists of nothing.
    member _.Numbers(prefix: string) =
        let numbers = HashSet<int>()
        let mutable at = first prefix

        while at < names.Length && names[at].StartsWith(prefix, StringComparison.Ordinal) do
            numbers.Add(Place.number (names[at].AsSpan prefix.Length)) |> ignore
            at <- at + 1

        numbers

    /// So many more items of nothing.
    member _.Gaps(count: int, path: string) =
        gaps <- gaps + count

        if gaps > Place.mostGaps then
            let path = if path = "" then [] else [ path ]

            RecordError.raise (
                RecordError.TooLarge(path, "number of items without tensors", int64 gaps, int64 Place.mostGaps)
            )

    member _.Unused =
        [
            for tensor in flat.Tensors do
                if not used[placeOf tensor.Name] then
                    tensor
        ]
