namespace Records;

/// <summary>Layers in which a sequence sees itself: [batch, length, width] to the same.</summary>
/// <param name="Layers">The layers, the first to be run first.</param>
/// <param name="DModel">The width.</param>
/// <param name="DFf">The inner width of the feed-forward parts.</param>
/// <param name="NHeads">The heads of each layer.</param>
/// <param name="NLayers">The number of layers.</param>
/// <param name="Dropout">Used in training alone.</param>
/// <param name="NormFirst">Whether each part's input is normalised, and not its result.</param>
/// <param name="QuietSoftmax">Whether a head may see nothing.</param>
[Module]
public sealed partial record TransformerEncoder(
    IReadOnlyList<TransformerEncoderLayer> Layers,
    int DModel,
    int DFf,
    int NHeads,
    int NLayers,
    double Dropout,
    bool NormFirst,
    bool QuietSoftmax)
{
    /// <summary>
    /// Layers whose values are drawn when first asked for, as those of <see cref="Linear.Init"/> are. The function is gelu, where nothing
    /// else is said.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ArgumentException">The width cannot be cut into so many heads.</exception>
    public static TransformerEncoder Init(
        int width,
        int innerWidth,
        int heads,
        int layers,
        Device device,
        double dropout = 0.1,
        bool normFirst = false,
        bool quietSoftmax = false,
        Initializer? initializer = null,
        Activation? activation = null,
        double epsilon = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        TransformerEncoderLayer Layer() => TransformerEncoderLayer.Init(
            width, innerWidth, heads, device, dropout, normFirst, quietSoftmax, initializer, activation, epsilon);
        return new(
            [.. Enumerable.Range(0, layers).Select(_ => Layer())], width, innerWidth, heads, layers, dropout, normFirst, quietSoftmax);
    }

    /// <summary>All layers, one after the other: [batch, length, width] to the same.</summary>
    /// <param name="input">The sequence.</param>
    /// <param name="maskPad">True where a place must not be seen, [batch, length].</param>
    /// <param name="maskAttn">True where a place must not see another, [batch, length, length].</param>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats, or those of a mask not Bool.</exception>
    public Tensor Forward(Tensor input, Tensor? maskPad = null, Tensor? maskAttn = null)
    {
        var mask = AttentionMasks.Of(maskPad, maskAttn);
        return Tensor.Apply(input, values => Layers.Aggregate(values, (held, layer) => Core.Transformer.encoderLayer(layer.ToCore(), mask, held)));
    }

    // The numbers came with Burn 0.14.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.8", RecordSchema.Struct(("layers", RecordSchema.List(RecordSchema.Of<TransformerEncoderLayerRecord>())))),
        ("0.14", newest));

    // As Burn prints it: numbers in place of layers.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_model", DModel)
        .Field("d_ff", DFf)
        .Field("n_heads", NHeads)
        .Field("n_layers", NLayers)
        .Field("dropout", Dropout)
        .Field("norm_first", NormFirst)
        .Field("quiet_softmax", QuietSoftmax);
}

/// <summary>One layer of a <see cref="TransformerEncoder"/>.</summary>
/// <param name="Mha">What sees.</param>
/// <param name="Pwff">What follows.</param>
/// <param name="Norm1">Normalises after seeing, or before the other part when norms come first.</param>
/// <param name="Norm2">Normalises after the other part, or before seeing when norms come first.</param>
/// <param name="Dropout">Used in training alone.</param>
/// <param name="NormFirst">Whether each part's input is normalised, and not its result.</param>
[Module]
public sealed partial record TransformerEncoderLayer(
    MultiHeadAttention Mha,
    PositionWiseFeedForward Pwff,
    [RecordName("norm_1")] LayerNorm Norm1,
    [RecordName("norm_2")] LayerNorm Norm2,
    Dropout Dropout,
    bool NormFirst)
{
    /// <summary>One layer as <see cref="TransformerEncoder.Init"/> makes them.</summary>
    /// <inheritdoc cref="TransformerEncoder.Init"/>
    public static TransformerEncoderLayer Init(
        int width,
        int innerWidth,
        int heads,
        Device device,
        double dropout = 0.1,
        bool normFirst = false,
        bool quietSoftmax = false,
        Initializer? initializer = null,
        Activation? activation = null,
        double epsilon = 1e-5) => new(
            MultiHeadAttention.Init(width, heads, device, dropout, quietSoftmax: quietSoftmax, initializer: initializer),
            PositionWiseFeedForward.Init(width, innerWidth, device, dropout, initializer, activation),
            LayerNorm.Init(width, device, epsilon),
            LayerNorm.Init(width, device, epsilon),
            new(dropout),
            normFirst);

    /// <summary>The layer: [batch, length, width] to the same.</summary>
    /// <inheritdoc cref="TransformerEncoder.Forward"/>
    public Tensor Forward(Tensor input, Tensor? maskPad = null, Tensor? maskAttn = null) =>
        Tensor.Apply(input, values => Core.Transformer.encoderLayer(ToCore(), AttentionMasks.Of(maskPad, maskAttn), values));

    internal Core.EncoderLayer ToCore() => new(Mha.ToCore(), Pwff.ToCore(), Norm1.ToCore(), Norm2.ToCore(), NormFirst);
}
