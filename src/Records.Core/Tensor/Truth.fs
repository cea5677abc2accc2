namespace Records.Core

/// Truth values, however they are stored.
[<RequireQualifiedAccess>]
module Truth =

    /// A new array with the values: whatever is not 0 is true. Fails on other than Bool.
    let ofTensor (data: TensorData) : Result<bool[], RecordError> =
        match data.Dtype with
        | Dtype.Bool BoolStore.U32 -> View.toArray<uint32> data.Bytes |> Result.map (Array.map ((<>) 0u))
        // Not toArray<bool>: to .NET a bool that is neither 0 nor 1 is both true and unequal to true.
        | Dtype.Bool _ -> View.toArray<byte> data.Bytes |> Result.map (Array.map ((<>) 0uy))
        | _ -> Error(RecordError.Mismatch([], "a tensor of Bool", TensorData.text data))
