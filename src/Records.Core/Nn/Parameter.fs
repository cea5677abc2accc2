namespace Records.Core

open System

[<Struct; RequireQualifiedAccess; NoEquality; NoComparison>]
type internal ParameterValue =
    | Known of Data: TensorData
    | Later of Computed: Lazy<TensorData>

/// A tensor with an id, computed when first asked for. Until then it takes no memory, and its dtype and shape are known.
[<Sealed>]
type Parameter private (id: ParamId, dtype: Dtype, shape: Shape, value: ParameterValue) =

    /// A parameter that has its tensor.
    new(id: ParamId, data: TensorData) = Parameter(id, data.Dtype, data.Shape, ParameterValue.Known data)

    /// A parameter whose tensor the function computes, once, whoever asks first.
    new(id: ParamId, dtype: Dtype, shape: Shape, initialise: Func<TensorData>) =
        let checkedValue () =
            let data = initialise.Invoke()

            if data.Dtype <> dtype || data.Shape <> shape then
                let expected = $"{Dtype.name dtype} {Shape.text shape}"
                invalidOp $"An initialiser gave {TensorData.text data}, its parameter is {expected}."

            data

        Parameter(id, dtype, shape, ParameterValue.Later(Lazy<TensorData> checkedValue))

    /// The id: kept when the tensor is replaced.
    member _.Id = id

    /// Element type; asking computes nothing.
    member _.Dtype = dtype

    /// Dimensions; asking computes nothing.
    member _.Shape = shape

    /// The tensor, computed now if it has not been. Other threads that ask meanwhile wait for it.
    member _.Value =
        match value with
        | ParameterValue.Known data -> data
        | ParameterValue.Later computed -> computed.Value

    /// Whether there is a tensor yet.
    member _.IsInitialised =
        match value with
        | ParameterValue.Known _ -> true
        | ParameterValue.Later computed -> computed.IsValueCreated

    /// The same parameter with another tensor.
    member _.With(data: TensorData) = Parameter(id, data)
