namespace Records;

/// <summary>Each channel less its mean, over the root of its variance, times gamma, plus beta, as it is after training.</summary>
/// <param name="Gamma">The factors, [channels].</param>
/// <param name="Beta">What is added, [channels].</param>
/// <param name="RunningMean">The means seen in training, [channels].</param>
/// <param name="RunningVar">The variances seen in training, [channels].</param>
/// <param name="Momentum">How fast training moves both; not used here.</param>
/// <param name="Epsilon">What is added to the variance.</param>
[Module]
public sealed partial record BatchNorm(Param Gamma, Param Beta, Param RunningMean, Param RunningVar, double Momentum, double Epsilon)
{
    /// <summary>A layer that has seen nothing: factors and variances of 1, means and additions of 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of channels is negative.</exception>
    public static BatchNorm Init(int features, Device device, double epsilon = 1e-5, double momentum = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(features);
        return new(
            Initializer.Ones.Init([features], device),
            Initializer.Zeros.Init([features], device),
            Initializer.Zeros.Init([features], device),
            Initializer.Ones.Init([features], device),
            momentum,
            epsilon);
    }

    /// <summary>The normalised input: [batch, channels, ..] to the same.</summary>
    /// <exception cref="ArgumentException">The input has other channels, or less than two dimensions.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Tensor.OfDense(Core.Norm.batch(
            Epsilon,
            RunningMean.Value.ToDense(),
            RunningVar.Value.ToDense(),
            Gamma.Value.ToDense(),
            Beta.Value.ToDense(),
            input.ToDense()));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("num_features", Beta.Shape[0])
        .Field("momentum", Momentum)
        .Field("epsilon", Epsilon);
}
