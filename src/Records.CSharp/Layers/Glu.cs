namespace Records;

/// <summary>The first half along an axis times the sigmoid of the second: the axis becomes half as long.</summary>
/// <param name="Dim">The axis.</param>
[Constant]
public sealed record Glu(int Dim)
{
    /// <summary>The product of both halves.</summary>
    /// <exception cref="ArgumentException">The input has no such axis, or it cannot be cut in two.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.glu(Dim, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"GLU {{dim: {RustText.Of(Dim)}}}";
}
