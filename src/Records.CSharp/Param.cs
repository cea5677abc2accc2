namespace Records;

/// <summary>
/// A parameter: a tensor with an id, computed when first asked for. Until then it takes no memory. Immutable, and equal
/// only to itself.
/// </summary>
public sealed class Param
{
    private readonly Core.Parameter parameter;
    private Tensor? value;
    private IReadOnlyList<long>? shape;

    private Param(Core.Parameter parameter, Tensor? value = null) => (this.parameter, this.value) = (parameter, value);

    /// <summary>The id: it survives renames and reloads, and optimizer state is kept by it.</summary>
    public ParamId Id => ParamId.OfCore(parameter.Id);

    /// <summary>The tensor; the first who asks runs the initializer.</summary>
    public Tensor Value => LazyInitializer.EnsureInitialized(ref value, () => new Tensor(parameter.Value));

    /// <summary>The dimensions; asking runs no initializer.</summary>
    public IReadOnlyList<long> Shape => shape ??= parameter.Shape.ToFace();

    /// <summary>The element type; asking runs no initializer.</summary>
    public Dtype Dtype => parameter.Dtype.ToFace();

    /// <summary>Whether there is a tensor yet.</summary>
    public bool IsInitialised => parameter.IsInitialised;

    internal Core.ParamId CoreId => parameter.Id;

    internal Core.Dtype CoreDtype => parameter.Dtype;

    internal Core.Shape CoreShape => parameter.Shape;

    /// <summary>The tensor as the core knows it; the first who asks runs the initializer.</summary>
    internal Core.TensorData Data => parameter.Value;

    /// <summary>A parameter with this tensor and a random id.</summary>
    public static Param Of(Tensor value) => Of(ParamId.OfCore(Device.Cpu.NextId()), value);

    /// <summary>A parameter with this tensor and this id.</summary>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public static Param Of(ParamId id, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (id == default)
        {
            throw new ArgumentException("A parameter needs an id.", nameof(id));
        }

        return new(new Core.Parameter(id.ToCore(), value.Data), value);
    }

    /// <summary>A parameter whose F32 tensor the function computes when first asked for. The id is drawn now.</summary>
    /// <exception cref="ArgumentException">A dimension is negative.</exception>
    public static Param Uninitialized(Device device, ReadOnlySpan<long> shape, Func<Tensor> initializer) =>
        Uninitialized(device, shape, Dtype.F32, initializer);

    /// <summary>
    /// A parameter whose tensor the function computes when first asked for; a tensor of another dtype or shape is then an
    /// <see cref="InvalidOperationException"/>. The id is drawn now.
    /// </summary>
    /// <exception cref="ArgumentException">A dimension is negative, or the dtype is QFloat.</exception>
    public static Param Uninitialized(Device device, ReadOnlySpan<long> shape, Dtype dtype, Func<Tensor> initializer)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(initializer);
        Core.Shape dims = Shapes.Of(shape, nameof(shape));
        return new(new Core.Parameter(device.NextId(), dtype.ToCore(nameof(dtype)), dims, () => initializer().Data));
    }

    /// <summary>The same parameter, by its id, with another tensor.</summary>
    public Param WithValue(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(parameter.With(value.Data), value);
    }

    /// <summary>The id, dtype and shape; printing runs no initializer.</summary>
    public override string ToString() =>
        $"{Id}: {Core.DtypeModule.name(parameter.Dtype)} {Core.ShapeModule.text(parameter.Shape)}";

    internal static Param OfData(Core.ParamId id, Core.TensorData data) => new(new Core.Parameter(id, data));

    internal static Param OfCore(Core.Parameter parameter) => new(parameter);
}
