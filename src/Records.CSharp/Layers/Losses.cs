namespace Records;

/// <summary>How the losses of several items become one.</summary>
public enum Reduction
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their sum over the number of items.</summary>
    BatchMean,

    /// <summary>Their mean, said otherwise.</summary>
    Auto,
}

/// <summary>The mean of squares. It stands for Burn's, and cannot be run.</summary>
[Constant]
public sealed record MseLoss
{
    /// <summary>As Burn prints it.</summary>
    public override string ToString() => nameof(MseLoss);
}

/// <summary>The loss of counts, as Poisson's distribution has them. It holds a model's numbers, and cannot be run.</summary>
/// <param name="LogInput">Whether the input is logarithms.</param>
/// <param name="Full">Whether Stirling's term counts.</param>
/// <param name="Eps">What keeps a logarithm from 0.</param>
[Constant]
public sealed record PoissonNllLoss(bool LogInput = true, bool Full = false, double Eps = 1e-8)
{
    /// <summary>As Burn prints it.</summary>
    public override string ToString() =>
        $"PoissonNllLoss {{log_input: {RustText.Of(LogInput)}, full: {RustText.Of(Full)}, eps: {RustText.Of(Eps)}}}";
}

/// <summary>The loss of pairs by the angle between them. It holds a model's numbers, and cannot be run.</summary>
/// <param name="Margin">How near those may be that do not belong together.</param>
/// <param name="Reduction">How the losses of several items become one.</param>
[Constant]
public sealed record CosineEmbeddingLoss(float Margin = 0, Reduction Reduction = Reduction.Mean)
{
    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"CosineEmbeddingLoss {{margin: {RustText.Of(Margin)}, reduction: {Reduction}}}";
}

/// <summary>The divergence of two distributions, as Kullback and Leibler have it. It holds a model's numbers, and cannot be run.</summary>
/// <param name="LogTarget">Whether the target is logarithms.</param>
[Constant]
public sealed record KlDivLoss(bool LogTarget = false)
{
    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"KLDivLoss {{log_target: {RustText.Of(LogTarget)}}}";
}

/// <summary>The p-norm of the distance. It holds a model's numbers, and cannot be run.</summary>
/// <param name="P">The power.</param>
[Constant]
public sealed record LpLoss(double P);

/// <summary>Squares near 0 and lines beyond, steepness kept. It holds a model's numbers, and cannot be run.</summary>
/// <param name="Beta">Where the lines begin.</param>
[Constant]
public sealed record SmoothL1Loss(float Beta = 1);

/// <summary>The loss of a text whose place in time is not known. It holds a model's numbers, and cannot be run.</summary>
/// <param name="Blank">The class of nothing.</param>
/// <param name="ZeroInfinity">Whether what cannot be counts for nothing.</param>
[Constant]
public sealed record CtcLoss(int Blank = 0, bool ZeroInfinity = false);

/// <summary>The loss of a text that is told while it is heard. It holds a model's numbers, and cannot be run.</summary>
/// <param name="Blank">The class of nothing.</param>
/// <param name="Logits">Whether the input is logits, and not probabilities.</param>
[Constant]
public sealed record RnntLoss(int Blank = 0, bool Logits = true);
