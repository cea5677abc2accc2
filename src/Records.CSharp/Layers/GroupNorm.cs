namespace Records;

/// <summary>Each group of channels less its mean, over the root of its variance; each channel times gamma, plus beta.</summary>
/// <param name="Gamma">The factors, [channels]; null for none.</param>
/// <param name="Beta">What is added, [channels]; null for nothing.</param>
/// <param name="NumGroups">Into how many groups the channels are cut.</param>
/// <param name="NumChannels">The number of channels.</param>
/// <param name="Epsilon">What is added to the variance.</param>
/// <param name="Affine">Whether there are factors and additions.</param>
[Module]
public sealed partial record GroupNorm(Param? Gamma, Param? Beta, int NumGroups, int NumChannels, double Epsilon, bool Affine)
{
    /// <summary>A layer of factors of 1 and additions of 0, or without either.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ArgumentException">The channels cannot be cut into so many groups.</exception>
    public static GroupNorm Init(int groups, int channels, Device device, double epsilon = 1e-5, bool affine = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        if (channels % groups != 0)
            throw new ArgumentException($"{channels} channels cannot be cut into {groups} groups.", nameof(groups));
        return new(
            affine ? Initializer.Ones.Init([channels], device) : null,
            affine ? Initializer.Zeros.Init([channels], device) : null,
            groups,
            channels,
            epsilon,
            affine);
    }

    /// <summary>The normalised input: [batch, channels, ..] to the same.</summary>
    /// <exception cref="ArgumentException">The input has other channels, or less than two dimensions.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Norm.group(
        Epsilon, NumGroups, Gamma?.Value.ToDense().ToOption(), Beta?.Value.ToDense().ToOption(), values));

    // Up to Burn 0.13 the numbers came first.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(("0.11", Before14), ("0.14", newest));

    internal static RecordSchema Before14 { get; } = RecordSchema.Struct(
    [
        .. LayerSchemas.Constants("num_groups", "num_channels"),
        ("gamma", LayerSchemas.OptionalParam),
        ("beta", LayerSchemas.OptionalParam),
        .. LayerSchemas.Constants("epsilon", "affine"),
    ]);

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("num_groups", NumGroups)
        .Field("num_channels", NumChannels)
        .Field("epsilon", Epsilon)
        .Field("affine", Affine);
}
