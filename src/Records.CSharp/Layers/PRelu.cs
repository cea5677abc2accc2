namespace Records;

/// <summary>Each value, or alpha times it when it is negative.</summary>
/// <param name="Alpha">The factor of all, [1], or of each channel of [batch, channels, ..].</param>
/// <param name="AlphaValue">What alpha started with.</param>
[Module]
public sealed partial record PRelu(Param Alpha, double AlphaValue)
{
    /// <summary>A function that starts with this factor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of factors is not positive.</exception>
    public static PRelu Init(Device device, int parameters = 1, double alpha = 0.25)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parameters);
        return new(Initializer.Constant(alpha).Init([parameters], device), alpha);
    }

    /// <summary>The function of each value; the shape stays.</summary>
    /// <exception cref="ArgumentException">The input has other channels than there are factors.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.prelu(Alpha.Value.ToDense(), values));

    // What it started with came with Burn 0.14.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.13", RecordSchema.Struct(("alpha", RecordSchema.Param))),
        ("0.14", newest));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("num_parameters", Alpha.Shape[0])
        .Field("alpha_value", AlphaValue);
}
