namespace Records;

/// <summary>Each row less its mean, over the root of its variance, times gamma, plus beta: [.., width] to the same.</summary>
/// <param name="Gamma">The factors, [width].</param>
/// <param name="Beta">What is added, [width]; null for nothing.</param>
/// <param name="Epsilon">What is added to the variance.</param>
[Module]
public sealed partial record LayerNorm(Param Gamma, Param? Beta, double Epsilon)
{
    /// <summary>A layer of factors of 1 and additions of 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The width is negative.</exception>
    public static LayerNorm Init(int width, Device device, double epsilon = 1e-5, bool bias = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        return new(
            Initializer.Ones.Init([width], device),
            bias ? Initializer.Zeros.Init([width], device) : null,
            epsilon);
    }

    /// <summary>The normalised input: [.., width] to the same.</summary>
    /// <exception cref="ArgumentException">The input's rows have another width.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Tensor.OfDense(
            Core.Norm.layer(Epsilon, Gamma.Value.ToDense(), Beta?.Value.ToDense().ToOption(), input.ToDense()));
    }

    internal Core.NormWeights ToCore() => new(Gamma.Value.ToDense(), Beta?.Value.ToDense().ToOption(), Epsilon);

    // Beta could not be absent before Burn 0.20.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.8", RecordSchema.Struct(
            ("gamma", RecordSchema.Param),
            ("beta", RecordSchema.Param),
            ("epsilon", LayerSchemas.Constant))),
        ("0.20", newest));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_model", Gamma.Shape[0])
        .Field("epsilon", Epsilon)
        .Field("bias", Beta is not null);
}
