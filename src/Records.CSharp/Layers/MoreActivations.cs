namespace Records;

/// <summary>Elu with the two numbers that keep mean 0 and variance 1.</summary>
[Constant]
public sealed record Selu
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, Core.Activation.selu);

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(Selu);
}

/// <summary>Alpha times each value plus beta, kept within 0 and 1.</summary>
/// <param name="Alpha">The slope.</param>
/// <param name="Beta">The result for 0.</param>
[Constant]
public sealed record HardSigmoid(double Alpha = 0.2, double Beta = 0.5)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.hardSigmoid(Alpha, Beta, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"HardSigmoid {{alpha: {RustText.Of(Alpha)}, beta: {RustText.Of(Beta)}}}";
}

/// <summary>Each value times its hard sigmoid of slope 1 / 6.</summary>
[Constant]
public sealed record HardSwish
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, Core.Activation.hardSwish);

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(HardSwish);
}

/// <summary>ln(1 + e^(beta x)) / beta of each value: a smooth relu.</summary>
/// <param name="Beta">How sharp the bend is.</param>
[Constant]
public sealed record Softplus(double Beta = 1)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.softplus(Beta, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"Softplus {{beta: {RustText.Of(Beta)}}}";
}

/// <summary>x / (1 + |x|) of each value.</summary>
[Constant]
public sealed record Softsign
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, Core.Activation.softsign);

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(Softsign);
}

/// <summary>Each value, or alpha * (e^x - 1) when it is negative.</summary>
/// <param name="Alpha">Where negative values end.</param>
[Constant]
public sealed record Elu(double Alpha = 1)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.elu(Alpha, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"Elu {{alpha: {RustText.Of(Alpha)}}}";
}

/// <summary>Each value, or alpha * (e^(x / alpha) - 1) when it is negative.</summary>
/// <param name="Alpha">Where negative values end.</param>
[Constant]
public sealed record Celu(double Alpha = 1)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.celu(Alpha, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"Celu {{alpha: {RustText.Of(Alpha)}}}";
}

/// <summary>Each value that is above alpha, else 0.</summary>
/// <param name="Alpha">The bound.</param>
[Constant]
public sealed record ThresholdedRelu(double Alpha = 1)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.thresholdedRelu(Alpha, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"ThresholdedRelu {{alpha: {RustText.Of(Alpha)}}}";
}

/// <summary>Each value that is further from 0 than lambda, else 0.</summary>
/// <param name="Lambda">The bound.</param>
[Constant]
public sealed record HardShrink(double Lambda = 0.5)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.shrink(Lambda, 0, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"HardShrink {{lambda: {RustText.Of(Lambda)}}}";
}

/// <summary>Each value nearer to 0 by lambda, and 0 within it.</summary>
/// <param name="Lambda">The bound.</param>
[Constant]
public sealed record SoftShrink(double Lambda = 0.5)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.shrink(Lambda, Lambda, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"SoftShrink {{lambda: {RustText.Of(Lambda)}}}";
}

/// <summary>Each value nearer to 0 by the bias, and 0 within lambda.</summary>
/// <param name="Lambda">The bound.</param>
/// <param name="Bias">By how much.</param>
[Constant]
public sealed record Shrink(double Lambda = 0.5, double Bias = 0.5)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.shrink(Lambda, Bias, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"Shrink {{lambda: {RustText.Of(Lambda)}, bias: {RustText.Of(Bias)}}}";
}
