namespace Records.Core

open System
open System.Buffers
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// A window of at most 2 GiB on the bytes of an array; the array may be larger than that.
[<Sealed>]
type internal ArrayWindow<'T when 'T: unmanaged>(values: 'T[], offset: int64, length: int) =
    inherit MemoryManager<byte>()

    override _.GetSpan() =
        if length = 0 then
            Span.Empty
        else
            let first = &Unsafe.As<'T, byte>(&MemoryMarshal.GetArrayDataReference values)
            MemoryMarshal.CreateSpan(&Unsafe.AddByteOffset(&first, nativeint offset), length)

    override this.Pin index =
        if index < 0 || index > length then
            raise (ArgumentOutOfRangeException(nameof index))

        // Not GCHandle.Alloc: it refuses arrays of bool and char.
        let handle = GCHandle.FromIntPtr(PinnedGCHandle<'T[]>.ToIntPtr(new PinnedGCHandle<'T[]>(values)))
        // What is pinned does not move, so the address stays right after the span is gone.
        let address = Unsafe.AsPointer(&MemoryMarshal.GetReference(this.GetSpan().Slice index))
        new MemoryHandle(address, handle)

    override _.Unpin() = ()
    override _.Dispose(_: bool) = ()

/// The bytes of an array of numbers, in place.
[<Sealed>]
type internal ArraySource<'T when 'T: unmanaged>(values: 'T[]) =
    let length = values.LongLength * int64 sizeof<'T>

    let window (offset: int64) (count: int) =
        if offset < 0L || count < 0 || offset > length - int64 count then
            invalidArg (nameof offset) $"{offset} + {count} bytes lie outside an array of {length}."

        new ArrayWindow<'T>(values, offset, count)

    member _.Values = values

    interface ISource with
        member _.Name = "memory"
        member _.Length = length
        member _.InMemory = true
        member _.Outlives = true

        member _.Read(offset, count) =
            Memory<byte>.op_Implicit (window offset count).Memory

        member _.Fill(offset, target) =
            (window offset target.Length).GetSpan().CopyTo target

        member _.Dispose() = ()

/// Arrays of numbers as bytes and back. 'T is what one element is: single, Half, int64, bool.
[<RequireQualifiedAccess>]
module View =

    // Tensors are little-endian by definition, and views do not turn bytes around.
    let private demandLittleEndian () =
        if not BitConverter.IsLittleEndian then
            raise (
                PlatformNotSupportedException
                    "Records reads and writes tensors in place, on little-endian machines only."
            )

    /// The bytes of the array, not copied: it must not be changed while anyone uses the slice.
    let ofArray<'T when 'T: unmanaged> (values: 'T[]) : Slice =
        demandLittleEndian ()
        let source: ISource = new ArraySource<'T>(values)
        { Source = source; Offset = 0L; Length = source.Length }

    /// The array itself, when the slice is the whole of one made by ofArray with this very type. It must not be changed.
    let tryArray<'T when 'T: unmanaged> (slice: Slice) : 'T[] option =
        let source =
            match slice.Source with
            | :? Undecided as undecided -> undecided.Inner
            | source -> source

        match source with
        | :? ArraySource<'T> as source when slice.Offset = 0L && slice.Length = slice.Source.Length ->
            Some source.Values
        | _ -> None

    /// Bytes of a span at most: as many as an array has, and no element is cut.
    let private largest = int64 (Array.MaxLength &&& ~~~63)

    /// A new array with the values. Fails when the bytes do not divide into elements, when one array cannot hold them, or when the source does.
    let toArray<'T when 'T: unmanaged> (slice: Slice) : Result<'T[], RecordError> =
        demandLittleEndian ()
        let size = int64 sizeof<'T>

        if slice.Length % size <> 0L then
            Error(RecordError.Mismatch([], $"a multiple of {size} bytes", $"{slice.Length} bytes"))
        elif slice.Length / size > int64 Array.MaxLength then
            Error(RecordError.TooLarge([], "element count of one array", slice.Length / size, int64 Array.MaxLength))
        else
            RecordError.catch (fun () ->
                let values = GC.AllocateUninitializedArray<'T>(int (slice.Length / size))

                // A span counts its bytes in an int, so a large array takes several.
                for start in 0L .. largest .. slice.Length - 1L do
                    let count = int (min largest (slice.Length - start))
                    slice.Source.Fill(slice.Offset + start, (new ArrayWindow<'T>(values, start, count)).GetSpan())

                values)

    /// Memory for the tensor's elements, not filled yet: F32 as the array that kernels compute on, others as bytes. None for a
    /// tensor that is in memory of its own already.
    let internal reserve (data: TensorData) : Room voption =
        let fits = data.Bytes.Length / 4L <= int64 Array.MaxLength
        let source = data.Bytes.Source

        let room pieces bytes =
            ValueSome
                { From = data.Bytes; Pieces = pieces; Held = { data with Bytes = Undecided.keep data.Bytes bytes } }

        match data.Dtype with
        | _ when source.Outlives -> ValueNone
        | Dtype.F32
        | Dtype.Flex32 when fits && data.Bytes.Length % 4L = 0L ->
            demandLittleEndian ()
            let values = GC.AllocateUninitializedArray<single>(int (data.Bytes.Length / 4L))

            let pieces =
                [|
                    for start in 0L .. largest .. data.Bytes.Length - 1L do
                        let count = int (min largest (data.Bytes.Length - start))
                        (new ArrayWindow<single>(values, start, count)).Memory
                |]

            room pieces (ofArray values)
        | _ -> Chunks.reserve data.Bytes.Length ||> room

    /// The same tensor, read now and held in memory.
    let hold (data: TensorData) : TensorData =
        match reserve data with
        | ValueSome room ->
            Room.fill room
            room.Held
        | ValueNone -> data

    /// The same, with the failure of the source as a value.
    let tryHold data = RecordError.catch (fun () -> hold data)

    /// The array as a tensor of these dimensions, not copied. Fails when dtype and dimensions ask for another number of bytes.
    let tensor<'T when 'T: unmanaged> dtype dims (values: 'T[]) =
        Shape.create dims
        |> Result.bind (fun shape -> TensorData.create dtype shape (ofArray values))
