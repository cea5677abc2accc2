namespace Records;

/// <summary>A long short-term memory: [batch, steps, in] to [batch, steps, hidden].</summary>
/// <param name="InputGate">How much comes in.</param>
/// <param name="ForgetGate">How much stays.</param>
/// <param name="OutputGate">How much goes out.</param>
/// <param name="CellGate">What comes in.</param>
/// <param name="DHidden">The size of the state.</param>
/// <param name="BatchFirst">Whether inputs are [batch, steps, in], and not [steps, batch, in].</param>
/// <param name="Reverse">Whether it goes from the last step to the first.</param>
/// <param name="Clip">How far the cell may be from 0; null for any.</param>
/// <param name="InputForget">Whether it forgets as much as comes in: the forget gate is not used.</param>
/// <param name="GateActivation">The function of the gates.</param>
/// <param name="CellActivation">The function of what comes in.</param>
/// <param name="HiddenActivation">The function of the cell that goes out.</param>
[Module]
public sealed partial record Lstm(
    GateController InputGate,
    GateController ForgetGate,
    GateController OutputGate,
    GateController CellGate,
    int DHidden,
    bool BatchFirst,
    bool Reverse,
    double? Clip,
    bool InputForget,
    Activation GateActivation,
    Activation CellActivation,
    Activation HiddenActivation)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: Xavier's normal, or as the initializer says. The gates are sigmoids and the
    /// other two functions tanh, where nothing else is said.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static Lstm Init(
        int inputs,
        int hidden,
        Device device,
        bool bias = true,
        Initializer? initializer = null,
        bool batchFirst = true,
        bool reverse = false,
        double? clip = null,
        bool inputForget = false,
        Activation? gateActivation = null,
        Activation? cellActivation = null,
        Activation? hiddenActivation = null)
    {
        GateController Gate() => GateController.Init(inputs, hidden, device, bias, initializer);
        return new(
            Gate(),
            Gate(),
            Gate(),
            Gate(),
            hidden,
            batchFirst,
            reverse,
            clip,
            inputForget,
            gateActivation ?? new Activation.Sigmoid(new()),
            cellActivation ?? new Activation.Tanh(new()),
            hiddenActivation ?? new Activation.Tanh(new()));
    }

    /// <summary>
    /// Step by step through the input, from the state given or from zeros: the hidden state after each step, [batch, steps, hidden],
    /// and the last state. Without <see cref="BatchFirst"/> the first two dimensions change places, in the input and in the output.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public (Tensor Output, LstmState State) Forward(Tensor input, LstmState? state = null)
    {
        var (output, last) =
            Core.LstmModule.forward(ToCore(), state?.ToCore().ToOption(), Recurrence.Steps(input, BatchFirst));
        return (Recurrence.Output(output, BatchFirst), LstmState.OfCore(last));
    }

    internal Core.Lstm ToCore() => new(
        InputGate.ToGate(),
        ForgetGate.ToGate(),
        OutputGate.ToGate(),
        CellGate.ToGate(),
        Reverse,
        Clip.ToOption(),
        InputForget,
        GateActivation.ToCore(),
        CellActivation.ToCore(),
        HiddenActivation.ToCore());

    // What came with Burn 0.20 has no tensors in it, so files of both kinds load.
    internal static RecordSchema Layouts(RecordSchema newest)
    {
        (string, RecordSchema)[] gates =
            [.. LayerSchemas.Each<GateControllerRecord>("input_gate", "forget_gate", "output_gate", "cell_gate")];
        return RecordSchema.Versioned(
            ("0.8", RecordSchema.Struct([.. gates, .. LayerSchemas.Constants("batch_size", "d_hidden")])),
            ("0.10", RecordSchema.Struct([.. gates, .. LayerSchemas.Constants("d_hidden")])),
            ("0.20", newest)).Once(("gate_activation", "Sigmoid"), ("cell_activation", "Tanh"), ("hidden_activation", "Tanh"));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", InputGate.InputTransform.Weight.Shape[0])
        .Field("d_hidden", DHidden)
        .Field("bias", InputGate.InputTransform.Bias is not null);
}

/// <summary>What an <see cref="Lstm"/> keeps from step to step.</summary>
/// <param name="Cell">The cell, [batch, hidden].</param>
/// <param name="Hidden">The hidden state, [batch, hidden].</param>
public sealed record LstmState(Tensor Cell, Tensor Hidden)
{
    internal Core.LstmState ToCore() => new(Cell.ToDense(), Hidden.ToDense());

    internal static LstmState OfCore(Core.LstmState state) => new(Tensor.OfDense(state.Cell), Tensor.OfDense(state.Hidden));
}
