using static Records.Core.Initializer;

namespace Records;

/// <summary>What values a new parameter starts with, by Burn's names and formulas.</summary>
public sealed record Initializer
{
    private readonly Core.Initializer core;

    private Initializer(Core.Initializer core) => this.core = core;

    /// <summary>Ones.</summary>
    public static Initializer Ones { get; } = new(Core.Initializer.Ones);

    /// <summary>Zeros.</summary>
    public static Initializer Zeros { get; } = new(Core.Initializer.Zeros);

    /// <summary>This value everywhere.</summary>
    public static Initializer Constant(double value) => new(NewConstant(value));

    /// <summary>Every value between the two as likely as any other.</summary>
    public static Initializer Uniform(double min, double max) => new(NewUniform(min, max));

    /// <summary>Values of the normal distribution.</summary>
    public static Initializer Normal(double mean, double deviation) => new(NewNormal(mean, deviation));

    /// <summary>Uniform within gain * sqrt(3 / fan); the fan is the one in, or the one out if that alone is to count.</summary>
    public static Initializer KaimingUniform(double gain, bool fanOutOnly = false) => new(NewKaimingUniform(gain, fanOutOnly));

    /// <summary>Normal with deviation gain / sqrt(fan); the fan is the one in, or the one out if that alone is to count.</summary>
    public static Initializer KaimingNormal(double gain, bool fanOutOnly = false) => new(NewKaimingNormal(gain, fanOutOnly));

    /// <summary>Uniform within gain * sqrt(6 / (fan in + fan out)).</summary>
    public static Initializer XavierUniform(double gain = 1) => new(NewXavierUniform(gain));

    /// <summary>Normal with deviation gain * sqrt(2 / (fan in + fan out)).</summary>
    public static Initializer XavierNormal(double gain = 1) => new(NewXavierNormal(gain));

    /// <summary>Gain times a (semi) orthogonal matrix of the first dimension by all the others.</summary>
    public static Initializer Orthogonal(double gain = 1) => new(NewOrthogonal(gain));

    /// <summary>An F32 parameter: the id is drawn now, the values when first asked for.</summary>
    /// <exception cref="ArgumentException">
    /// Kaiming or Xavier without the fan they need, Orthogonal with less than two dimensions, or a negative dimension.
    /// </exception>
    public Param Init(ReadOnlySpan<long> shape, Device device, long? fanIn = null, long? fanOut = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        var fan = new Core.Fan(fanIn.ToOption(), fanOut.ToOption());
        Core.Shape dims = Shapes.Of(shape, nameof(shape));
        return Param.OfCore(Core.InitializerModule.parameter(device.NextSeed(), fan, dims, core));
    }

    internal static Initializer OfCore(Core.Initializer core) => new(core);

    /// <summary>The initializer's name and numbers.</summary>
    public override string ToString() => core.ToString();
}
