namespace Records;

/// <summary>Each row over the root of the mean of its squares, times gamma: [.., width] to the same.</summary>
/// <param name="Gamma">The factors, [width].</param>
/// <param name="Epsilon">What is added to the mean.</param>
[Module]
public sealed partial record RmsNorm(Param Gamma, double Epsilon)
{
    /// <summary>A layer of factors of 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The width is negative, or epsilon not positive.</exception>
    public static RmsNorm Init(int width, Device device, double epsilon = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epsilon);
        return new(Initializer.Ones.Init([width], device), epsilon);
    }

    /// <summary>The normalised input: [.., width] to the same.</summary>
    /// <inheritdoc cref="LayerNorm.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Norm.rms(Epsilon, Gamma.Value.ToDense(), values));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_model", Gamma.Shape[0])
        .Field("epsilon", Epsilon);
}
