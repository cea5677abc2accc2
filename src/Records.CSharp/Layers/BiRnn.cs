namespace Records;

/// <summary>A plain recurrent layer in either direction: [batch, steps, in] to [batch, steps, 2 hidden]. Burn has it since 0.21.</summary>
/// <param name="ForwardLayer">From the first step to the last.</param>
/// <param name="ReverseLayer">From the last step to the first.</param>
/// <param name="DHidden">The size of each state.</param>
/// <param name="BatchFirst">Whether inputs are [batch, steps, in], and not [steps, batch, in].</param>
[Module]
public sealed partial record BiRnn(
    [RecordName("forward")] Rnn ForwardLayer, [RecordName("reverse")] Rnn ReverseLayer, int DHidden, bool BatchFirst)
{
    /// <summary>Two layers as <see cref="Rnn.Init"/> makes them.</summary>
    /// <inheritdoc cref="Rnn.Init"/>
    public static BiRnn Init(
        int inputs,
        int hidden,
        Device device,
        bool bias = true,
        Initializer? initializer = null,
        bool batchFirst = true,
        double? clip = null,
        Activation? hiddenActivation = null)
    {
        Rnn One() => Rnn.Init(inputs, hidden, device, bias, initializer, clip: clip, hiddenActivation: hiddenActivation);
        return new(One(), One(), hidden, batchFirst);
    }

    /// <inheritdoc cref="BiGru.Forward"/>
    public (Tensor Output, Tensor State) Forward(Tensor input, Tensor? state = null)
    {
        var (output, last) = Core.RnnModule.bidirectional(
            ForwardLayer.ToCore(), ReverseLayer.ToCore(), state?.ToDense().ToOption(), Recurrence.Steps(input, BatchFirst));
        return (Recurrence.Output(output, BatchFirst), Tensor.OfDense(last));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", ForwardLayer.Gate.InputTransform.Weight.Shape[0])
        .Field("d_hidden", DHidden)
        .Field("bias", ForwardLayer.Gate.InputTransform.Bias is not null);
}
