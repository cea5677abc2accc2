namespace Records;

/// <summary>Adds noise in training; here, where nothing is trained, it gives its input.</summary>
/// <param name="Std">The deviation of the noise.</param>
[Constant]
public sealed record GaussianNoise(double Std)
{
    /// <summary>The input itself.</summary>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input;
    }

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"GaussianNoise {{std: {RustText.Of(Std)}}}";
}
