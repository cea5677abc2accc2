namespace Records;

/// <summary>A transposed convolution of rows: [batch, in, length] to [batch, out, length].</summary>
/// <param name="Weight">The weight, [in, out / groups, kernel].</param>
/// <param name="Bias">The bias, [out]; null for none.</param>
/// <param name="Stride">By how much the kernel moves in the result.</param>
/// <param name="KernelSize">The kernel's elements.</param>
/// <param name="Dilation">From one element of the kernel to the next.</param>
/// <param name="Groups">Parts of the channels that do not see each other.</param>
/// <param name="Padding">How much of the result is cut off at either end.</param>
/// <param name="PaddingOut">How much is added at its end.</param>
/// <param name="Channels">The channels of the input and of the result.</param>
[Module]
public sealed partial record ConvTranspose1d(
    Param Weight,
    Param? Bias,
    int Stride,
    int KernelSize,
    int Dilation,
    int Groups,
    int Padding,
    int PaddingOut,
    (int In, int Out) Channels)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: uniform within 1 / sqrt(outputs of one input), or as the initializer says.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or a padding negative.</exception>
    /// <exception cref="ArgumentException">The channels cannot be cut into so many groups.</exception>
    public static ConvTranspose1d Init(
        int channelsIn,
        int channelsOut,
        int kernelSize,
        Device device,
        int stride = 1,
        int dilation = 1,
        int groups = 1,
        int padding = 0,
        int paddingOut = 0,
        bool bias = true,
        Initializer? initializer = null)
    {
        ConvChecks.Demand(channelsIn, channelsOut, groups);
        ConvChecks.Positive(kernelSize, stride, dilation);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfNegative(paddingOut);
        long fanIn = (long)channelsOut / groups * kernelSize;
        initializer ??= Initializer.OfCore(Core.Conv.initializer);
        return new(
            initializer.Init([channelsIn, channelsOut / groups, kernelSize], device, fanIn),
            bias ? initializer.Init([channelsOut], device, fanIn) : null,
            stride,
            kernelSize,
            dilation,
            groups,
            padding,
            paddingOut,
            (channelsIn, channelsOut));
    }

    /// <summary>The transposed convolution: [batch, in, length] to [batch, out, length].</summary>
    /// <exception cref="ArgumentException">The input has other channels, or nothing would be left of the result.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.ConvTranspose.forward1d(
        Core.StretchModule.create(KernelSize, Stride, Dilation, Padding, PaddingOut),
        Groups,
        Weight.Value.ToDense(),
        Bias?.Value.ToDense().ToOption(),
        values));

    // The channels came with Burn 0.14.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.9", RecordSchema.Struct(
        [
            ("weight", RecordSchema.Param),
            ("bias", LayerSchemas.OptionalParam),
            .. LayerSchemas.Constants("stride", "kernel_size", "dilation", "groups", "padding", "padding_out"),
        ])),
        ("0.14", newest));

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("channels", Shapes.Text(Channels))
        .Field("stride", Stride)
        .Field("kernel_size", KernelSize)
        .Field("dilation", Dilation)
        .Field("groups", Groups)
        .Field("padding", Padding)
        .Field("padding_out", PaddingOut);
}
