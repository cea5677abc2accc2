namespace Records;

/// <summary>Numbers in a shape, immutable.</summary>
public sealed class Tensor
{
    internal Tensor(Core.TensorData data) => Data = data;

    internal Core.TensorData Data { get; }

    /// <summary>The dimensions, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => Core.ShapeModule.dims(Data.Shape);
}
