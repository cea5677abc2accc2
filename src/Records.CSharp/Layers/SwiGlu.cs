namespace Records;

/// <summary>One product of the input times its sigmoid, times another product of the input: [.., in] to [.., out].</summary>
/// <param name="LinearInner">The product that passes through the sigmoid.</param>
/// <param name="LinearOuter">The other.</param>
[Module]
public sealed partial record SwiGlu(Linear LinearInner, Linear LinearOuter)
{
    /// <summary>A layer whose values are drawn when first asked for, as those of <see cref="Linear.Init"/> are.</summary>
    /// <inheritdoc cref="Linear.Init"/>
    public static SwiGlu Init(int inputs, int outputs, Device device, bool bias = false, Initializer? initializer = null) => new(
        Linear.Init(inputs, outputs, device, bias, initializer),
        Linear.Init(inputs, outputs, device, bias, initializer));

    /// <summary>The product of both: [.., in] to [.., out].</summary>
    /// <inheritdoc cref="Linear.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.OfDense(Core.DenseModule.multiply(
        Core.Activation.silu(LinearInner.Forward(input).ToDense()),
        LinearOuter.Forward(input).ToDense()));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", LinearInner.Weight.Shape[0])
        .Field("d_output", LinearInner.Weight.Shape[1])
        .Field("bias", LinearInner.Bias is not null);
}
