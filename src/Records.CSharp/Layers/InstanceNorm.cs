namespace Records;

/// <summary>Each channel of each item less its mean, over the root of its variance; times gamma, plus beta.</summary>
/// <param name="Gamma">The factors, [channels]; null for none.</param>
/// <param name="Beta">What is added, [channels]; null for nothing.</param>
/// <param name="NumChannels">The number of channels.</param>
/// <param name="Epsilon">What is added to the variance.</param>
/// <param name="Affine">Whether there are factors and additions.</param>
[Module]
public sealed partial record InstanceNorm(Param? Gamma, Param? Beta, int NumChannels, double Epsilon, bool Affine)
{
    /// <summary>A layer of factors of 1 and additions of 0, or without either.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of channels is not positive.</exception>
    public static InstanceNorm Init(int channels, Device device, double epsilon = 1e-5, bool affine = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        return new(
            affine ? Initializer.Ones.Init([channels], device) : null,
            affine ? Initializer.Zeros.Init([channels], device) : null,
            channels,
            epsilon,
            affine);
    }

    /// <summary>The normalised input: [batch, channels, ..] to the same.</summary>
    /// <inheritdoc cref="GroupNorm.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Norm.group(
        Epsilon, NumChannels, Gamma?.Value.ToDense().ToOption(), Beta?.Value.ToDense().ToOption(), values));

    // In Burn 0.13 it was a group norm in another module.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.13", RecordSchema.Struct(("group_norm", GroupNorm.Before14))),
        ("0.14", newest));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("num_channels", NumChannels)
        .Field("epsilon", Epsilon)
        .Field("affine", Affine);
}
