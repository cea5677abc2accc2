namespace Records;

/// <summary>A convolution of volumes: [batch, in, depth, height, width] to [batch, out, depth, height, width].</summary>
/// <param name="Weight">The weight, [out, in / groups, kernel depth, kernel height, kernel width].</param>
/// <param name="Bias">The bias, [out]; null for none.</param>
/// <param name="Stride">By how much the kernel moves.</param>
/// <param name="KernelSize">The kernel's sizes.</param>
/// <param name="Dilation">From one element of the kernel to the next.</param>
/// <param name="Groups">Parts of the channels that do not see each other.</param>
/// <param name="Padding">What surrounds the input.</param>
[Module]
public sealed partial record Conv3d(
    Param Weight,
    Param? Bias,
    (int Depth, int Height, int Width) Stride,
    (int Depth, int Height, int Width) KernelSize,
    (int Depth, int Height, int Width) Dilation,
    int Groups,
    PaddingConfig3d Padding)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: uniform within 1 / sqrt(inputs of one output), or as the initializer says.
    /// Stride and dilation are (1, 1, 1) where they are not given, and the padding <see cref="PaddingConfig3d.Valid"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ArgumentException">The channels cannot be cut into so many groups.</exception>
    public static Conv3d Init(
        int channelsIn,
        int channelsOut,
        (int Depth, int Height, int Width) kernelSize,
        Device device,
        (int Depth, int Height, int Width)? stride = null,
        (int Depth, int Height, int Width)? dilation = null,
        int groups = 1,
        PaddingConfig3d? padding = null,
        bool bias = true,
        Initializer? initializer = null)
    {
        var (strides, dilations) = (stride ?? (1, 1, 1), dilation ?? (1, 1, 1));
        ConvChecks.Demand(channelsIn, channelsOut, groups);
        ConvChecks.Positive(kernelSize.Depth, strides.Depth, dilations.Depth);
        ConvChecks.Positive(kernelSize.Height, strides.Height, dilations.Height);
        ConvChecks.Positive(kernelSize.Width, strides.Width, dilations.Width);
        long elements = (long)kernelSize.Depth * kernelSize.Height * kernelSize.Width;
        long fanIn = channelsIn / groups * elements;
        long fanOut = channelsOut / groups * elements;
        initializer ??= Initializer.OfCore(Core.Conv.initializer);
        return new(
            initializer.Init(
                [channelsOut, channelsIn / groups, kernelSize.Depth, kernelSize.Height, kernelSize.Width], device, fanIn, fanOut),
            bias ? initializer.Init([channelsOut], device, fanIn, fanOut) : null,
            strides,
            kernelSize,
            dilations,
            groups,
            padding ?? PaddingConfig3d.Valid);
    }

    /// <summary>The convolution: [batch, in, depth, height, width] to [batch, out, depth, height, width].</summary>
    /// <inheritdoc cref="Conv2d.Forward"/>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Tensor.OfDense(Core.Conv.forward3d(
            Core.WindowModule.create(KernelSize.Depth, Stride.Depth, Dilation.Depth, Padding.Deep),
            Core.WindowModule.create(KernelSize.Height, Stride.Height, Dilation.Height, Padding.Vertical),
            Core.WindowModule.create(KernelSize.Width, Stride.Width, Dilation.Width, Padding.Horizontal),
            Groups,
            Weight.Value.ToDense(),
            Bias?.Value.ToDense().ToOption(),
            input.ToDense()));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("ch_in", Weight.Shape[1] * Groups)
        .Field("ch_out", Weight.Shape[0])
        .Field("stride", Shapes.Text(Stride))
        .Field("kernel_size", Shapes.Text(KernelSize))
        .Field("dilation", Shapes.Text(Dilation))
        .Field("groups", Groups)
        .Field("padding", Padding);
}
