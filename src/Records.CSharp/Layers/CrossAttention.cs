namespace Records;

/// <summary>
/// Several heads, each of which sees what its query asks for in a context of another width; heads of queries may share one of keys and values.
/// Burn has it since 0.20.
/// </summary>
/// <param name="Query">What asks, [width, heads * head width].</param>
/// <param name="Key">What answers, [context width, key heads * head width].</param>
/// <param name="Value">What is seen, [context width, key heads * head width].</param>
/// <param name="Output">What all heads saw, [heads * head width, width].</param>
/// <param name="Dropout">Used in training alone.</param>
/// <param name="NHeads">The number of heads of queries.</param>
/// <param name="NHeadsKv">The number of heads of keys and values.</param>
/// <param name="DHead">The width of one head.</param>
/// <param name="Scale">What products of queries and keys are multiplied by.</param>
/// <param name="MinFloat">The score of what must not be seen.</param>
/// <param name="QuietSoftmax">Whether a head may see nothing.</param>
[Module]
public sealed partial record CrossAttention(
    Linear Query,
    Linear Key,
    Linear Value,
    Linear Output,
    Dropout Dropout,
    int NHeads,
    int NHeadsKv,
    int DHead,
    double Scale,
    double MinFloat,
    bool QuietSoftmax)
{
    /// <summary>A layer whose values are drawn when first asked for: Kaiming's uniform of gain 1 / sqrt(head width).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ArgumentException">The heads of queries cannot be shared out among those of keys.</exception>
    public static CrossAttention Init(
        int width,
        int contextWidth,
        int heads,
        int keyHeads,
        int headWidth,
        Device device,
        double dropout = 0.1,
        double minFloat = -1e4,
        bool quietSoftmax = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyHeads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headWidth);
        if (heads % keyHeads != 0)
            throw new ArgumentException($"{heads} heads cannot share {keyHeads}.", nameof(keyHeads));
        double scale = 1 / Math.Sqrt(headWidth);
        Linear One(int from, int to) => Linear.Init(from, to, device, initializer: Initializer.KaimingUniform(scale));
        return new(
            One(width, heads * headWidth),
            One(contextWidth, keyHeads * headWidth),
            One(contextWidth, keyHeads * headWidth),
            One(heads * headWidth, width),
            new(dropout),
            heads,
            keyHeads,
            headWidth,
            scale,
            minFloat,
            quietSoftmax);
    }

    /// <summary>What each query sees: [batch, queries, width], of a context [batch, keys, context width].</summary>
    /// <param name="query">What asks, [batch, queries, width].</param>
    /// <param name="context">What is seen.</param>
    /// <param name="mask">True where the context must not be seen, [batch, keys].</param>
    /// <exception cref="ArgumentException">The shapes do not meet.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats, or those of the mask not Bool.</exception>
    public Tensor Forward(Tensor query, Tensor context, Tensor? mask = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(context);
        var seen = context.ToDense();
        var kernel = new Core.Attention(
            Query.ToCore(), Key.ToCore(), Value.ToCore(), Output.ToCore(), NHeads, NHeadsKv, Scale, MinFloat, QuietSoftmax);
        var (output, _) = Core.AttentionModule.forward(kernel, AttentionMasks.Of(mask, null), query.ToDense(), seen, seen);
        return Tensor.OfDense(output);
    }
}
