namespace Records;

/// <summary>What one gate of a recurrent layer adds up: a product of the input and one of the hidden state.</summary>
/// <param name="InputTransform">From the input, [in, hidden].</param>
/// <param name="HiddenTransform">From the hidden state, [hidden, hidden].</param>
[Module]
public sealed partial record GateController(Linear InputTransform, Linear HiddenTransform)
{
    /// <summary>A gate whose values are drawn when first asked for: Xavier's normal, or as the initializer says.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static GateController Init(int inputs, int outputs, Device device, bool bias = true, Initializer? initializer = null)
    {
        initializer ??= Initializer.OfCore(Core.Recurrent.initializer);
        return new(
            Linear.Init(inputs, outputs, device, bias, initializer),
            Linear.Init(outputs, outputs, device, bias, initializer));
    }

    /// <summary>Both products with their biases, added: [batch, in] and [batch, hidden] to [batch, hidden].</summary>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public Tensor GateProduct(Tensor input, Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(hidden);
        return Tensor.OfDense(Core.GateModule.product(ToGate(), input.ToDense(), hidden.ToDense()));
    }

    internal Core.Gate ToGate() => new(
        InputTransform.Weight.Value.ToDense(),
        InputTransform.Bias?.Value.ToDense().ToOption(),
        HiddenTransform.Weight.Value.ToDense(),
        HiddenTransform.Bias?.Value.ToDense().ToOption());
}
