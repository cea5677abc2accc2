namespace Records.Core

open System

/// A tensor that is not there yet, and what is known of it.
[<Sealed>]
type private LaterTensor(dtype: Dtype, shape: Shape, computed: Lazy<TensorData>) =
    member _.Dtype: Dtype = dtype
    member _.Shape: Shape = shape
    member _.Computed: Lazy<TensorData> = computed

/// A tensor with an id, computed when first asked for. Until then it takes no memory, and its dtype and shape are known.
[<Sealed>]
type Parameter private (id: ParamId, value: objnull) =

    // A tensor or a later one. There is one of these for each parameter of a model, so it is no larger than it must be.
    let later () =
        match value with
        | :? LaterTensor as later -> ValueSome later
        | _ -> ValueNone

    /// A parameter that has its tensor.
    new(id: ParamId, data: TensorData) =
        Parameter(id, box data)

        then
            // null from C# is told here
            ignore data.Dtype

    /// A parameter whose tensor the function computes, once, whoever asks first.
    new(id: ParamId, dtype: Dtype, shape: Shape, initialise: Func<TensorData>) =
        let checkedValue () =
            let data = initialise.Invoke()

            if data.Dtype <> dtype || data.Shape <> shape then
                let expected = $"{Dtype.name dtype} {Shape.text shape}"
                invalidOp $"An initialiser gave {TensorData.text data}, its parameter is {expected}."

            data

        Parameter(id, box (LaterTensor(dtype, shape, Lazy<TensorData> checkedValue)))

    /// The id: kept when the tensor is replaced.
    member _.Id = id

    /// Element type; asking computes nothing.
    member this.Dtype: Dtype =
        match later () with
        | ValueSome later -> later.Dtype
        | ValueNone -> this.Value.Dtype

    /// Dimensions; asking computes nothing.
    member this.Shape: Shape =
        match later () with
        | ValueSome later -> later.Shape
        | ValueNone -> this.Value.Shape

    /// The tensor, computed now if it has not been. Other threads that ask meanwhile wait for it.
    member _.Value: TensorData =
        match later () with
        | ValueSome later -> later.Computed.Value
        | ValueNone -> unbox<TensorData> value

    /// Whether there is a tensor yet.
    member _.IsInitialised =
        match later () with
        | ValueSome later -> later.Computed.IsValueCreated
        | ValueNone -> true

    /// The same parameter with another tensor.
    member _.With(data: TensorData) = Parameter(id, data)
