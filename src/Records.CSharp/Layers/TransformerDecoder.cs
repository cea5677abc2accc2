namespace Records;

/// <summary>Layers in which a sequence sees itself and another: [batch, length, width] to the same.</summary>
/// <param name="Layers">The layers, the first to be run first.</param>
/// <param name="DModel">The width.</param>
/// <param name="DFf">The inner width of the feed-forward parts.</param>
/// <param name="NHeads">The heads of each layer.</param>
/// <param name="NLayers">The number of layers.</param>
/// <param name="Dropout">Used in training alone.</param>
/// <param name="NormFirst">Whether each part's input is normalised, and not its result.</param>
/// <param name="QuietSoftmax">Whether a head may see nothing.</param>
[Module]
public sealed partial record TransformerDecoder(
    IReadOnlyList<TransformerDecoderLayer> Layers,
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
    /// <inheritdoc cref="TransformerEncoder.Init"/>
    public static TransformerDecoder Init(
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
        TransformerDecoderLayer Layer() => TransformerDecoderLayer.Init(
            width, innerWidth, heads, device, dropout, normFirst, quietSoftmax, initializer, activation, epsilon);
        return new(
            [.. Enumerable.Range(0, layers).Select(_ => Layer())], width, innerWidth, heads, layers, dropout, normFirst, quietSoftmax);
    }

    /// <summary>All layers, one after the other: the target, [batch, length, width], to the same.</summary>
    /// <param name="target">The sequence that sees itself and the memory.</param>
    /// <param name="memory">The sequence that is seen, [batch, memory length, width]; what an encoder gave.</param>
    /// <param name="targetMaskPad">True where a place of the target must not be seen, [batch, length].</param>
    /// <param name="targetMaskAttn">True where a place of the target must not see another, [batch, length, length].</param>
    /// <param name="memoryMaskPad">True where a place of the memory must not be seen, [batch, memory length].</param>
    /// <param name="memoryMaskAttn">True where a place of the target must not see one of the memory, [batch, length, memory length].</param>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats, or those of a mask not Bool.</exception>
    public Tensor Forward(
        Tensor target,
        Tensor memory,
        Tensor? targetMaskPad = null,
        Tensor? targetMaskAttn = null,
        Tensor? memoryMaskPad = null,
        Tensor? memoryMaskAttn = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var (own, other) = (AttentionMasks.Of(targetMaskPad, targetMaskAttn), AttentionMasks.Of(memoryMaskPad, memoryMaskAttn));
        var seen = memory.ToDense();
        return Tensor.Apply(target, values => Layers.Aggregate(
            values, (held, layer) => Core.Transformer.decoderLayer(layer.ToCore(), own, other, seen, held)));
    }

    // The numbers came with Burn 0.14.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.8", RecordSchema.Struct(("layers", RecordSchema.List(RecordSchema.Of<TransformerDecoderLayerRecord>())))),
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

/// <summary>One layer of a <see cref="TransformerDecoder"/>.</summary>
/// <param name="CrossAttn">What sees the memory.</param>
/// <param name="SelfAttn">What sees the target.</param>
/// <param name="Pwff">What follows.</param>
/// <param name="Norm1">Normalises after seeing the target, or before seeing the memory when norms come first.</param>
/// <param name="Norm2">Normalises after seeing the memory, or before the last part when norms come first.</param>
/// <param name="Norm3">Normalises after the last part, or before seeing the target when norms come first.</param>
/// <param name="Dropout">Used in training alone.</param>
/// <param name="NormFirst">Whether each part's input is normalised, and not its result.</param>
[Module]
public sealed partial record TransformerDecoderLayer(
    MultiHeadAttention CrossAttn,
    MultiHeadAttention SelfAttn,
    PositionWiseFeedForward Pwff,
    [RecordName("norm_1")] LayerNorm Norm1,
    [RecordName("norm_2")] LayerNorm Norm2,
    [RecordName("norm_3")] LayerNorm Norm3,
    Dropout Dropout,
    bool NormFirst)
{
    /// <summary>One layer as <see cref="TransformerDecoder.Init"/> makes them.</summary>
    /// <inheritdoc cref="TransformerEncoder.Init"/>
    public static TransformerDecoderLayer Init(
        int width,
        int innerWidth,
        int heads,
        Device device,
        double dropout = 0.1,
        bool normFirst = false,
        bool quietSoftmax = false,
        Initializer? initializer = null,
        Activation? activation = null,
        double epsilon = 1e-5)
    {
        MultiHeadAttention Attention() =>
            MultiHeadAttention.Init(width, heads, device, dropout, quietSoftmax: quietSoftmax, initializer: initializer);
        return new(
            Attention(),
            Attention(),
            PositionWiseFeedForward.Init(width, innerWidth, device, dropout, initializer, activation),
            LayerNorm.Init(width, device, epsilon),
            LayerNorm.Init(width, device, epsilon),
            LayerNorm.Init(width, device, epsilon),
            new(dropout),
            normFirst);
    }

    internal Core.DecoderLayer ToCore() => new(
        CrossAttn.ToCore(), SelfAttn.ToCore(), Pwff.ToCore(), Norm1.ToCore(), Norm2.ToCore(), Norm3.ToCore(), NormFirst);
}
