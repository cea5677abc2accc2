namespace Records.Core

open System
open System.Collections.Generic
open System.Formats.Cbor

/// What the metadata says of one tensor. The offsets count from where the data begins.
[<NoEquality; NoComparison>]
type internal BurnpackTensor =
    { Name: string; Dtype: Dtype; Dims: uint64 list; Start: uint64; End: uint64; Id: uint64 option }

/// The metadata of a burnpack file.
[<NoEquality; NoComparison>]
type internal BurnpackMetadata =
    {
        Tensors: BurnpackTensor list
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

    /// What was read of one tensor's description: one object, for there are many tensors.
    [<Sealed>]
    type private Description(name: string) =
        let mutable known = 0
        let mutable others: HashSet<string> option = None
        let mutable dtype = None
        let mutable dims = []
        let mutable first = 0UL
        let mutable last = 0UL
        let mutable id = None

        // a bit for each of the known keys that were seen
        static let bit key =
            match key with
            | "dtype" -> 1
            | "shape" -> 2
            | "data_offsets" -> 4
            | "param_id" -> 8
            | _ -> 0

        /// Whether the key was not there before.
        member _.IsFirst(key: string) =
            match bit key with
            | 0 ->
                if others.IsNone then
                    others <- Some(HashSet<string>(StringComparer.Ordinal))

                others.Value.Add key
            | bit ->
                let isFirst = known &&& bit = 0
                known <- known ||| bit
                isFirst

        member _.Read(cursor: CborCursor, forgive: RecordError -> unit, key: string) =
            match key with
            | "dtype" -> dtype <- Some(BurnpackDtypes.read cursor)
            | "shape" ->
                cursor.Array(
                    "a shape",
                    fun count ->
                        if count >= cursor.Limits.Rank then
                            cursor.TooLarge("number of dimensions", int64 count + 1L, int64 cursor.Limits.Rank)

                        dims <- cursor.Unsigned "a dimension" :: dims
                )
                |> ignore
            | "data_offsets" ->
                let at = cursor.Offset

                let count =
                    cursor.Array(
                        "two offsets",
                        fun index ->
                            match index with
                            | 0 -> first <- cursor.Unsigned "an offset"
                            | 1 -> last <- cursor.Unsigned "an offset"
                            | _ -> cursor.Skip()
                    )

                if count < 2 then
                    cursor.FailAt(at, "two offsets", string count)

                if count > 2 then
                    forgive (RecordError.Malformed(format, [ name ], at, "two offsets", string count))
            | "param_id" ->
                if not (cursor.Null()) then
                    id <- Some(cursor.Unsigned "a parameter id")
            | _ -> cursor.Skip()

        member _.Tensor(cursor: CborCursor, offset) : BurnpackTensor =
            let demand key what =
                if known &&& bit key = 0 then
                    cursor.FailAt(offset, what, "none")

            demand "dtype" "a dtype"
            demand "shape" "a shape"
            demand "data_offsets" "data_offsets"
            { Name = name; Dtype = dtype.Value; Dims = List.rev dims; Start = first; End = last; Id = id }

    let private tensor (cursor: CborCursor) forgive name : BurnpackTensor =
        let offset = cursor.Offset
        let description = Description name

        cursor.Map(
            "a tensor's description",
            fun key ->
                if not (description.IsFirst key) then
                    cursor.Fail("each key once", $"'{key}' a second time")

                description.Read(cursor, forgive, key)
        )

        description.Tensor(cursor, offset)

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
        (read: string -> 'T)
        (entry: string -> 'T -> 'U)
        : 'U list =
        let names = ResizeArray<string>()
        let values = ResizeArray<'T>()
        // Rust writes names in order: only where one is not behind the one before it can it be there already
        let places =
            lazy
                Dictionary<string, int>(
                    names |> Seq.mapi (fun place name -> KeyValuePair(name, place)),
                    StringComparer.Ordinal
                )

        let placeOf (name: string) =
            if
                not places.IsValueCreated
                && (names.Count = 0 || String.CompareOrdinal(names[names.Count - 1], name) < 0)
            then
                -1
            else
                match places.Value.TryGetValue name with
                | true, place -> place
                | _ ->
                    places.Value.Add(name, names.Count)
                    -1

        cursor.Map(
            $"a map of {what}",
            fun name ->
                cursor.Path <- [ name ]
                let offset = cursor.Offset

                if names.Count >= limit then
                    cursor.TooLarge($"number of {what}", int64 names.Count + 1L, int64 limit)

                let value = read name

                match placeOf name with
                | -1 ->
                    names.Add name
                    values.Add value
                | place ->
                    forgive (RecordError.Malformed(format, [ name ], offset, "each name once", "a second one"))
                    values[place] <- value

                cursor.Path <- []
        )

        [ for place in 0 .. names.Count - 1 -> entry names[place] values[place] ]

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
                    let tensors =
                        named cursor forgive "tensors" tensors (tensor cursor forgive) (fun _ tensor -> tensor)

                    found.Value <- Some tensors
                | "metadata" ->
                    let text name =
                        if name = Seal.key then
                            // as long as there are tensors
                            seal.Value <- ValueSome(cursor.TextBytes("a text", limits.HeaderBytes))
                            ""
                        else
                            cursor.Text "a text"

                    let pair name text = name, text
                    texts.Value <- Map.ofList (named cursor forgive "metadata" most text pair)
                | "scalars" ->
                    let pair name scalar = name, scalar
                    scalars.Value <- named cursor forgive "scalars" most (fun _ -> scalar cursor) pair
                | _ -> cursor.Skip()
        )

        if cursor.Left > 0 then
            let actual = $"{cursor.Left} bytes"
            forgive (RecordError.Malformed(format, [], cursor.Offset, "the end of the metadata", actual))

        match found.Value with
        | Some tensors ->
            {
                Tensors = tensors
                Texts = Map.remove Seal.key texts.Value
                Scalars = scalars.Value
                Seal = seal.Value
            }
        | None -> cursor.FailAt(offset, "tensors", "none")

    // ---- writing

    // field by field, and no list of them: there are many tensors
    let private writeTensor (writer: CborWriter) burn (tensor: BurnpackTensor) =
        writer.WriteStartMap(Nullable(if tensor.Id.IsSome then 4 else 3))
        writer.WriteTextString "dtype"
        Burn.under tensor.Name (fun () -> BurnpackDtypes.write writer burn tensor.Dtype)
        writer.WriteTextString "shape"
        writer.WriteStartArray(Nullable tensor.Dims.Length)

        for dim in tensor.Dims do
            writer.WriteUInt64 dim

        writer.WriteEndArray()
        writer.WriteTextString "data_offsets"
        writer.WriteStartArray(Nullable 2)
        writer.WriteUInt64 tensor.Start
        writer.WriteUInt64 tensor.End
        writer.WriteEndArray()

        match tensor.Id with
        | Some id ->
            writer.WriteTextString "param_id"
            writer.WriteUInt64 id
        | None -> ()

        writer.WriteEndMap()

    let private writeScalar (writer: CborWriter) name scalar =
        let kind, write =
            let signed value =
                "Int", (fun () -> writer.WriteInt64 value)

            let unsigned value =
                "UInt", (fun () -> writer.WriteUInt64 value)

            match scalar with
            | Scalar.I64 value -> signed value
            | Scalar.I32 value -> signed (int64 value)
            | Scalar.I16 value -> signed (int64 value)
            | Scalar.I8 value -> signed (int64 value)
            | Scalar.U64 value -> unsigned value
            | Scalar.U32 value -> unsigned (uint64 value)
            | Scalar.U16 value
            | Scalar.F16 value
            | Scalar.BF16 value -> unsigned (uint64 value)
            | Scalar.U8 value -> unsigned (uint64 value)
            | Scalar.F64 value -> "Float", (fun () -> Cbor.float writer value)
            | Scalar.F32 value -> "Float", (fun () -> Cbor.float writer (Numbers.widen value))
            | Scalar.Bool value -> "Bool", (fun () -> writer.WriteBoolean value)
            | Scalar.Text _
            | Scalar.Unit ->
                RecordError.raise (RecordError.Unsupported([ name ], "burnpack has numbers and truth values only"))

        Cbor.fields writer [ kind, write ]

    /// The metadata as Burn's writer makes it.
    let write (burn: BurnVersion) (metadata: BurnpackMetadata) : byte[] =
        // as large as it will be, about: nothing is copied as it grows
        let size =
            1024L
            + (metadata.Tensors |> List.sumBy (fun tensor -> int64 tensor.Name.Length + 80L))
            + (metadata.Texts.Values |> Seq.sumBy (fun text -> int64 text.Length))

        let writer = CborWriter(CborConformanceMode.Lax, false, false, int (min size (1L <<< 28)))

        Cbor.fields
            writer
            [
                "tensors",
                (fun () ->
                    Cbor.sorted writer [ for tensor in metadata.Tensors -> tensor.Name, tensor ] (fun _ tensor ->
                        writeTensor writer burn tensor))
                if not metadata.Texts.IsEmpty then
                    "metadata",
                    (fun () ->
                        Cbor.sorted writer (Map.toSeq metadata.Texts) (fun _ text ->
                            Cbor.utf8 text |> ignore
                            writer.WriteTextString text))
                if not metadata.Scalars.IsEmpty then
                    "scalars", (fun () -> Cbor.sorted writer metadata.Scalars (writeScalar writer))
            ]

        writer.Encode()
