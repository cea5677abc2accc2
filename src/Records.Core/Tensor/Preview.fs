namespace Records.Core

open System
open System.Globalization

/// A glance at a tensor's values, for people.
[<RequireQualifiedAccess>]
module Preview =

    let private texts (values: Result<'T[], RecordError>) =
        values
        |> Result.map (Array.map (fun value -> Convert.ToString(value :> obj, CultureInfo.InvariantCulture)))

    /// At most so many of the first values: "1, 2, 3, …". Reads no more than those; fails when the source does, and on quantised tensors.
    let values (shown: int) (data: TensorData) : Result<string, RecordError> =
        let count = Shape.count data.Shape
        let read = min (int64 shown) count

        let first =
            match Dtype.size data.Dtype with
            | Some size -> Slice.sub 0L (read * int64 size) data.Bytes
            | None -> data.Bytes

        match data.Dtype with
        | Dtype.F64 -> texts (View.toArray<float> first)
        | Dtype.F32
        | Dtype.Flex32 -> texts (View.toArray<float32> first)
        | Dtype.F16 -> texts (View.toArray<Half> first)
        | Dtype.BF16 ->
            View.toArray<uint16> first
            |> Result.map (Array.map (fun bits -> BitConverter.UInt32BitsToSingle(uint32 bits <<< 16)))
            |> texts
        | Dtype.I64 -> texts (View.toArray<int64> first)
        | Dtype.I32 -> texts (View.toArray<int> first)
        | Dtype.I16 -> texts (View.toArray<int16> first)
        | Dtype.I8 -> texts (View.toArray<sbyte> first)
        | Dtype.U64 -> texts (View.toArray<uint64> first)
        | Dtype.U32 -> texts (View.toArray<uint32> first)
        | Dtype.U16 -> texts (View.toArray<uint16> first)
        | Dtype.U8 -> texts (View.toArray<byte> first)
        | Dtype.Bool _ -> texts (Truth.ofTensor { data with Bytes = first })
        | Dtype.QFloat _
        | Dtype.OldQFloat _ -> Error(RecordError.Unsupported([], "quantised values are not shown"))
        |> Result.map (fun texts -> String.Join(", ", texts) + (if read < count then ", …" else ""))
