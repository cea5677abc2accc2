namespace Records;

/// <summary>The largest value of each window: [batch, channels, length] to the same with another length.</summary>
/// <param name="KernelSize">The window's elements.</param>
[Constant]
public sealed record MaxPool1d(int KernelSize)
{
    private readonly int? stride;

    /// <summary>By how much the window moves; its own size where nothing else is said.</summary>
    public int Stride { get => stride ?? KernelSize; init => stride = value; }

    /// <summary>What surrounds the input; it counts for less than any value.</summary>
    public PaddingConfig1d Padding { get; init; } = PaddingConfig1d.Valid;

    /// <summary>From one element of the window to the next.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>Whether the last window may reach beyond the end.</summary>
    public bool CeilMode { get; init; }

    /// <summary>The largest value of each window; NaN if there is one in it.</summary>
    /// <exception cref="ArgumentException">The input has not three dimensions or is shorter than the window, or a size is not positive.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Pool.max1d(
        CeilMode, Core.WindowModule.create(KernelSize, Stride, Dilation, Padding.Core), values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() =>
        $"MaxPool1d {{kernel_size: {RustText.Of(KernelSize)}, stride: {RustText.Of(Stride)}, padding: {Padding}, "
        + $"dilation: {RustText.Of(Dilation)}, ceil_mode: {RustText.Of(CeilMode)}}}";
}

/// <summary>The mean of each window: [batch, channels, length] to the same with another length.</summary>
/// <param name="KernelSize">The window's elements.</param>
[Constant]
public sealed record AvgPool1d(int KernelSize)
{
    private readonly int? stride;

    /// <inheritdoc cref="MaxPool1d.Stride"/>
    public int Stride { get => stride ?? KernelSize; init => stride = value; }

    /// <summary>What surrounds the input: zeros.</summary>
    public PaddingConfig1d Padding { get; init; } = PaddingConfig1d.Valid;

    /// <summary>Whether the padding's zeros count in the mean.</summary>
    public bool CountIncludePad { get; init; } = true;

    /// <inheritdoc cref="MaxPool1d.CeilMode"/>
    public bool CeilMode { get; init; }

    /// <summary>The mean of each window.</summary>
    /// <inheritdoc cref="MaxPool1d.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Pool.average1d(
        CeilMode, CountIncludePad, Core.WindowModule.create(KernelSize, Stride, 1, Padding.Core), values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() =>
        $"AvgPool1d {{kernel_size: {RustText.Of(KernelSize)}, stride: {RustText.Of(Stride)}, padding: {Padding}, "
        + $"count_include_pad: {RustText.Of(CountIncludePad)}, ceil_mode: {RustText.Of(CeilMode)}}}";
}

/// <summary>The mean of as many parts as the result has places: [batch, channels, length] to [batch, channels, places].</summary>
/// <param name="OutputSize">The result's places.</param>
[Constant]
public sealed record AdaptiveAvgPool1d(int OutputSize)
{
    /// <summary>The mean of each part; neighbours share elements where the sizes do not divide.</summary>
    /// <exception cref="ArgumentException">The input has not three dimensions or is empty, or the result would be.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Pool.adaptiveAverage1d(OutputSize, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"AdaptiveAvgPool1d {{output_size: {RustText.Of(OutputSize)}}}";
}
