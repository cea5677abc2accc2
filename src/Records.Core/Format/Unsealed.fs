namespace Records.Core

open System
open System.Buffers
open System.Text

/// Reading files that end with a seal.
[<RequireQualifiedAccess>]
module internal Unsealed =

    /// A seal that was found, and is written as seals are; what it says has not been checked.
    [<NoEquality; NoComparison>]
    type Found =
        {
            Seal: Seal
            Carrier: Carrier
            Stored: ISource
            /// Where what belongs to it begins: the copy, where it has one.
            Start: int64
            /// Where the bytes of the copy begin.
            CopyStart: int64
        }

    /// Marks stand this near to the end of a file.
    let private near = 128L

    /// What the source holds from this byte to that, in memory.
    let stretch (source: ISource) (start: int64) (stop: int64) =
        let bytes = GC.AllocateUninitializedArray<byte>(int (stop - start))
        source.Fill(start, Span bytes)
        bytes

    /// The length of the text that ends with the mark at this byte, as it stands before that.
    let lengthBefore (limits: Limits) (file: ISource) (mark: int64) =
        let digits = int64 (Seal.trailer - 1 - Seal.magic.Length)

        if mark < digits then
            Seal.damaged mark "no length before it"

        let length = Encoding.ASCII.GetString(stretch file (mark - digits) (mark - 1L))

        match Int64.TryParse(length, Globalization.NumberStyles.AllowHexSpecifier, null) with
        | true, length when length >= int64 Seal.trailer && length <= mark + int64 Seal.magic.Length ->
            if length > limits.HeaderBytes then
                RecordError.raise (RecordError.TooLarge([], "bytes of a seal", length, limits.HeaderBytes))

            length
        | _ -> Seal.damaged (mark - digits) "another length"

    /// The mark at the end of these bytes: where it is in the file, and what follows it.
    let markAt (file: ISource) : struct (int64 * byte[]) voption =
        let start = max 0L (file.Length - near)
        let tail = stretch file start file.Length

        match Seal.findMark (ReadOnlySpan tail) with
        | ValueNone -> ValueNone
        | ValueSome(struct (at, 0)) -> ValueSome(struct (start + int64 at, tail[at + Seal.magic.Length ..]))
        | ValueSome(struct (at, wrong)) -> Seal.damaged (start + int64 at) $"a mark with {wrong} wrong bits"

    /// The seal at the end of a file of one of these kinds. Fails for one that is not as it was written.
    let find (carriers: Carrier list) limits (file: ISource) : Found voption =
        match markAt file with
        | ValueNone -> ValueNone
        | ValueSome(struct (mark, after)) ->
            match carriers |> List.tryFind (fun carrier -> Carrier.closing carrier = after) with
            | None -> Seal.damaged (mark + int64 Seal.magic.Length) "other bytes behind it"
            | Some carrier ->
                let stop = mark + int64 Seal.magic.Length
                let start = stop - lengthBefore limits file mark
                let text = ReadOnlyMemory(stretch file start stop)
                let seal = Seal.parse (Carrier.mostCopied carrier) start text

                /// Where these bytes begin, which end here.
                let before (expected: byte[]) (stop: int64) =
                    let start = stop - int64 expected.Length

                    if start < 0L || expected.Length > 0 && stretch file start stop <> expected then
                        Seal.damaged (max 0L start) "other bytes before it"

                    start

                let opening = before (Carrier.opening carrier text.Length) start

                let copyStart =
                    if seal.Copy > opening then
                        Seal.damaged start "a copy that cannot be"

                    opening - seal.Copy

                let first = before (Carrier.copyOpening carrier seal.Copy) copyStart

                match Array.tryLast seal.Tensors with
                | Some last when last.Start + last.Length > first -> Seal.damaged start "a tensor beyond the end"
                | _ -> ()

                if seal.Copy > 0L && seal.Copy <> first - Array.sumBy _.Length seal.Tensors then
                    Seal.damaged start "a copy of another length"

                ValueSome { Seal = seal; Carrier = carrier; Stored = file; Start = first; CopyStart = copyStart }

    /// Hashes all that lies between the tensors, from this byte to that, and keeps it where there is room.
    let between (file: ISource) (tensors: SealedTensor[]) (start: int64) (stop: int64) (kept: Kept) (hash: BlockHash) =
        let buffer = ArrayPool<byte>.Shared.Rent(1 <<< 13)
        // where in the file what is in the buffer begins, and how much that is
        let mutable held = start
        let mutable filled = 0

        /// Where what lies before this tensor ends.
        let before index =
            if index < tensors.Length then
                tensors[index].Start
            else
                stop

        /// How far to read from this byte for what lies before this tensor, and for what comes soon after it.
        let reach (at: int64) index =
            let mutable index = index

            while index < tensors.Length
                  && tensors[index].Length <= Carrier.together
                  && before (index + 1) - at <= int64 buffer.Length do
                index <- index + 1

            before index

        try
            let mutable at = start

            for index in 0 .. tensors.Length do
                let first = at
                let last = before index
                let copy = kept.Room(last - first)

                while at < last do
                    if at < held || at >= held + int64 filled then
                        held <- at
                        filled <- int (min (int64 buffer.Length) (reach at index - at))
                        file.Fill(held, Span(buffer, 0, filled))

                    let here = Span(buffer, 0, filled).Slice(int (at - held))
                    let count = int (min (last - at) (int64 here.Length))
                    hash.Append(Span.op_Implicit (here.Slice(0, count)))

                    if copy.Length > 0 then
                        here.Slice(0, count).CopyTo(copy.Span.Slice(int (at - first)))

                    at <- at + int64 count

                if copy.Length > 0 then
                    kept.Add { Start = first; Stop = last; Bytes = Memory.op_Implicit copy }

                if index < tensors.Length then
                    at <- last + tensors[index].Length
        finally
            ArrayPool<byte>.Shared.Return buffer

    /// The own hash of a file, where this is the hash of what is no tensor's.
    let private own (found: Found) (hash: BlockHash) =
        Carrier.hashUnsigned found.Carrier found.Seal hash
        hash.Digest()

    /// The own hash by what lies between the tensors.
    let private ownThere kept (found: Found) =
        let hash = BlockHash()
        between found.Stored found.Seal.Tensors 0L found.Start kept hash
        own found hash

    /// The own hash by the copy of that.
    let private ownCopied (found: Found) =
        let hash = BlockHash()
        between found.Stored [||] found.CopyStart (found.CopyStart + found.Seal.Copy) (Kept 0L) hash
        own found hash

    /// The own hash by the copy, which is kept as what lies between the tensors: one read, however many they are.
    let private ownKept (room: Memory<byte>) (kept: Kept) (found: Found) =
        found.Stored.Fill(found.CopyStart, room.Span)
        let hash = BlockHash()
        hash.Append(Span.op_Implicit room.Span)
        let tensors = found.Seal.Tensors
        let mutable at = 0L
        let mutable used = 0

        for index in 0 .. tensors.Length do
            let stop =
                if index < tensors.Length then
                    tensors[index].Start
                else
                    found.Start

            if stop > at then
                let bytes = Memory.op_Implicit (room.Slice(used, int (stop - at)))
                kept.Add { Start = at; Stop = stop; Bytes = bytes }
                used <- used + bytes.Length

            if index < tensors.Length then
                at <- stop + tensors[index].Length

        own found hash

    /// What is wrong where the own hash is this by what begins at each of these bytes. What is wrong with both in the same way is the seal.
    let private wrongOwn (found: Found) (hashes: struct (int64 * UInt128) list) =
        hashes
        |> List.filter (fun (struct (_, hash)) -> hash <> found.Seal.Own)
        |> List.distinctBy (fun (struct (_, hash)) -> hash)
        |> List.map (fun (struct (start, hash)) -> Seal.wrongRest start found.Stored.Length found.Seal.Own hash)

    let private wrongRestKept kept (found: Found) =
        wrongOwn
            found
            [
                struct (0L, ownThere kept found)

                if found.Seal.Copy > 0L then
                    struct (found.CopyStart, ownCopied found)
            ]

    /// What is wrong beside the tensors, all of it.
    let wrongRest found = wrongRestKept (Kept 0L) found

    /// The same of a file that is to be decoded from its copy, where it has one. Whole where all of the file will be read.
    let private wrongDecoded whole (kept: Kept) (found: Found) =
        let room =
            if found.Stored.InMemory then
                Memory.Empty
            else
                kept.Room found.Seal.Copy

        if room.IsEmpty then
            wrongRestKept kept found
        else
            wrongOwn
                found
                [
                    struct (found.CopyStart, ownKept room kept found)

                    if whole then
                        struct (0L, ownThere (Kept 0L) found)
                ]

    /// What is wrong with the tensors, all of it.
    let wrongTensors (file: ISource) (tensors: SealedTensor[]) =
        [
            for tensor in tensors do
                match CheckedSource.Hash(file, tensor.Start, tensor.Length) with
                | digest when digest = tensor.Hash -> ()
                | digest -> Seal.wrongTensor tensor digest
        ]

    let private plainKept kept (found: Found) name tensors : Input =
        let added = Carrier.added found.Carrier found.Seal.Copy
        let ending = Carrier.ending found.Carrier

        {
            Name = name
            Start = fun () -> PlainForward(found.Stored, kept, tensors, found.Start, added, ending)
        }

    /// The file without its seal, unchecked.
    let plain found name tensors = plainKept (Kept 0L) found name tensors

    /// The bytes of an input as a source, where they can be read at any place.
    let source (input: Input) : ISource voption =
        let forward = input.Start()

        match forward.Remaining with
        | ValueNone -> ValueNone
        | ValueSome length ->
            match forward.Take length with
            | ValueSome slice -> ValueSome(Forward.sourceOf input.Name slice)
            | ValueNone -> ValueNone

    /// The file, whose tensors are right or looked at when they are touched: now, where they stay in memory that was given.
    let checkedSource (file: ISource) (tensors: SealedTensor[]) : CheckedSource =
        if file.InMemory && file.Outlives then
            match wrongTensors file tensors with
            | [] -> new CheckedSource(file, tensors, true)
            | problems -> RecordError.raise (RecordError.ofList problems)
        else
            new CheckedSource(file, tensors, false)

    /// The file without its seal. What is beside the tensors is right; they are looked at when they are touched.
    let private opened whole kept name (found: Found) =
        match wrongDecoded whole kept found with
        | [] ->
            // what is kept is what was right, however it is read
            let file: ISource =
                if found.Stored.InMemory then
                    found.Stored
                else
                    new Overlaid(found.Stored, kept)

            plainKept kept { found with Stored = file } name (Some(checkedSource file found.Seal.Tensors))
        | problems -> RecordError.raise (RecordError.ofList problems)

    /// The same for a format that is read as a whole, front to back: it is hashed as it is read, and good once that is done.
    let private streamed name (found: Found) (isGood: bool ref) : Input =
        let inner = plain found name None

        let start () : IForward =
            let rest = BlockHash()

            let finish () =
                Carrier.hashUnsigned found.Carrier found.Seal rest

                match rest.Digest() with
                | digest when digest = found.Seal.Own ->
                    isGood.Value <- true
                    None
                | digest -> Some(Seal.wrongRest 0L found.Stored.Length found.Seal.Own digest)

            HashedForward(inner.Start(), found.Seal.Tensors, found.Start, rest, finish, ignore)

        { Name = name; Start = start }

    /// What passes by, and the last of it.
    let private lastOf (input: Input) =
        let mutable last = [||]

        for part in (Forward.rest (input.Start())).Parts do
            let kept = if part.Length >= int near then [||] else last
            let joined = Array.append kept (part.Slice(max 0 (part.Length - int near)).ToArray())
            last <- joined[max 0 (joined.Length - int near) ..]

        last

    /// Reads the input as if it had no seal; one that it has is checked. Streamed is a format whose tensors are read with all else.
    let read isStreamed carriers (context: DecodeContext) (input: Input) (work: Input -> Result<'T, RecordError>) =
        let unsealed (found: Found) =
            if isStreamed then
                let isGood = ref false
                let input = streamed input.Name found isGood

                match RecordError.catch (fun () -> work input) |> Result.bind id with
                | Ok value ->
                    // a reader that did not care for the end
                    if not isGood.Value then
                        for _ in (Forward.rest (input.Start())).Parts do
                            ()

                    Ok value
                | Error error ->
                    // what is told is the damage, and not what the reader stumbled over because of it
                    match wrongRest found @ wrongTensors found.Stored found.Seal.Tensors with
                    | [] -> Error error
                    | problems -> Error(RecordError.ofList problems)
            else
                // what is in memory is there
                let kept = Kept(if found.Stored.InMemory then 0L else Kept.Most)

                try
                    work (opened context.Whole kept input.Name found)
                finally
                    kept.Return()

        RecordError.catch (fun () ->
            match source input with
            | ValueSome file ->
                match find carriers context.Limits file with
                | ValueNone -> work input
                | ValueSome found -> unsealed found
            | ValueNone ->
                // Compressed by someone else after it was sealed: rare, and seen by what the reading stumbles over.
                match work input with
                | Error error when (Seal.findMark (ReadOnlySpan(lastOf input))).IsSome ->
                    let store = Option.defaultValue Chunks.gather context.Store
                    let file = store (Forward.rest (input.Start()))

                    match find carriers context.Limits (Forward.sourceOf input.Name file) with
                    | ValueSome found -> unsealed found
                    | ValueNone -> Error error
                | result -> result)
        |> Result.bind id
