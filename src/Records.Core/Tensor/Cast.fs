namespace Records.Core

open System
open System.Buffers
open System.Globalization
open System.Numerics.Tensors
open System.Runtime.InteropServices

/// Sees what a cast does: whole elements as they were, and as they became.
type internal ICastWitness =
    abstract See: before: ReadOnlySpan<byte> * after: ReadOnlySpan<byte> -> unit

/// Tensors of one dtype as another. Nothing is converted before someone reads.
[<RequireQualifiedAccess>]
module Cast =

    [<RequireQualifiedAccess>]
    type internal Family =
        | Float
        | Integer
        | Other

    /// What a dtype's elements are: only within a family is there a cast.
    let internal family dtype =
        match dtype with
        | Dtype.F64
        | Dtype.F32
        | Dtype.Flex32
        | Dtype.F16
        | Dtype.BF16 -> Family.Float
        | Dtype.I64
        | Dtype.I32
        | Dtype.I16
        | Dtype.I8
        | Dtype.U64
        | Dtype.U32
        | Dtype.U16
        | Dtype.U8 -> Family.Integer
        | Dtype.Bool _
        | Dtype.QFloat _
        | Dtype.OldQFloat _ -> Family.Other

    let private view<'T when 'T: unmanaged and 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T)>
        (bytes: ReadOnlySpan<byte>)
        =
        MemoryMarshal.Cast<byte, 'T> bytes

    let private into<'T when 'T: unmanaged and 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T)>
        (bytes: Span<byte>)
        =
        MemoryMarshal.Cast<byte, 'T> bytes

    let private noCast dtype : 'T =
        invalidOp $"{Dtype.name dtype} has no numbers to cast."

    // ---- floats go through singles, as in Burn: halves and doubles meet there, singles and doubles directly

    let internal toSingles dtype (source: ReadOnlySpan<byte>) (target: Span<single>) =
        match dtype with
        | Dtype.F64 -> TensorPrimitives.ConvertTruncating<double, single>(view<double> source, target)
        | Dtype.F16 -> Half.toSingles (view<Half> source) target
        | Dtype.BF16 -> Half.singlesOfBfloats (view<uint16> source) target
        | _ -> (view<single> source).CopyTo target

    let private ofSingles dtype (source: ReadOnlySpan<single>) (target: Span<byte>) =
        match dtype with
        | Dtype.F64 -> TensorPrimitives.ConvertTruncating<single, double>(source, into<double> target)
        | Dtype.F16 -> Half.ofSingles source (into<Half> target)
        | Dtype.BF16 -> Half.bfloatsOfSingles source (into<uint16> target)
        | _ -> source.CopyTo(into<single> target)

    /// Converts whole elements and gives how many finite ones became infinite.
    let private floats source target (from: ReadOnlySpan<byte>) (result: Span<byte>) =
        let count = result.Length / (Dtype.size target).Value

        if source = Dtype.F32 || source = Dtype.Flex32 then
            ofSingles target (view<single> from) result
        elif target = Dtype.F32 || target = Dtype.Flex32 then
            toSingles source from (into<single> result)
        else
            let singles = ArrayPool<single>.Shared.Rent count
            toSingles source from (Span(singles, 0, count))
            ofSingles target (ReadOnlySpan(singles, 0, count)) result
            ArrayPool<single>.Shared.Return singles

        // widening loses nothing
        if (Dtype.size target).Value > (Dtype.size source).Value || source = Dtype.F16 then
            0
        else
            Infinite.among target (Span.op_Implicit result) - Infinite.among source from

    // ---- integers go through 128 bits, where every one of them fits

    /// Floats that stand for integers. What is not whole becomes more than any integer dtype holds.
    let private wholes dtype (source: ReadOnlySpan<byte>) (target: Span<Int128>) =
        let singles = ArrayPool<single>.Shared.Rent target.Length
        toSingles dtype source (Span(singles, 0, target.Length))

        for index in 0 .. target.Length - 1 do
            let value = singles[index]

            target[index] <-
                if Single.IsInteger value && abs value < 1e30f then
                    Int128.CreateChecked<single> value
                else
                    Int128.MaxValue

        ArrayPool<single>.Shared.Return singles

    let private widen dtype (source: ReadOnlySpan<byte>) (target: Span<Int128>) =
        match dtype with
        | Dtype.F64
        | Dtype.F32
        | Dtype.F16 -> wholes dtype source target
        | Dtype.I64 -> TensorPrimitives.ConvertTruncating<int64, Int128>(view<int64> source, target)
        | Dtype.I32 -> TensorPrimitives.ConvertTruncating<int32, Int128>(view<int32> source, target)
        | Dtype.I16 -> TensorPrimitives.ConvertTruncating<int16, Int128>(view<int16> source, target)
        | Dtype.I8 -> TensorPrimitives.ConvertTruncating<sbyte, Int128>(view<sbyte> source, target)
        | Dtype.U64 -> TensorPrimitives.ConvertTruncating<uint64, Int128>(view<uint64> source, target)
        | Dtype.U32 -> TensorPrimitives.ConvertTruncating<uint32, Int128>(view<uint32> source, target)
        | Dtype.U16 -> TensorPrimitives.ConvertTruncating<uint16, Int128>(view<uint16> source, target)
        | Dtype.U8 -> TensorPrimitives.ConvertTruncating<byte, Int128>(source, target)
        | other -> noCast other

    let private narrow dtype (source: ReadOnlySpan<Int128>) (target: Span<byte>) =
        match dtype with
        | Dtype.I64 -> TensorPrimitives.ConvertTruncating<Int128, int64>(source, into<int64> target)
        | Dtype.I32 -> TensorPrimitives.ConvertTruncating<Int128, int32>(source, into<int32> target)
        | Dtype.I16 -> TensorPrimitives.ConvertTruncating<Int128, int16>(source, into<int16> target)
        | Dtype.I8 -> TensorPrimitives.ConvertTruncating<Int128, sbyte>(source, into<sbyte> target)
        | Dtype.U64 -> TensorPrimitives.ConvertTruncating<Int128, uint64>(source, into<uint64> target)
        | Dtype.U32 -> TensorPrimitives.ConvertTruncating<Int128, uint32>(source, into<uint32> target)
        | Dtype.U16 -> TensorPrimitives.ConvertTruncating<Int128, uint16>(source, into<uint16> target)
        | Dtype.U8 -> TensorPrimitives.ConvertTruncating<Int128, byte>(source, target)
        | other -> noCast other

    let private range dtype : struct (Int128 * Int128) =
        let inline between low high =
            struct (Int128.CreateChecked<_> low, Int128.CreateChecked<_> high)

        match dtype with
        | Dtype.I64 -> between Int64.MinValue Int64.MaxValue
        | Dtype.I32 -> between Int32.MinValue Int32.MaxValue
        | Dtype.I16 -> between Int16.MinValue Int16.MaxValue
        | Dtype.I8 -> between SByte.MinValue SByte.MaxValue
        | Dtype.U64 -> between UInt64.MinValue UInt64.MaxValue
        | Dtype.U32 -> between UInt32.MinValue UInt32.MaxValue
        | Dtype.U16 -> between UInt16.MinValue UInt16.MaxValue
        | Dtype.U8 -> between Byte.MinValue Byte.MaxValue
        | other -> noCast other

    /// Converts whole elements and gives how many did not fit.
    let private integers source target (from: ReadOnlySpan<byte>) (result: Span<byte>) =
        let count = result.Length / (Dtype.size target).Value
        let wide = ArrayPool<Int128>.Shared.Rent count
        let values = Span(wide, 0, count)
        widen source from values
        narrow target (Span.op_Implicit values) result
        let struct (low, high) = range target
        let mutable lost = 0

        for value in values do
            if value < low || value > high then
                lost <- lost + 1

        ArrayPool<Int128>.Shared.Return wide
        lost

    let private convert source target (from: ReadOnlySpan<byte>) (result: Span<byte>) =
        match family source with
        | Family.Float when family target = Family.Float -> floats source target from result
        | Family.Float
        | Family.Integer -> integers source target from result
        | Family.Other -> noCast source

    /// One element as text, for messages.
    let private text dtype (element: ReadOnlySpan<byte>) =
        let culture = CultureInfo.InvariantCulture

        match family dtype with
        | Family.Float when dtype = Dtype.F64 -> BitConverter.ToDouble(element).ToString culture
        | Family.Float ->
            let single = [| 0f |]
            toSingles dtype element (Span single)
            single[0].ToString culture
        | _ ->
            let wide = [| Int128.Zero |]
            widen dtype element (Span wide)
            wide[0].ToString culture

    /// Elements converted in one go: half a MiB of doubles.
    let private blockSize = 1 <<< 16

    /// Goes through the whole tensor, block after block.
    let private lostIn path (data: TensorData) target =
        let size = (Dtype.size data.Dtype).Value
        let width = (Dtype.size target).Value
        let source = Array.zeroCreate<byte>(blockSize * size)
        let result = Array.zeroCreate<byte>(blockSize * width)
        let mutable lost = 0L
        let mutable first = ""

        for start in 0L .. int64 source.Length .. data.Bytes.Length - 1L do
            let count = int (min (int64 source.Length) (data.Bytes.Length - start)) / size
            let from = Span(source, 0, count * size)
            data.Bytes.Source.Fill(data.Bytes.Offset + start, from)
            let here = convert data.Dtype target (Span.op_Implicit from) (Span(result, 0, count * width))

            if here > 0 && lost = 0L then
                // the first of them, one by one
                let mutable index = 0

                while first = "" do
                    let element = from.Slice(index * size, size)

                    if convert data.Dtype target (Span.op_Implicit element) (Span(result, 0, width)) > 0 then
                        first <- text data.Dtype (Span.op_Implicit element)

                    index <- index + 1

            lost <- lost + int64 here

        RecordError.OutOfRange(path, lost, first, Dtype.name target)

    /// Converts whole elements from this one on, as many as the result holds.
    let private elements
        (witness: ICastWitness option)
        path
        allowInfinite
        (data: TensorData)
        target
        (first: int64)
        (result: Span<byte>)
        =
        let size = (Dtype.size data.Dtype).Value
        let width = (Dtype.size target).Value
        let mutable index = first
        let mutable rest = result
        let buffer = ArrayPool<byte>.Shared.Rent(min (rest.Length / width) blockSize * size)

        try
            while not rest.IsEmpty do
                let count = min blockSize (rest.Length / width)
                let from = Span(buffer, 0, count * size)
                data.Bytes.Source.Fill(data.Bytes.Offset + index * int64 size, from)

                let lost = convert data.Dtype target (Span.op_Implicit from) (rest.Slice(0, count * width))

                if lost > 0 && not (allowInfinite && family target = Family.Float) then
                    RecordError.raise (lostIn path data target)

                match witness with
                | Some witness -> witness.See(Span.op_Implicit from, Span.op_Implicit (rest.Slice(0, count * width)))
                | None -> ()

                index <- index + int64 count
                rest <- rest.Slice(count * width)
        finally
            ArrayPool<byte>.Shared.Return buffer

    /// A source that converts as it is read.
    let private source witness path allowInfinite (data: TensorData) target length =
        let width = (Dtype.size target).Value

        { new ISource with
            member _.Name = data.Bytes.Source.Name
            member _.Length = length
            member _.InMemory = false
            member _.Outlives = false

            member this.Read(offset, count) =
                let bytes = GC.AllocateUninitializedArray<byte> count
                this.Fill(offset, bytes.AsSpan())
                ReadOnlyMemory bytes

            member _.Fill(offset, result) =
                let first = offset / int64 width
                let skip = int (offset - first * int64 width)

                if skip = 0 && result.Length % width = 0 then
                    elements witness path allowInfinite data target first result
                else
                    // an element is cut: convert the whole ones around the piece
                    let last = (offset + int64 result.Length + int64 width - 1L) / int64 width
                    let whole = Array.zeroCreate<byte>(int (last - first) * width)
                    elements witness path allowInfinite data target first (whole.AsSpan())
                    whole.AsSpan(skip, result.Length).CopyTo result

            member _.Dispose() = ()
        }

    /// The integers that an undecided tensor is then.
    let private resolved integers (data: TensorData) =
        let signed (bits: uint16) =
            int16 (bits >>> 1) ^^^ -(int16 (bits &&& 1us))

        match integers with
        | Integers.Whole -> Ok data
        | Integers.Bits -> Ok { data with Dtype = Dtype.U16 }
        | Integers.Zigzag ->
            View.toArray<uint16> data.Bytes
            |> Result.map (fun bits -> { data with Dtype = Dtype.I16; Bytes = View.ofArray (Array.map signed bits) })
        | Integers.Truths ->
            View.toArray<byte> data.Bytes
            |> Result.map (fun truths ->
                { data with Dtype = Dtype.I8; Bytes = View.ofArray [| for truth in truths -> -(sbyte truth) |] })

    /// The tensor as Cast.tensor gives it, with someone who sees every element once it is read.
    let rec internal witnessed witness path allowInfinite target (data: TensorData) =
        let integers = Undecided.integersOf data.Bytes

        let asked =
            integers.IsSome
            && family target = Family.Integer
            && family data.Dtype <> Family.Integer

        // Equals and not =: a scale that is NaN is itself
        if data.Dtype.Equals target then
            Ok data
        elif asked && integers <> Some Integers.Whole then
            resolved integers.Value data
            |> Result.bind (witnessed witness path allowInfinite target)
        elif not asked && family data.Dtype <> family target || family target = Family.Other then
            Error(RecordError.Mismatch(path, TensorData.text { data with Dtype = target }, TensorData.text data))
        elif
            Dtype.size data.Dtype = Dtype.size target
            && (target = Dtype.Flex32 || data.Dtype = Dtype.Flex32)
        then
            // two names for the same bits
            Ok { data with Dtype = target }
        else
            let length = Shape.count data.Shape * int64 (Dtype.size target).Value
            let source = source witness path allowInfinite data target length
            let bytes = { Source = source; Offset = 0L; Length = length }
            Ok { data with Dtype = target; Bytes = bytes }

    /// The tensor with its elements in the target's dtype, converted as they are read. Values that do not fit raise
    /// OutOfRange with this path then; infinite results of finite floats are let through when allowed.
    /// Between families of dtypes there is no cast: that is an error at once. But files of Burn up to 0.13 do not always
    /// say what a tensor's numbers are, and those of such a tensor become the integers that the target asks for.
    let tensor path allowInfinite target data =
        witnessed None path allowInfinite target data
