namespace Records;

/// <summary>Two products with a function between them: [.., width] to the same.</summary>
/// <param name="LinearInner">The first, [width, inner width].</param>
/// <param name="LinearOuter">The second, [inner width, width].</param>
/// <param name="Dropout">Used in training alone.</param>
/// <param name="Activation">
/// The function. No file has it, whatever parameters it may hold: Burn skips it, since up to 0.20 it was always gelu.
/// </param>
[Module]
public sealed partial record PositionWiseFeedForward(
    Linear LinearInner, Linear LinearOuter, Dropout Dropout, [property: NotRecorded] Activation Activation)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for, as those of <see cref="Linear.Init"/> are. The function is gelu, where nothing
    /// else is said.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static PositionWiseFeedForward Init(
        int width, int innerWidth, Device device, double dropout = 0.1, Initializer? initializer = null, Activation? activation = null) => new(
            Linear.Init(width, innerWidth, device, initializer: initializer),
            Linear.Init(innerWidth, width, device, initializer: initializer),
            new(dropout),
            activation ?? new Activation.Gelu(new()));

    /// <summary>Both products and the function: [.., width] to the same.</summary>
    /// <inheritdoc cref="Linear.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Transformer.feedForward(ToCore(), values));

    internal Core.FeedForward ToCore() => new(LinearInner.ToCore(), LinearOuter.ToCore(), Activation.ToCore());

    // The function is a constant in every version, and had another name before it could be chosen.
    internal static RecordSchema Layouts(RecordSchema newest)
    {
        RecordSchema With(string activation) => RecordSchema.Struct(
        [
            .. LayerSchemas.Each<LinearRecord>("linear_inner", "linear_outer"),
            .. LayerSchemas.Constants("dropout", activation),
        ]);
        return RecordSchema.Versioned(("0.8", With("gelu")), ("0.21", With("activation")));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_model", LinearInner.Weight.Shape[0])
        .Field("d_ff", LinearInner.Weight.Shape[1])
        .Field("prob", Dropout.Prob);
}
