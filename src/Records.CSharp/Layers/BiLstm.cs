namespace Records;

/// <summary>A long short-term memory in either direction: [batch, steps, in] to [batch, steps, 2 hidden].</summary>
/// <param name="ForwardLayer">From the first step to the last.</param>
/// <param name="ReverseLayer">From the last step to the first.</param>
/// <param name="DHidden">The size of each state.</param>
/// <param name="BatchFirst">Whether inputs are [batch, steps, in], and not [steps, batch, in].</param>
[Module]
public sealed partial record BiLstm(
    [RecordName("forward")] Lstm ForwardLayer, [RecordName("reverse")] Lstm ReverseLayer, int DHidden, bool BatchFirst)
{
    /// <summary>Two layers as <see cref="Lstm.Init"/> makes them.</summary>
    /// <inheritdoc cref="Lstm.Init"/>
    public static BiLstm Init(
        int inputs,
        int hidden,
        Device device,
        bool bias = true,
        Initializer? initializer = null,
        bool batchFirst = true,
        double? clip = null,
        bool inputForget = false,
        Activation? gateActivation = null,
        Activation? cellActivation = null,
        Activation? hiddenActivation = null)
    {
        Lstm One() => Lstm.Init(
            inputs,
            hidden,
            device,
            bias,
            initializer,
            clip: clip,
            inputForget: inputForget,
            gateActivation: gateActivation,
            cellActivation: cellActivation,
            hiddenActivation: hiddenActivation);
        return new(One(), One(), hidden, batchFirst);
    }

    /// <summary>
    /// Step by step through the input in both directions, from the states given, [2, batch, hidden] each, or from zeros: both hidden states
    /// after each step, [batch, steps, 2 hidden], and the last ones. Without <see cref="BatchFirst"/> the first two dimensions of input and
    /// output change places.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public (Tensor Output, LstmState State) Forward(Tensor input, LstmState? state = null)
    {
        var (output, last) = Core.LstmModule.bidirectional(
            ForwardLayer.ToCore(), ReverseLayer.ToCore(), state?.ToCore().ToOption(), Recurrence.Steps(input, BatchFirst));
        return (Recurrence.Output(output, BatchFirst), LstmState.OfCore(last));
    }

    // Which dimension comes first could be said since Burn 0.20.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.14", RecordSchema.Struct([.. LayerSchemas.Each<LstmRecord>("forward", "reverse"), .. LayerSchemas.Constants("d_hidden")])),
        ("0.20", newest));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", ForwardLayer.InputGate.InputTransform.Weight.Shape[0])
        .Field("d_hidden", DHidden)
        .Field("bias", ForwardLayer.InputGate.InputTransform.Bias is not null);
}
