using System.Globalization;

namespace Records;

/// <summary>The larger of each value and 0.</summary>
[Constant]
public sealed record Relu
{
    /// <summary>The function of each value; the shape stays.</summary>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, Core.Activation.relu);

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(Relu);
}

/// <summary>Each value times the normal distribution's probability of less than it.</summary>
/// <param name="Approximate">Whether to approximate that by tanh, as GPT-2 does.</param>
[Constant]
public sealed record Gelu(bool Approximate = false)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) =>
        Approximate ? Tensor.Apply(input, Core.Activation.geluTanh) : Tensor.Apply(input, Core.Activation.gelu);

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(Gelu);
}

/// <summary>1 / (1 + e^-x) of each value.</summary>
[Constant]
public sealed record Sigmoid
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, Core.Activation.sigmoid);

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(Sigmoid);
}

/// <summary>The hyperbolic tangent of each value.</summary>
[Constant]
public sealed record Tanh
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, Core.Activation.tanh);

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(Tanh);
}

/// <summary>e^x of each value over the sum of those along the last axis.</summary>
[Constant]
public sealed record Softmax
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, Core.Activation.softmax);

    /// <summary>The name.</summary>
    public override string ToString() => nameof(Softmax);
}

/// <summary>Drops values in training; here, where nothing is trained, it gives its input.</summary>
/// <param name="Prob">The probability of a value to be dropped.</param>
[Constant]
public sealed record Dropout(double Prob)
{
    /// <summary>The input itself.</summary>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input;
    }

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Dropout {{prob: {Prob}}}");
}
