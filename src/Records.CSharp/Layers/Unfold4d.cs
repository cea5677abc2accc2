namespace Records;

/// <summary>The windows of an image, each as one column. It holds a model's numbers, and cannot be run.</summary>
/// <param name="KernelSize">The window's rows and columns.</param>
[Constant]
public sealed record Unfold4d((int Height, int Width) KernelSize)
{
    /// <summary>By how much the window moves.</summary>
    public (int Height, int Width) Stride { get; init; } = (1, 1);

    /// <summary>From one element of the window to the next.</summary>
    public (int Height, int Width) Dilation { get; init; } = (1, 1);

    /// <summary>How many zeros surround the image.</summary>
    public (int Height, int Width) Padding { get; init; }

    /// <summary>As Burn prints it.</summary>
    public override string ToString() =>
        $"Unfold4d {{kernel_size: {Shapes.Text(KernelSize)}, stride: {Shapes.Text(Stride)}, "
        + $"dilation: {Shapes.Text(Dilation)}, padding: {Shapes.Text(Padding)}}}";
}
