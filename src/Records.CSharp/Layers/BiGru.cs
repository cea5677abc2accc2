namespace Records;

/// <summary>A gated recurrent unit in either direction: [batch, steps, in] to [batch, steps, 2 hidden]. Burn has it since 0.21.</summary>
/// <param name="ForwardLayer">From the first step to the last.</param>
/// <param name="ReverseLayer">From the last step to the first.</param>
/// <param name="DHidden">The size of each state.</param>
/// <param name="BatchFirst">Whether inputs are [batch, steps, in], and not [steps, batch, in].</param>
[Module]
public sealed partial record BiGru(
    [RecordName("forward")] Gru ForwardLayer, [RecordName("reverse")] Gru ReverseLayer, int DHidden, bool BatchFirst)
{
    /// <summary>Two layers as <see cref="Gru.Init"/> makes them.</summary>
    /// <inheritdoc cref="Gru.Init"/>
    public static BiGru Init(
        int inputs,
        int hidden,
        Device device,
        bool bias = true,
        bool resetAfter = true,
        Initializer? initializer = null,
        bool batchFirst = true,
        Activation? gateActivation = null,
        Activation? hiddenActivation = null,
        double? clip = null)
    {
        Gru One() => Gru.Init(inputs, hidden, device, bias, resetAfter, initializer, gateActivation, hiddenActivation, clip);
        return new(One(), One(), hidden, batchFirst);
    }

    /// <summary>
    /// Step by step through the input in both directions, from the states given, [2, batch, hidden], or from zeros: both states after each
    /// step, [batch, steps, 2 hidden], and the last ones. Without <see cref="BatchFirst"/> the first two dimensions of input and output
    /// change places.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public (Tensor Output, Tensor State) Forward(Tensor input, Tensor? state = null)
    {
        var (output, last) = Core.GruModule.bidirectional(
            ForwardLayer.ToCore(), ReverseLayer.ToCore(), state?.ToDense().ToOption(), Recurrence.Steps(input, BatchFirst));
        return (Recurrence.Output(output, BatchFirst), Tensor.OfDense(last));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", ForwardLayer.UpdateGate.InputTransform.Weight.Shape[0])
        .Field("d_hidden", DHidden)
        .Field("bias", ForwardLayer.UpdateGate.InputTransform.Bias is not null);
}
