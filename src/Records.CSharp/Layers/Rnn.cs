namespace Records;

/// <summary>A plain recurrent layer: [batch, steps, in] to [batch, steps, hidden]. Burn has it since 0.21.</summary>
/// <param name="Gate">What the next state is made of.</param>
/// <param name="DHidden">The size of the state.</param>
/// <param name="BatchFirst">Whether inputs are [batch, steps, in], and not [steps, batch, in].</param>
/// <param name="Reverse">Whether it goes from the last step to the first.</param>
/// <param name="Clip">How far the state may be from 0; null for any.</param>
/// <param name="HiddenActivation">The function of the next state.</param>
[Module]
public sealed partial record Rnn(
    GateController Gate, int DHidden, bool BatchFirst, bool Reverse, double? Clip, Activation HiddenActivation)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: Xavier's normal, or as the initializer says. The function is tanh, where
    /// nothing else is said.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static Rnn Init(
        int inputs,
        int hidden,
        Device device,
        bool bias = true,
        Initializer? initializer = null,
        bool batchFirst = true,
        bool reverse = false,
        double? clip = null,
        Activation? hiddenActivation = null) => new(
            GateController.Init(inputs, hidden, device, bias, initializer),
            hidden,
            batchFirst,
            reverse,
            clip,
            hiddenActivation ?? new Activation.Tanh(new()));

    /// <summary>
    /// Step by step through the input, from the state given, [batch, hidden], or from zeros: the state after each step,
    /// [batch, steps, hidden], and the last one. Without <see cref="BatchFirst"/> the first two dimensions of input and output change places.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public (Tensor Output, Tensor State) Forward(Tensor input, Tensor? state = null)
    {
        var (output, last) =
            Core.RnnModule.forward(ToCore(), state?.ToDense().ToOption(), Recurrence.Steps(input, BatchFirst));
        return (Recurrence.Output(output, BatchFirst), Tensor.OfDense(last));
    }

    internal Core.Rnn ToCore() => new(Gate.ToGate(), Reverse, Clip.ToOption(), HiddenActivation.ToCore());

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", Gate.InputTransform.Weight.Shape[0])
        .Field("d_hidden", DHidden)
        .Field("bias", Gate.InputTransform.Bias is not null);
}
