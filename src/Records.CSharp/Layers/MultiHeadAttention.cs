namespace Records;

/// <summary>Several heads, each of which sees the values that its query asks for.</summary>
/// <param name="Query">What asks, [width, width].</param>
/// <param name="Key">What answers, [width, width].</param>
/// <param name="Value">What is seen, [width, width].</param>
/// <param name="Output">What all heads saw, [width, width].</param>
/// <param name="Dropout">Used in training alone.</param>
/// <param name="Activation">Not used; Burn keeps it.</param>
/// <param name="DModel">The width.</param>
/// <param name="NHeads">The number of heads.</param>
/// <param name="DK">The width of one head.</param>
/// <param name="MinFloat">The score of what must not be seen.</param>
/// <param name="QuietSoftmax">Whether a head may see nothing.</param>
[Module]
public sealed partial record MultiHeadAttention(
    Linear Query,
    Linear Key,
    Linear Value,
    Linear Output,
    Dropout Dropout,
    Gelu Activation,
    int DModel,
    int NHeads,
    [RecordName("d_k")] int DK,
    double MinFloat,
    bool QuietSoftmax)
{
    /// <summary>A layer whose values are drawn when first asked for, as those of <see cref="Linear.Init"/> are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ArgumentException">The width cannot be cut into so many heads.</exception>
    public static MultiHeadAttention Init(
        int width,
        int heads,
        Device device,
        double dropout = 0.1,
        double minFloat = -1e4,
        bool quietSoftmax = false,
        Initializer? initializer = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (width % heads != 0)
            throw new ArgumentException($"A width of {width} cannot be cut into {heads} heads.", nameof(heads));
        Linear One() => Linear.Init(width, width, device, initializer: initializer);
        return new(
            One(), One(), One(), One(), new(dropout), new(), width, heads, width / heads, minFloat, quietSoftmax);
    }

    /// <summary>
    /// What each query sees: [batch, queries, width], and how much of each key's value that is, [batch, heads, queries, keys]. Queries are
    /// [batch, queries, width], keys and values [batch, keys, width]; they are the queries where they are not given.
    /// </summary>
    /// <param name="query">What asks.</param>
    /// <param name="key">What answers.</param>
    /// <param name="value">What is seen.</param>
    /// <param name="maskPad">True where a key must not be seen, [batch, keys].</param>
    /// <param name="maskAttn">True where a query must not see a key, [batch, queries, keys].</param>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats, or those of a mask not Bool.</exception>
    public (Tensor Context, Tensor Weights) Forward(
        Tensor query, Tensor? key = null, Tensor? value = null, Tensor? maskPad = null, Tensor? maskAttn = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        var (context, weights) = Core.AttentionModule.forward(
            ToCore(),
            AttentionMasks.Of(maskPad, maskAttn),
            query.ToDense(),
            (key ?? query).ToDense(),
            (value ?? key ?? query).ToDense());
        return (Tensor.OfDense(context), Tensor.OfDense(weights));
    }

    internal Core.Attention ToCore() => new(
        Query.ToCore(), Key.ToCore(), Value.ToCore(), Output.ToCore(), NHeads, NHeads, 1 / Math.Sqrt(DK), MinFloat, QuietSoftmax);

    // The quiet softmax came with Burn 0.11, the width with 0.14.
    internal static RecordSchema Layouts(RecordSchema newest)
    {
        (string, RecordSchema)[] parts =
        [
            .. LayerSchemas.Each<LinearRecord>("query", "key", "value", "output"),
            .. LayerSchemas.Constants("dropout", "activation"),
        ];
        return RecordSchema.Versioned(
            ("0.8", RecordSchema.Struct([.. parts, .. LayerSchemas.Constants("n_heads", "d_k", "min_float")])),
            ("0.11", RecordSchema.Struct([.. parts, .. LayerSchemas.Constants("n_heads", "d_k", "min_float", "quiet_softmax")])),
            ("0.14", newest));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_model", DModel)
        .Field("n_heads", NHeads)
        .Field("d_k", DK)
        .Field("dropout", Dropout.Prob)
        .Field("min_float", MinFloat)
        .Field("quiet_softmax", QuietSoftmax);
}

/// <summary>Masks as kernels take them.</summary>
internal static class AttentionMasks
{
    internal static Core.AttentionMask Of(Tensor? padding, Tensor? pairs) => new(Values(padding, 2), Values(pairs, 3));

    private static Microsoft.FSharp.Core.FSharpOption<bool[]>? Values(Tensor? mask, int rank)
    {
        if (mask is null)
            return null;
        if (mask.Dtype is not Dtype.Bool)
            throw new InvalidOperationException($"{Core.TensorDataModule.text(mask.Data)} does not hold truth values.");
        if (mask.Rank != rank)
            throw new ArgumentException($"The mask is {Core.TensorDataModule.text(mask.Data)}, expected {rank} dimensions.", nameof(mask));
        return Core.Truth.ofTensor(mask.Data).OrThrow();
    }
}
