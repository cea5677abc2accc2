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
    // behind the tensor that was asked for last
    let mutable next = 0

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

    let isInside (place: Place) (name: string) =
        place.IsRoot
        || name.Length > place.Name.Length
           && name[place.Name.Length] = '.'
           && name.StartsWith(place.Name, StringComparison.Ordinal)

    /// Whether the name is before all that is inside the place, in their order.
    let isBefore (place: Place) (name: string) =
        match String.CompareOrdinal(name, 0, place.Name, 0, place.Name.Length) with
        | 0 -> name.Length = place.Name.Length || name[place.Name.Length] < '.'
        | order -> order < 0

    /// The first name that may be inside the place, without a text of what such names begin with: there are many places.
    let first (place: Place) =
        let mutable low = 0
        let mutable high = if place.IsRoot then 0 else names.Length

        while low < high do
            let middle = (low + high) / 2

            if isBefore place names[middle] then
                low <- middle + 1
            else
                high <- middle

        low

    /// How many names from this one on are inside the place.
    let countInside (place: Place) first =
        let mutable last = first

        while last < names.Length && isInside place names[last] do
            last <- last + 1

        last - first

    let follow (place: Place) (name: string) =
        if place.IsRoot then
            name.AsSpan()
        else
            name.AsSpan(place.Name.Length + 1)

    let isAt (place: Place) (part: string) (name: string) =
        (follow place name).SequenceEqual(part.AsSpan())

    member _.Tensor name =
        match placeOf name with
        | -1 -> ValueNone
        | place ->
            used[place] <- true
            next <- place + 1
            ValueSome tensors[place]

    member _.Scalar name =
        match scalars.TryGetValue name with
        | true, value -> Some value
        | _ -> None

    /// Whether anything is at this place or inside it.
    member _.Has(place: Place) =
        order.ContainsKey place.Name
        || (let at = first place
            at < names.Length && isInside place names[at])

    /// As Place.inside. What is asked for is mostly in the order of the list, and then its name is the one that is there.
    member _.Inside(place: Place, part: string) : Place =
        if
            next < tensors.Length
            && isInside place tensors[next].Name
            && isAt place part tensors[next].Name
        then
            Place.inside Place.root tensors[next].Name
        else
            Place.inside place part

    /// What follows the place in each name inside it, in the order of the list.
    member _.Under(place: Place) =
        let first = first place

        Array.sub names first (countInside place first)
        |> Array.sortBy (fun name -> order[name])
        |> Array.map (fun name -> (follow place name).ToString())

    /// The items of a list that have names: whether there is one of each number up to the last. Larger numbers are names: a file must not
    /// ask for endless lists of nothing.
    member _.Items(place: Place) : bool[] =
        let first = first place
        let count = countInside place first
        let mutable last = -1

        for at in first .. first + count - 1 do
            last <- max last (Place.number (follow place names[at]))

        let items = Array.zeroCreate<bool>(last + 1)

        for at in first .. first + count - 1 do
            match Place.number (follow place names[at]) with
            | -1 -> ()
            | number -> items[number] <- true

        items

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
