using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>A parameter: a tensor that has an id and may not have been drawn yet. Compared by reference.</summary>
public sealed class Param
{
    private readonly Lazy<Core.TensorData> data;

    private Param(Core.ParamId id, Core.Dtype dtype, IReadOnlyList<long> shape, Lazy<Core.TensorData> data) =>
        (CoreId, CoreDtype, Shape, this.data) = (id, dtype, shape, data);

    /// <summary>The id, which optimizer state is keyed by.</summary>
    public ParamId Id => ParamId.Of(CoreId.Item);

    /// <summary>The dimensions; asking draws nothing.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The tensor. The first to ask draws it.</summary>
    public Tensor Value => new(Data);

    /// <summary>Whether the tensor is there already.</summary>
    public bool IsInitialised => data.IsValueCreated;

    internal Core.ParamId CoreId { get; }

    internal Core.Dtype CoreDtype { get; }

    internal Core.TensorData Data => data.Value;

    /// <summary>The same parameter with another value: the id stays.</summary>
    /// <param name="value">The new value.</param>
    public Param WithValue(Tensor value) => OfData(CoreId, value.Data);

    /// <summary>A new parameter with a new id.</summary>
    /// <param name="value">Its value.</param>
    public static Param Of(Tensor value) => OfData(Core.ParamId.NewParamId(Guid.NewGuid().ToString("N")), value.Data);

    internal static Param OfData(Core.ParamId id, Core.TensorData data)
    {
        var ready = new Lazy<Core.TensorData>(data);
        return new(id, data.Dtype, Core.ShapeModule.dims(data.Shape), ready);
    }

    internal static Param OfInitialiser(Core.ParamId id, Core.Dtype dtype, IEnumerable<long> shape, Func<Core.TensorData> draw) =>
        new(id, dtype, ListModule.OfSeq(shape), new Lazy<Core.TensorData>(draw));
}
