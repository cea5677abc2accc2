namespace Records;

/// <summary>A gated recurrent unit: [batch, steps, in] to [batch, steps, hidden].</summary>
/// <param name="UpdateGate">How much stays.</param>
/// <param name="ResetGate">How much of the state counts for what comes in.</param>
/// <param name="NewGate">What comes in.</param>
/// <param name="DHidden">The size of the state.</param>
/// <param name="ResetAfter">Whether the product of the state is reset, as in torch, and not the state itself.</param>
/// <param name="GateActivation">The function of the first two gates.</param>
/// <param name="HiddenActivation">The function of what comes in.</param>
/// <param name="Clip">How far the state may be from 0; null for any.</param>
[Module]
public sealed partial record Gru(
    GateController UpdateGate,
    GateController ResetGate,
    GateController NewGate,
    int DHidden,
    bool ResetAfter,
    Activation GateActivation,
    Activation HiddenActivation,
    double? Clip)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: Xavier's normal, or as the initializer says. The gates are sigmoids and the
    /// other function tanh, where nothing else is said.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static Gru Init(
        int inputs,
        int hidden,
        Device device,
        bool bias = true,
        bool resetAfter = true,
        Initializer? initializer = null,
        Activation? gateActivation = null,
        Activation? hiddenActivation = null,
        double? clip = null)
    {
        GateController Gate() => GateController.Init(inputs, hidden, device, bias, initializer);
        return new(
            Gate(),
            Gate(),
            Gate(),
            hidden,
            resetAfter,
            gateActivation ?? new Activation.Sigmoid(new()),
            hiddenActivation ?? new Activation.Tanh(new()),
            clip);
    }

    /// <summary>
    /// Step by step through the input, from the state given, [batch, hidden], or from zeros: the state after each step,
    /// [batch, steps, hidden]. The last of them is where another call can go on.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public Tensor Forward(Tensor input, Tensor? state = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (output, _) = Core.GruModule.forward(ToCore(), state?.ToDense().ToOption(), input.ToDense());
        return Tensor.OfDense(output);
    }

    internal Core.Gru ToCore() => new(
        UpdateGate.ToGate(),
        ResetGate.ToGate(),
        NewGate.ToGate(),
        false,
        ResetAfter,
        Clip.ToOption(),
        GateActivation.ToCore(),
        HiddenActivation.ToCore());

    // Before Burn 0.17 the state itself was reset, and before 0.21 the functions were fixed.
    internal static RecordSchema Layouts(RecordSchema newest)
    {
        (string, RecordSchema)[] gates = [.. LayerSchemas.Each<GateControllerRecord>("update_gate", "reset_gate", "new_gate")];
        return RecordSchema.Versioned(
            ("0.8", RecordSchema.Struct([.. gates, .. LayerSchemas.Constants("batch_size", "d_hidden")])),
            ("0.10", RecordSchema.Struct([.. gates, .. LayerSchemas.Constants("d_hidden")])),
            ("0.17", RecordSchema.Struct([.. gates, .. LayerSchemas.Constants("d_hidden", "reset_after")])),
            ("0.21", newest)).Once(("gate_activation", "Sigmoid"), ("hidden_activation", "Tanh"));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", UpdateGate.InputTransform.Weight.Shape[0])
        .Field("d_hidden", DHidden)
        .Field("bias", UpdateGate.InputTransform.Bias is not null)
        .Field("reset_after", ResetAfter);
}
