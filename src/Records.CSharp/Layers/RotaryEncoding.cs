namespace Records;

/// <summary>Turns pairs of neighbours by an angle of their place: [.., length, width] to the same. No file has the angles: they are computed.</summary>
/// <param name="FreqComplex">Cosine and sine by place and column, [places, width, 2].</param>
/// <param name="Theta">How fast each pair turns, [width / 2].</param>
/// <param name="StartOffset">The first of the places.</param>
[Module]
public sealed partial record RotaryEncoding(Tensor FreqComplex, Tensor Theta, int StartOffset)
{
    /// <summary>The encoding of so many places, from the first on.</summary>
    /// <exception cref="ArgumentException">The width is not even.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of places is negative, or theta not positive.</exception>
    public static RotaryEncoding Init(int maxSequenceLength, int width, float theta = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxSequenceLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(theta);
        var frequencies = Core.Position.frequencies(width, theta);
        return new(
            Tensor.OfDense(Core.Position.rotations(0, maxSequenceLength, frequencies)), Tensor.OfDense(frequencies), 0);
    }

    /// <summary>The input turned, its first row by the angles of the place <paramref name="start"/>: [.., length, width] to the same.</summary>
    /// <exception cref="ArgumentException">The input is longer than there are places, or of another width.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input, int start = 0) =>
        Tensor.Apply(input, values => Core.Position.rotate(FreqComplex.ToDense(), start, values));

    // What stood beside the angles changed; all of it is constants.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.13", RecordSchema.Struct([.. LayerSchemas.Constants("freq_complex")])),
        ("0.14", RecordSchema.Struct([.. LayerSchemas.Constants("freq_complex", "max_sequence_length", "theta")])),
        ("0.18", newest));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_model", FreqComplex.Shape[1])
        .Field("max_sequence_length", FreqComplex.Shape[0]);
}
