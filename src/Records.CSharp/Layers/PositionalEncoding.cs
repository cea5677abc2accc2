namespace Records;

/// <summary>Adds sines and cosines of each place: [batch, length, width] to the same. No file has them: they are computed.</summary>
/// <param name="Sinusoids">What is added, [1, places, width].</param>
/// <param name="MaxSequenceSize">The number of places.</param>
/// <param name="MaxTimescale">How slow the slowest of them turns.</param>
[Module]
public sealed partial record PositionalEncoding(Tensor Sinusoids, int MaxSequenceSize, int MaxTimescale)
{
    /// <summary>The encoding of so many places.</summary>
    /// <exception cref="ArgumentException">The width is not even, or there are more places than the timescale.</exception>
    public static PositionalEncoding Init(int width, int maxSequenceSize = 5_000, int maxTimescale = 10_000)
    {
        var sinusoids = Tensor.OfDense(Core.Position.sinusoids(maxSequenceSize, width, maxTimescale));
        return new(sinusoids.Reshape(1, maxSequenceSize, width), maxSequenceSize, maxTimescale);
    }

    /// <summary>The input plus what belongs to each place: [batch, length, width] to the same.</summary>
    /// <exception cref="ArgumentException">The input is longer than there are places, or of another width.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Position.add(Sinusoids.ToDense(), values));

    // The numbers came with Burn 0.14.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.8", RecordSchema.Struct(("sinusoids", LayerSchemas.Constant))),
        ("0.14", newest));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_model", Sinusoids.Shape[2])
        .Field("max_sequence_size", MaxSequenceSize)
        .Field("max_timescale", MaxTimescale);
}
