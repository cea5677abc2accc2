namespace Records.Core

open System

/// Where the largest values are.
[<RequireQualifiedAccess>]
module ArgMax =

    let private rowsOf<'T when 'T: unmanaged and 'T :> IComparable<'T>> (width: int) (slice: Slice) =
        let best (values: 'T[]) row =
            let mutable best = 0

            for column in 1 .. width - 1 do
                // CompareTo puts NaN below everything.
                if values[row * width + column].CompareTo values[row * width + best] > 0 then
                    best <- column

            best

        match View.tryArray<'T> slice with
        | Some values -> Ok values
        | None -> View.toArray<'T> slice
        |> Result.map (fun values -> Array.init (values.Length / width) (best values))

    /// The index of the largest value in each row along the last axis, the first of equals, in row-major order.
    /// A NaN is below every number. Fails when rows are empty, and on bool and quantised tensors.
    let lastAxis (data: TensorData) : Result<int[], RecordError> =
        match List.tryLast (Shape.dims data.Shape) |> Option.defaultValue 1L with
        | 0L -> Error(RecordError.Mismatch([], "rows with a largest value", TensorData.text data))
        | width when width > int64 Array.MaxLength ->
            Error(RecordError.TooLarge([], "last axis", width, int64 Array.MaxLength))
        | width ->
            let width = int width

            match data.Dtype with
            | Dtype.F64 -> rowsOf<float> width data.Bytes
            | Dtype.I64 -> rowsOf<int64> width data.Bytes
            | Dtype.I32 -> rowsOf<int> width data.Bytes
            | Dtype.I16 -> rowsOf<int16> width data.Bytes
            | Dtype.I8 -> rowsOf<sbyte> width data.Bytes
            | Dtype.U64 -> rowsOf<uint64> width data.Bytes
            | Dtype.U32 -> rowsOf<uint32> width data.Bytes
            | Dtype.U16 -> rowsOf<uint16> width data.Bytes
            | Dtype.U8 -> rowsOf<byte> width data.Bytes
            // float32 keeps the order of every smaller float
            | Dtype.F32
            | Dtype.Flex32
            | Dtype.F16
            | Dtype.BF16 ->
                Dense.ofTensor data
                |> Result.bind (fun dense -> rowsOf<float32> width (View.ofArray dense.Values))
            | Dtype.Bool _
            | Dtype.QFloat _
            | Dtype.OldQFloat _ -> Error(RecordError.Mismatch([], "a tensor of numbers", TensorData.text data))
