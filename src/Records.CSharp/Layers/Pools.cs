namespace Records;

/// <summary>The largest value of each window: [batch, channels, height, width] to the same with other sizes.</summary>
/// <param name="KernelSize">The window's rows and columns.</param>
[Constant]
public sealed record MaxPool2d((int Height, int Width) KernelSize)
{
    private readonly (int Height, int Width)? stride;

    /// <summary>By how much the window moves; its own size where nothing else is said.</summary>
    public (int Height, int Width) Stride { get => stride ?? KernelSize; init => stride = value; }

    /// <summary>What surrounds the input; it counts for less than any value.</summary>
    public PaddingConfig2d Padding { get; init; } = PaddingConfig2d.Valid;

    /// <summary>From one element of the window to the next.</summary>
    public (int Height, int Width) Dilation { get; init; } = (1, 1);

    /// <summary>Whether the last window may reach beyond the end.</summary>
    public bool CeilMode { get; init; }

    /// <summary>The largest value of each window; NaN if there is one in it.</summary>
    /// <exception cref="ArgumentException">The input has not four dimensions or is smaller than the window, or a size is not positive.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Pool.max2d(
        CeilMode,
        Core.WindowModule.create(KernelSize.Height, Stride.Height, Dilation.Height, Padding.Vertical),
        Core.WindowModule.create(KernelSize.Width, Stride.Width, Dilation.Width, Padding.Horizontal),
        values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() =>
        $"MaxPool2d {{kernel_size: {Shapes.Text(KernelSize)}, stride: {Shapes.Text(Stride)}, padding: {Padding}, "
        + $"dilation: {Shapes.Text(Dilation)}, ceil_mode: {RustText.Of(CeilMode)}}}";
}

/// <summary>The mean of each window: [batch, channels, height, width] to the same with other sizes.</summary>
/// <param name="KernelSize">The window's rows and columns.</param>
[Constant]
public sealed record AvgPool2d((int Height, int Width) KernelSize)
{
    private readonly (int Height, int Width)? stride;

    /// <inheritdoc cref="MaxPool2d.Stride"/>
    public (int Height, int Width) Stride { get => stride ?? KernelSize; init => stride = value; }

    /// <summary>What surrounds the input: zeros.</summary>
    public PaddingConfig2d Padding { get; init; } = PaddingConfig2d.Valid;

    /// <summary>Whether the padding's zeros count in the mean.</summary>
    public bool CountIncludePad { get; init; } = true;

    /// <inheritdoc cref="MaxPool2d.CeilMode"/>
    public bool CeilMode { get; init; }

    /// <summary>The mean of each window.</summary>
    /// <inheritdoc cref="MaxPool2d.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Pool.average2d(
        CeilMode,
        CountIncludePad,
        Core.WindowModule.create(KernelSize.Height, Stride.Height, 1, Padding.Vertical),
        Core.WindowModule.create(KernelSize.Width, Stride.Width, 1, Padding.Horizontal),
        values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() =>
        $"AvgPool2d {{kernel_size: {Shapes.Text(KernelSize)}, stride: {Shapes.Text(Stride)}, padding: {Padding}, "
        + $"count_include_pad: {RustText.Of(CountIncludePad)}, ceil_mode: {RustText.Of(CeilMode)}}}";
}

/// <summary>The mean of as many parts as the result has places: [batch, channels, height, width] to [batch, channels, rows, columns].</summary>
/// <param name="OutputSize">The result's rows and columns.</param>
[Constant]
public sealed record AdaptiveAvgPool2d((int Height, int Width) OutputSize)
{
    /// <summary>The mean of each part; neighbours share elements where the sizes do not divide.</summary>
    /// <exception cref="ArgumentException">The input has not four dimensions or is empty, or the result would be.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Pool.adaptiveAverage2d(OutputSize.Height, OutputSize.Width, values));

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => $"AdaptiveAvgPool2d {{output_size: {Shapes.Text(OutputSize)}}}";
}
