namespace Records;

/// <summary>Each value over (k + alpha times the mean of the squares of the channels around it) to the power of beta.</summary>
/// <param name="Size">How many channels are around one, itself included.</param>
/// <param name="Alpha">The factor of the mean.</param>
/// <param name="Beta">The power.</param>
/// <param name="K">What is added to the mean.</param>
[Constant]
public sealed record LocalResponseNorm(int Size, double Alpha = 1e-4, double Beta = 0.75, double K = 1)
{
    /// <summary>The normalised input: [batch, channels, .., ..] to the same.</summary>
    /// <exception cref="ArgumentException">The input has less than three dimensions, or the size is not positive.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Norm.localResponse(Size, Alpha, Beta, K, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() =>
        $"LocalResponseNorm {{size: {RustText.Of(Size)}, alpha: {RustText.Of(Alpha)}, beta: {RustText.Of(Beta)}, k: {RustText.Of(K)}}}";
}
