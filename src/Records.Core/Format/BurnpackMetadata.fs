namespace Records.Core

open System
open System.Collections.Generic

/// What the metadata says of one tensor. The offsets count from where the data begins.
[<NoEquality; NoComparison>]
type internal BurnpackTensor =
    { Name: string; Dtype: Dtype; Dims: uint64 list; Start: uint64; End: uint64; Id: uint64 voption }

/// The metadata of a burnpack file.
[<NoEquality; NoComparison>]
type internal BurnpackMetadata =
    {
        Tensors: BurnpackTensor[]
        Texts: Map<string, string>
        Scalars: (string * Scalar) list
        /// The text of the seal of a file that was read, which is not among the texts.
        Seal: ReadOnlyMemory<byte> voption
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal BurnpackMetadata =

    let format = "burnpack"

    /// Texts and scalars beside the tensors. Burn has no limit for them; each costs more memory than it takes in the file.
    let private most = 1_000_000

    // ---- reading

    let private shape (cursor: CborCursor) (dims: SharedDims) =
        cursor.StartArray "a shape"
        dims.Start()

        while not cursor.AtEnd do
            if dims.Count >= cursor.Limits.Rank then
                cursor.TooLarge("number of dimensions", int64 dims.Count + 1L, int64 cursor.Limits.Rank)

            dims.Add(cursor.Unsigned "a dimension")

        cursor.EndArray "a shape"
        dims.List

    let private offsets (cursor: CborCursor) forgive name : struct (uint64 * uint64) =
        let at = cursor.Offset
        let mutable first = 0UL
        let mutable last = 0UL
        let mutable count = 0
        cursor.StartArray "two offsets"

        while not cursor.AtEnd do
            match count with
            | 0 -> first <- cursor.Unsigned "an offset"
            | 1 -> last <- cursor.Unsigned "an offset"
            | _ -> cursor.Skip()

            count <- count + 1

        cursor.EndArray "two offsets"

        if count < 2 then
            cursor.FailAt(at, "two offsets", string count)

        if count > 2 then
            forgive (RecordError.Malformed(format, [ name ], at, "two offsets", string count))

        struct (first, last)

    // a bit for each of the known keys that were seen
    let private bit key =
        match key with
        | "dtype" -> 1
        | "shape" -> 2
        | "data_offsets" -> 4
        | "param_id" -> 8
        | _ -> 0

    // in one piece, with nothing made on the way: there are many
    let private tensor (cursor: CborCursor) dims forgive name : BurnpackTensor =
        let offset = cursor.Offset
        let mutable known = 0
        let mutable others: HashSet<string> voption = ValueNone
        let mutable dtype = Dtype.U8
        let mutable shape' = []
        let mutable range = struct (0UL, 0UL)
        let mutable id = ValueNone
        cursor.StartMap "a tensor's description"

        while not cursor.AtEnd do
            let key = cursor.Key()
            let bit = bit key

            if bit = 0 && others.IsNone then
                others <- ValueSome(HashSet<string>(StringComparer.Ordinal))

            if known &&& bit > 0 || bit = 0 && not (others.Value.Add key) then
                cursor.Fail("each key once", $"'{key}' a second time")

            known <- known ||| bit

            match key with
            | "dtype" -> dtype <- BurnpackDtypes.read cursor
            | "shape" -> shape' <- shape cursor dims
            | "data_offsets" -> range <- offsets cursor forgive name
            | "param_id" ->
                if not (cursor.Null()) then
                    id <- ValueSome(cursor.Unsigned "a parameter id")
            | _ -> cursor.Skip()

        cursor.EndMap "a tensor's description"

        if known &&& bit "dtype" = 0 then
            cursor.FailAt(offset, "a dtype", "none")

        if known &&& bit "shape" = 0 then
            cursor.FailAt(offset, "a shape", "none")

        if known &&& bit "data_offsets" = 0 then
            cursor.FailAt(offset, "data_offsets", "none")

        let struct (first, last) = range
        { Name = name; Dtype = dtype; Dims = shape'; Start = first; End = last; Id = id }

    let private scalar (cursor: CborCursor) =
        let offset = cursor.Offset
        let found = ref None

        cursor.Map(
            "a scalar",
            fun kind ->
                if Option.isSome found.Value then
                    cursor.Fail("one kind of scalar", "a second one")

                found.Value <-
                    match kind with
                    | "Int" -> Some(Scalar.I64(cursor.Signed "an integer of 64 bits"))
                    | "UInt" -> Some(Scalar.U64(cursor.Unsigned "an integer"))
                    | "Float" -> Some(Scalar.F64(cursor.Float "a float"))
                    | "Bool" -> Some(Scalar.Bool(cursor.Bool "a truth value"))
                    | other -> cursor.Fail("Int, UInt, Float or Bool", $"'{other}'")
        )

        match found.Value with
        | Some scalar -> scalar
        | None -> cursor.FailAt(offset, "a scalar", "an empty map")

    /// Entries by name; one that is there twice is forgiven or not, and the last counts.
    let private named
        (cursor: CborCursor)
        forgive
        what
        limit
        (nameOf: 'T -> string)
        (read: string -> 'T)
        : ResizeArray<'T> =
        let entries = ResizeArray<'T>()
        // Rust writes names in order: only where one is not behind the one before it can it be there already
        let places =
            lazy
                Dictionary<string, int>(
                    entries |> Seq.mapi (fun place entry -> KeyValuePair(nameOf entry, place)),
                    StringComparer.Ordinal
                )

        let placeOf (name: string) =
            if
                not places.IsValueCreated
                && (entries.Count = 0
                    || String.CompareOrdinal(nameOf entries[entries.Count - 1], name) < 0)
            then
                -1
            else
                match places.Value.TryGetValue name with
                | true, place -> place
                | _ ->
                    places.Value.Add(name, entries.Count)
                    -1

        cursor.Map(
            $"a map of {what}",
            fun name ->
                cursor.Entry <- ValueSome name
                let offset = cursor.Offset

                if entries.Count >= limit then
                    cursor.TooLarge($"number of {what}", int64 entries.Count + 1L, int64 limit)

                let entry = read name

                match placeOf name with
                | -1 -> entries.Add entry
                | place ->
                    forgive (RecordError.Malformed(format, [ name ], offset, "each name once", "a second one"))
                    entries[place] <- entry

                cursor.Entry <- ValueNone
        )

        entries

    /// Reads the metadata. What a strict reader refuses and another need not goes to forgive, which may refuse it.
    let read limits (tensors: int) forgive (start: int64) (bytes: ReadOnlyMemory<byte>) : BurnpackMetadata =
        let cursor = CborCursor(format, limits, bytes, start)
        cursor.SkipSelfDescription()
        let offset = cursor.Offset
        let seen = HashSet<string>()
        let found = ref None
        let texts = ref Map.empty
        let scalars = ref []
        let seal = ref ValueNone
        let entries = limits.Entries + int64 (bytes.Length / 128)
        let most = int (min (int64 most) entries)
        let tensors = int (min (int64 tensors) entries)

        cursor.Map(
            "a map",
            fun key ->
                if not (seen.Add key) then
                    cursor.Fail("each key once", $"'{key}' a second time")

                match key with
                | "tensors" ->
                    let read = tensor cursor (SharedDims()) forgive
                    found.Value <- Some(named cursor forgive "tensors" tensors _.Name read)
                | "metadata" ->
                    let text name =
                        if name = Seal.key then
                            // as long as there are tensors
                            seal.Value <- ValueSome(cursor.TextBytes("a text", limits.HeaderBytes))
                            name, ""
                        else
                            name, cursor.Text "a text"

                    texts.Value <- Map.ofSeq (named cursor forgive "metadata" most fst text)
                | "scalars" ->
                    let scalar name = name, scalar cursor
                    scalars.Value <- List.ofSeq (named cursor forgive "scalars" most fst scalar)
                | _ -> cursor.Skip()
        )

        if cursor.Left > 0 then
            let actual = $"{cursor.Left} bytes"
            forgive (RecordError.Malformed(format, [], cursor.Offset, "the end of the metadata", actual))

        match found.Value with
        | Some tensors ->
            {
                Tensors = tensors.ToArray()
                Texts = Map.remove Seal.key texts.Value
                Scalars = scalars.Value
                Seal = seal.Value
            }
        | None -> cursor.FailAt(offset, "tensors", "none")
