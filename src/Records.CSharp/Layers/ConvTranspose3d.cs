namespace Records;

/// <summary>A transposed convolution of volumes: [batch, in, depth, height, width] to [batch, out, depth, height, width].</summary>
/// <param name="Weight">The weight, [in, out / groups, kernel depth, kernel height, kernel width].</param>
/// <param name="Bias">The bias, [out]; null for none.</param>
/// <param name="Stride">By how much the kernel moves in the result.</param>
/// <param name="KernelSize">The kernel's sizes.</param>
/// <param name="Dilation">From one element of the kernel to the next.</param>
/// <param name="Groups">Parts of the channels that do not see each other.</param>
/// <param name="Padding">How much of the result is cut off on either side.</param>
/// <param name="PaddingOut">How much is added at the end of each axis.</param>
/// <param name="Channels">The channels of the input and of the result.</param>
[Module]
public sealed partial record ConvTranspose3d(
    Param Weight,
    Param? Bias,
    (int Depth, int Height, int Width) Stride,
    (int Depth, int Height, int Width) KernelSize,
    (int Depth, int Height, int Width) Dilation,
    int Groups,
    (int Depth, int Height, int Width) Padding,
    (int Depth, int Height, int Width) PaddingOut,
    (int In, int Out) Channels)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: uniform within 1 / sqrt(outputs of one input), or as the initializer says.
    /// Stride and dilation are (1, 1, 1) where they are not given.
    /// </summary>
    /// <inheritdoc cref="ConvTranspose1d.Init"/>
    public static ConvTranspose3d Init(
        int channelsIn,
        int channelsOut,
        (int Depth, int Height, int Width) kernelSize,
        Device device,
        (int Depth, int Height, int Width)? stride = null,
        (int Depth, int Height, int Width)? dilation = null,
        int groups = 1,
        (int Depth, int Height, int Width) padding = default,
        (int Depth, int Height, int Width) paddingOut = default,
        bool bias = true,
        Initializer? initializer = null)
    {
        var (strides, dilations) = (stride ?? (1, 1, 1), dilation ?? (1, 1, 1));
        ConvChecks.Demand(channelsIn, channelsOut, groups);
        ConvChecks.Positive(kernelSize.Depth, strides.Depth, dilations.Depth);
        ConvChecks.Positive(kernelSize.Height, strides.Height, dilations.Height);
        ConvChecks.Positive(kernelSize.Width, strides.Width, dilations.Width);
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(padding.Depth, Math.Min(padding.Height, padding.Width)), nameof(padding));
        ArgumentOutOfRangeException.ThrowIfNegative(
            Math.Min(paddingOut.Depth, Math.Min(paddingOut.Height, paddingOut.Width)), nameof(paddingOut));
        long fanIn = (long)channelsOut / groups * kernelSize.Depth * kernelSize.Height * kernelSize.Width;
        initializer ??= Initializer.OfCore(Core.Conv.initializer);
        return new(
            initializer.Init(
                [channelsIn, channelsOut / groups, kernelSize.Depth, kernelSize.Height, kernelSize.Width], device, fanIn),
            bias ? initializer.Init([channelsOut], device, fanIn) : null,
            strides,
            kernelSize,
            dilations,
            groups,
            padding,
            paddingOut,
            (channelsIn, channelsOut));
    }

    /// <summary>The transposed convolution: [batch, in, depth, height, width] to [batch, out, depth, height, width].</summary>
    /// <inheritdoc cref="ConvTranspose1d.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.ConvTranspose.forward3d(
        Core.StretchModule.create(KernelSize.Depth, Stride.Depth, Dilation.Depth, Padding.Depth, PaddingOut.Depth),
        Core.StretchModule.create(KernelSize.Height, Stride.Height, Dilation.Height, Padding.Height, PaddingOut.Height),
        Core.StretchModule.create(KernelSize.Width, Stride.Width, Dilation.Width, Padding.Width, PaddingOut.Width),
        Groups,
        Weight.Value.ToDense(),
        Bias?.Value.ToDense().ToOption(),
        values));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("channels", Shapes.Text(Channels))
        .Field("stride", Shapes.Text(Stride))
        .Field("kernel_size", Shapes.Text(KernelSize))
        .Field("dilation", Shapes.Text(Dilation))
        .Field("groups", Groups)
        .Field("padding", Shapes.Text(Padding))
        .Field("padding_out", Shapes.Text(PaddingOut));
}
