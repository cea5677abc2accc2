namespace Records;

/// <summary>A convolution of rows: [batch, in, length] to [batch, out, length].</summary>
/// <param name="Weight">The weight, [out, in / groups, kernel].</param>
/// <param name="Bias">The bias, [out]; null for none.</param>
/// <param name="Stride">By how much the kernel moves.</param>
/// <param name="KernelSize">The kernel's elements.</param>
/// <param name="Dilation">From one element of the kernel to the next.</param>
/// <param name="Groups">Parts of the channels that do not see each other.</param>
/// <param name="Padding">What surrounds the input.</param>
[Module]
public sealed partial record Conv1d(
    Param Weight, Param? Bias, int Stride, int KernelSize, int Dilation, int Groups, PaddingConfig1d Padding)
{
    /// <summary>
    /// A layer whose values are drawn when first asked for: uniform within 1 / sqrt(inputs of one output), or as the initializer says.
    /// No padding is <see cref="PaddingConfig1d.Valid"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ArgumentException">The channels cannot be cut into so many groups.</exception>
    public static Conv1d Init(
        int channelsIn,
        int channelsOut,
        int kernelSize,
        Device device,
        int stride = 1,
        int dilation = 1,
        int groups = 1,
        PaddingConfig1d? padding = null,
        bool bias = true,
        Initializer? initializer = null)
    {
        ConvChecks.Demand(channelsIn, channelsOut, groups);
        ConvChecks.Positive(kernelSize, stride, dilation);
        long fanIn = (long)channelsIn / groups * kernelSize;
        long fanOut = (long)channelsOut / groups * kernelSize;
        initializer ??= Initializer.OfCore(Core.Conv.initializer);
        return new(
            initializer.Init([channelsOut, channelsIn / groups, kernelSize], device, fanIn, fanOut),
            bias ? initializer.Init([channelsOut], device, fanIn, fanOut) : null,
            stride,
            kernelSize,
            dilation,
            groups,
            padding ?? PaddingConfig1d.Valid);
    }

    /// <summary>The convolution: [batch, in, length] to [batch, out, length].</summary>
    /// <exception cref="ArgumentException">The input has other channels, or is shorter than the kernel.</exception>
    /// <exception cref="InvalidOperationException">The input's elements are not floats.</exception>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Tensor.OfDense(Core.Conv.forward1d(
            Core.WindowModule.create(KernelSize, Stride, Dilation, Padding.Core),
            Groups,
            Weight.Value.ToDense(),
            Bias?.Value.ToDense().ToOption(),
            input.ToDense()));
    }

    // As Burn prints it: sizes in place of tensors.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("ch_in", Weight.Shape[1] * Groups)
        .Field("ch_out", Weight.Shape[0])
        .Field("stride", Stride)
        .Field("kernel_size", KernelSize)
        .Field("dilation", Dilation)
        .Field("groups", Groups)
        .Field("padding", Padding);
}
