namespace Records.Core

open System

/// A tensor with an id, computed when first asked for. Until then it takes no memory, and its dtype and shape are known.
[<Sealed>]
type Parameter private (id: ParamId, dtype: Dtype, shape: Shape, value: Lazy<TensorData>) =

    /// A parameter that has its tensor.
    new(id: ParamId, data: TensorData) = Parameter(id, data.Dtype, data.Shape, Lazy<TensorData> data)

    /// A parameter whose tensor the function computes, once, whoever asks first.
    new(id: ParamId, dtype: Dtype, shape: Shape, initialise: Func<TensorData>) =
        let checkedValue () =
            let data = initialise.Invoke()

            if data.Dtype <> dtype || data.Shape <> shape then
                let expected = $"{Dtype.name dtype} {Shape.text shape}"
                invalidOp $"An initialiser gave {TensorData.text data}, its parameter is {expected}."

            data

        Parameter(id, dtype, shape, Lazy<TensorData>(checkedValue))

    /// The id: kept when the tensor is replaced.
    member _.Id = id

    /// Element type; asking computes nothing.
    member _.Dtype = dtype

    /// Dimensions; asking computes nothing.
    member _.Shape = shape

    /// The tensor, computed now if it has not been. Other threads that ask meanwhile wait for it.
    member _.Value = value.Value

    /// Whether there is a tensor yet.
    member _.IsInitialised = value.IsValueCreated

    /// The same parameter with another tensor.
    member _.With(data: TensorData) = Parameter(id, data)
