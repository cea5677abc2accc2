namespace Records;

/// <summary>
/// A convolution of images whose kernel's elements are moved by offsets of their own. It is loaded and saved, and cannot be run.
/// </summary>
/// <param name="Weight">The weight, [out, in / weight groups, kernel height, kernel width].</param>
/// <param name="Bias">The bias, [out]; null for none.</param>
/// <param name="Stride">By how much the kernel moves.</param>
/// <param name="KernelSize">The kernel's rows and columns.</param>
/// <param name="Dilation">From one element of the kernel to the next.</param>
/// <param name="WeightGroups">Parts of the channels that do not see each other.</param>
/// <param name="OffsetGroups">Parts of the channels that share their offsets.</param>
/// <param name="Padding">What surrounds the input.</param>
[Module]
public sealed partial record DeformConv2d(
    Param Weight,
    Param? Bias,
    (int Height, int Width) Stride,
    (int Height, int Width) KernelSize,
    (int Height, int Width) Dilation,
    int WeightGroups,
    int OffsetGroups,
    PaddingConfig2d Padding)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: uniform within 1 / sqrt(inputs of one output), or as the initializer says.
    /// Stride and dilation are (1, 1) where they are not given, and the padding <see cref="PaddingConfig2d.Valid"/>.
    /// </summary>
    /// <inheritdoc cref="Conv2d.Init"/>
    public static DeformConv2d Init(
        int channelsIn,
        int channelsOut,
        (int Height, int Width) kernelSize,
        Device device,
        (int Height, int Width)? stride = null,
        (int Height, int Width)? dilation = null,
        int weightGroups = 1,
        int offsetGroups = 1,
        PaddingConfig2d? padding = null,
        bool bias = true,
        Initializer? initializer = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(offsetGroups);
        var plain = Conv2d.Init(channelsIn, channelsOut, kernelSize, device, stride, dilation, weightGroups, padding, bias, initializer);
        return new(
            plain.Weight, plain.Bias, plain.Stride, kernelSize, plain.Dilation, weightGroups, offsetGroups, plain.Padding);
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("stride", Shapes.Text(Stride))
        .Field("kernel_size", Shapes.Text(KernelSize))
        .Field("dilation", Shapes.Text(Dilation))
        .Field("weight_groups", WeightGroups)
        .Field("offset_groups", OffsetGroups)
        .Field("padding", Padding);
}
