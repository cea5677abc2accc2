namespace Records.Core

open System
open System.Buffers.Binary

/// Where things are in a burnpack file: a header of ten bytes, metadata, then tensors. Since Burn 0.20 the data and each
/// tensor begin at a multiple of 256 with zeros before it; in 0.19 everything follows at once. The version in the header
/// is 1 in both, so the file's length and offsets tell which it is.
[<RequireQualifiedAccess>]
module internal BurnpackLayout =

    let private format = BurnpackMetadata.format

    let headerBytes = 10

    /// "BURN" as a little-endian number.
    let magic = "NRUB"B

    let alignment = 256UL

    let align (offset: uint64) =
        (offset + alignment - 1UL) / alignment * alignment

    let private malformed path offset expected actual =
        RecordError.Malformed(format, path, offset, expected, actual)

    let private fail path offset expected actual : 'T =
        RecordError.raise (malformed path offset expected actual)

    let private pathOf (tensor: BurnpackTensor voption) =
        match tensor with
        | ValueSome tensor -> [ tensor.Name ]
        | ValueNone -> []

    // ---- the header

    /// Bytes of metadata that the header announces.
    let metadataBytes forgive (header: ReadOnlyMemory<byte>) =
        let header = header.Span

        if header.Length < headerBytes then
            fail [] (int64 header.Length) "a header of 10 bytes" $"{header.Length} bytes"

        if not (header.StartsWith(ReadOnlySpan magic)) then
            fail [] 0L "\"NRUB\"" (Convert.ToHexStringLower(header.Slice(0, 4)))

        match BinaryPrimitives.ReadUInt16LittleEndian(header.Slice 4) with
        | 1us -> ()
        | 0us -> forgive (malformed [] 4L "version 1" "version 0")
        | version -> fail [] 4L "version 1" $"version {version}"

        BinaryPrimitives.ReadUInt32LittleEndian(header.Slice 6)

    let header (metadataBytes: int) =
        let header = Array.zeroCreate<byte> headerBytes
        magic.CopyTo(header, 0)
        BinaryPrimitives.WriteUInt16LittleEndian(Span(header, 4, 2), 1us)
        BinaryPrimitives.WriteUInt32LittleEndian(Span(header, 6, 4), uint32 metadataBytes)
        header

    /// The first byte after the metadata, and where aligned data begins.
    let private ends (metadataBytes: uint32) =
        let metadataEnd = uint64 headerBytes + uint64 metadataBytes
        metadataEnd, align metadataEnd

    // ---- which of the two it is

    let private sorted (tensors: BurnpackTensor[]) =
        // one of no bytes begins where the next does
        let order (a: BurnpackTensor) (b: BurnpackTensor) =
            match a.Start.CompareTo b.Start with
            | 0 -> a.End.CompareTo b.End
            | order -> order

        let mutable isSorted = true

        for index in 1 .. tensors.Length - 1 do
            isSorted <- isSorted && order tensors[index - 1] tensors[index] <= 0

        if isSorted then
            tensors
        else
            let places = Array.init tensors.Length id

            // those of no bytes stay in the order they have
            let inOrder a b =
                match order tensors[a] tensors[b] with
                | 0 -> a - b
                | order -> order

            Array.Sort(places, Comparison inOrder)
            places |> Array.map (fun place -> tensors[place])

    /// Whether each begins where this says after the one before it.
    let private follow (next: uint64 -> uint64) (tensors: BurnpackTensor[]) =
        let mutable last = 0UL
        let mutable fits = true

        for tensor in tensors do
            fits <- fits && tensor.Start = next last
            last <- tensor.End

        fits

    /// Says of stretches, asked for from front to back, whether they are zeros. Small ones near each other are read together.
    let private zerosOf (data: Slice) =
        let window = lazy Array.zeroCreate<byte>(int (min data.Length 8192L))
        let start = ref 0L
        let stop = ref 0L

        fun (first: int64) (count: int) ->
            let window = window.Value

            if first < start.Value || first + int64 count > stop.Value then
                start.Value <- first
                stop.Value <- min data.Length (first + int64 window.Length)
                data.Source.Fill(data.Offset + first, Span(window, 0, int (stop.Value - first)))

            not (window.AsSpan(int (first - start.Value), count).ContainsAnyExcept 0uy)

    let private ambiguous () : 'T =
        let reason =
            "these bytes are a whole file of Burn 0.19 and a damaged one of a later Burn alike: say which Burn wrote them"

        RecordError.raise (RecordError.Unsupported([], reason))

    /// The bytes between metadata and data. Data is what follows the metadata.
    let private gap lenient (burn: BurnVersion option) metadataBytes (tensors: BurnpackTensor[]) (data: Slice) =
        let metadataEnd, aligned = ends metadataBytes
        let padding = aligned - metadataEnd
        let last = tensors |> Array.fold (fun last tensor -> max last tensor.End) 0UL
        let there = uint64 data.Length
        let packed = follow id tensors
        let regular = follow align tensors
        let whole = there >= padding && there - padding = last
        let wholePacked = there = last

        let blank () =
            zerosOf data 0L (int (min padding there))

        match burn with
        | Some burn when burn < BurnVersion.minor 20 -> 0UL
        | Some _ -> padding
        | None when padding = 0UL || whole && (not packed || blank ()) -> padding
        // only in the older layout is the file complete
        | None when wholePacked && packed && not (regular && blank ()) -> 0UL
        | None when wholePacked && packed -> ambiguous ()
        // nothing fits: what is forgiven must not depend on a guess
        | None when lenient && packed && not (regular && blank ()) -> ambiguous ()
        | None -> padding

    // ---- tensors in the data

    let private text (tensor: BurnpackTensor) =
        $"{Dtype.name tensor.Dtype} [" + String.Join(", ", tensor.Dims) + "]"

    /// The bytes that shape and dtype ask for; None for quantised tensors, which have their own count, Some None for more than there can be.
    let private wanted (tensor: BurnpackTensor) =
        Dtype.size tensor.Dtype
        |> Option.map (fun size ->
            if
                List.contains 0UL tensor.Dims
                && List.forall (fun dim -> dim <= uint64 Int64.MaxValue) tensor.Dims
            then
                Some 0UL
            else
                let times (product: uint64 option) (factor: uint64) =
                    match product with
                    | Some product when factor <> 0UL && product > uint64 Int64.MaxValue / factor -> None
                    | Some product -> Some(product * factor)
                    | None -> None

                List.fold times (Some(uint64 size)) tensor.Dims)

    /// A tensor whose shape is not that of its bytes: as many whole elements as there are, in its shape if they suffice.
    let private mend (shape: Shape voption) (tensor: BurnpackTensor) (bytes: Slice) =
        let size = Dtype.size tensor.Dtype |> Option.defaultValue 1 |> int64

        match wanted tensor, shape with
        | Some(Some wanted), ValueSome shape when wanted <= uint64 bytes.Length ->
            shape, Slice.sub 0L (int64 wanted) bytes
        | _ ->
            let count = bytes.Length / size

            match Shape.create [ count ] with
            | Ok shape -> shape, Slice.sub 0L (count * size) bytes
            | Error error -> RecordError.raise error

    let private tensorData forgive shape (offset: int64) (tensor: BurnpackTensor) (bytes: Slice) : TensorData =
        let made =
            match shape with
            | ValueSome shape -> TensorData.create tensor.Dtype shape bytes |> Result.toValueOption
            | ValueNone -> ValueNone

        match made with
        | ValueSome data -> data
        | ValueNone ->
            let expected =
                match wanted tensor with
                | Some(Some wanted) -> $"{wanted} bytes for {text tensor}"
                | _ -> $"a shape that can be, not {text tensor}"

            forgive (malformed [ tensor.Name ] offset expected $"{bytes.Length} bytes")
            let shape, bytes = mend shape tensor bytes
            { Dtype = tensor.Dtype; Shape = shape; Bytes = bytes }

    /// The tensors of a file in the order of their bytes. Data is everything after the metadata, and plain the same where nobody looks
    /// whether tensors are whole. What a strict reader refuses and another need not goes to forgive, which may refuse it. Make makes of
    /// each what there is to be of it.
    let tensors
        lenient
        forgive
        burn
        metadataBytes
        (described: BurnpackTensor[])
        (plain: Slice)
        (data: Slice)
        (make: BurnpackTensor -> TensorData -> 'T)
        : 'T list =
        let metadataEnd, _ = ends metadataBytes
        let described = sorted described

        for tensor in described do
            if tensor.End < tensor.Start then
                fail [ tensor.Name ] (int64 metadataEnd) "an end after the start" $"{tensor.Start} to {tensor.End}"

        let gap = gap lenient burn metadataBytes described plain

        let isAligned =
            gap > 0UL
            || metadataEnd % alignment = 0UL
               && not (follow id described && not (follow align described))

        let rest = uint64 data.Length - min gap (uint64 data.Length)
        // in the file
        let place (offset: uint64) = int64 (metadataEnd + gap + offset)

        if uint64 data.Length < gap then
            fail [] (int64 metadataEnd + data.Length) $"{gap} bytes of padding" $"the end after {data.Length}"

        let areZeros = zerosOf plain
        let shapes = SharedDims()

        /// What lies between two tensors, or before the first: nothing, or zeros up to the next multiple of 256.
        let between (tensor: BurnpackTensor voption) (first: uint64) (last: uint64) (offset: int64) =
            if last - first >= alignment || not isAligned && last > first then
                forgive (malformed (pathOf tensor) offset "the next tensor at once" $"a hole of {last - first} bytes")
            elif last > first then
                if not (areZeros (int64 first) (int (last - first))) then
                    forgive (malformed (pathOf tensor) offset "zeros between tensors" "other bytes")

        between ValueNone 0UL gap (int64 metadataEnd)

        let take (last: uint64) (tensor: BurnpackTensor) =
            if tensor.End > rest then
                fail
                    [ tensor.Name ]
                    (place (min tensor.Start rest))
                    $"{tensor.End} bytes of data"
                    $"the end after {rest}"

            if tensor.Start < last then
                forgive (
                    malformed [ tensor.Name ] (place tensor.Start) "bytes of its own" "bytes of another tensor too"
                )
            else
                between (ValueSome tensor) (gap + last) (gap + tensor.Start) (place last)

            if isAligned && tensor.Start % alignment <> 0UL then
                forgive (
                    malformed [ tensor.Name ] (place tensor.Start) "a start at a multiple of 256" $"{tensor.Start}"
                )

            let bytes = Slice.sub (int64 (gap + tensor.Start)) (int64 (tensor.End - tensor.Start)) data
            tensorData forgive (shapes.Shape tensor.Dims) (place tensor.Start) tensor bytes

        let mutable last = 0UL

        let taken =
            [
                for tensor in described do
                    make tensor (take last tensor)
                    last <- max last tensor.End
            ]

        if rest > last then
            forgive (malformed [] (place last) "the end" $"{rest - last} bytes")

        taken
