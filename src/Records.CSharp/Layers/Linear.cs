namespace Records;

/// <summary>A product with a weight and the addition of a bias: [.., in] to [.., out].</summary>
/// <param name="Weight">The weight, [in, out].</param>
/// <param name="Bias">The bias, [out]; null for none.</param>
[Module]
public sealed partial record Linear(Param Weight, Param? Bias)
{
    /// <summary>A layer whose values are drawn when first asked for: uniform within 1 / sqrt(inputs), or as the initializer says.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no inputs, or a number is negative.</exception>
    public static Linear Init(int inputs, int outputs, Device device, bool bias = true, Initializer? initializer = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegative(outputs);
        initializer ??= Initializer.OfCore(Core.Linear.initializer);
        return new(
            initializer.Init([inputs, outputs], device, fanIn: inputs, fanOut: outputs),
            bias ? initializer.Init([outputs], device, fanIn: inputs, fanOut: outputs) : null);
    }

    /// <summary>The input times the weight, plus the bias: [.., in] to [.., out].</summary>
    /// <exception cref="ArgumentException">The input's last dimension is not the weight's first.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Tensor.OfDense(
            Core.Linear.forward(Weight.Value.ToDense(), Bias?.Value.ToDense().ToOption(), input.ToDense()));
    }

    internal Core.Projection ToCore() => new(Weight.Value.ToDense(), Bias?.Value.ToDense().ToOption());

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", Weight.Shape[0])
        .Field("d_output", Weight.Shape[1])
        .Field("bias", Bias is not null);
}
