namespace Records;

/// <summary>A transposed convolution of images: [batch, in, height, width] to [batch, out, height, width].</summary>
/// <param name="Weight">The weight, [in, out / groups, kernel height, kernel width].</param>
/// <param name="Bias">The bias, [out]; null for none.</param>
/// <param name="Stride">By how much the kernel moves in the result.</param>
/// <param name="KernelSize">The kernel's rows and columns.</param>
/// <param name="Dilation">From one element of the kernel to the next.</param>
/// <param name="Groups">Parts of the channels that do not see each other.</param>
/// <param name="Padding">How much of the result is cut off on either side.</param>
/// <param name="PaddingOut">How much is added at the bottom and the right.</param>
/// <param name="Channels">The channels of the input and of the result.</param>
[Module]
public sealed partial record ConvTranspose2d(
    Param Weight,
    Param? Bias,
    (int Height, int Width) Stride,
    (int Height, int Width) KernelSize,
    (int Height, int Width) Dilation,
    int Groups,
    (int Height, int Width) Padding,
    (int Height, int Width) PaddingOut,
    (int In, int Out) Channels)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: uniform within 1 / sqrt(outputs of one input), or as the initializer says.
    /// Stride and dilation are (1, 1) where they are not given.
    /// </summary>
    /// <inheritdoc cref="ConvTranspose1d.Init"/>
    public static ConvTranspose2d Init(
        int channelsIn,
        int channelsOut,
        (int Height, int Width) kernelSize,
        Device device,
        (int Height, int Width)? stride = null,
        (int Height, int Width)? dilation = null,
        int groups = 1,
        (int Height, int Width) padding = default,
        (int Height, int Width) paddingOut = default,
        bool bias = true,
        Initializer? initializer = null)
    {
        var (strides, dilations) = (stride ?? (1, 1), dilation ?? (1, 1));
        ConvChecks.Demand(channelsIn, channelsOut, groups);
        ConvChecks.Positive(kernelSize.Height, strides.Height, dilations.Height);
        ConvChecks.Positive(kernelSize.Width, strides.Width, dilations.Width);
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(padding.Height, padding.Width), nameof(padding));
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(paddingOut.Height, paddingOut.Width), nameof(paddingOut));
        long fanIn = (long)channelsOut / groups * kernelSize.Height * kernelSize.Width;
        initializer ??= Initializer.OfCore(Core.Conv.initializer);
        return new(
            initializer.Init([channelsIn, channelsOut / groups, kernelSize.Height, kernelSize.Width], device, fanIn),
            bias ? initializer.Init([channelsOut], device, fanIn) : null,
            strides,
            kernelSize,
            dilations,
            groups,
            padding,
            paddingOut,
            (channelsIn, channelsOut));
    }

    /// <summary>The transposed convolution: [batch, in, height, width] to [batch, out, height, width].</summary>
    /// <inheritdoc cref="ConvTranspose1d.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.ConvTranspose.forward2d(
        Core.StretchModule.create(KernelSize.Height, Stride.Height, Dilation.Height, Padding.Height, PaddingOut.Height),
        Core.StretchModule.create(KernelSize.Width, Stride.Width, Dilation.Width, Padding.Width, PaddingOut.Width),
        Groups,
        Weight.Value.ToDense(),
        Bias?.Value.ToDense().ToOption(),
        values));

    // The channels came with Burn 0.14.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.9", RecordSchema.Struct(
            ("weight", RecordSchema.Param),
            ("bias", LayerSchemas.OptionalParam),
            ("stride", LayerSchemas.Pair),
            ("kernel_size", LayerSchemas.Pair),
            ("dilation", LayerSchemas.Pair),
            ("groups", LayerSchemas.Constant),
            ("padding", LayerSchemas.Pair),
            ("padding_out", LayerSchemas.Pair))),
        ("0.14", newest));

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
