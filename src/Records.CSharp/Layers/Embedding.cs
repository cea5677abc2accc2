namespace Records;

/// <summary>Rows of a table by their number: integers [..] to floats [.., width].</summary>
/// <param name="Weight">The table, [rows, width].</param>
[Module]
public sealed partial record Embedding(Param Weight)
{
    /// <summary>A table whose values are drawn when first asked for: of the normal distribution, or as the initializer says.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static Embedding Init(int rows, int width, Device device, Initializer? initializer = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        initializer ??= Initializer.OfCore(Core.Embedding.initializer);
        return new(initializer.Init([rows, width], device, fanIn: rows, fanOut: width));
    }

    /// <summary>The row of each index: [..] to [.., width].</summary>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    /// <exception cref="InvalidOperationException">The indices are not integers.</exception>
    public Tensor Forward(Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return Tensor.OfDense(Core.Embedding.forward(Weight.Value.ToDense(), indices.ToIntegers()));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("n_embedding", Weight.Shape[0])
        .Field("d_model", Weight.Shape[1]);
}
