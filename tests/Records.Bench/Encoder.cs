namespace Records.Bench;

// The state that is saved and loaded: a transformer encoder, field by field what the Rust peer has.

[Module]
public sealed partial record Attention(
    Linear Query,
    Linear Key,
    Linear Value,
    Linear Output,
    double Dropout,
    int Activation,
    int DModel,
    int NHeads,
    [RecordName("d_k")] int DK,
    double MinFloat,
    bool QuietSoftmax);

[Module]
public sealed partial record Positionwise(Linear LinearInner, Linear LinearOuter, double Dropout, int Activation);

[Module]
public sealed partial record EncoderLayer(
    Attention Mha,
    Positionwise Pwff,
    [RecordName("norm_1")] LayerNorm Norm1,
    [RecordName("norm_2")] LayerNorm Norm2,
    double Dropout,
    bool NormFirst);

[Module]
public sealed partial record Encoder(
    EncoderLayer[] Layers,
    int DModel,
    int DFf,
    int NHeads,
    int NLayers,
    double Dropout,
    bool NormFirst,
    bool QuietSoftmax);

/// <summary>How large the state is.</summary>
public sealed record Size(int Layers, int Model, int Inner)
{
    /// <summary>So many MiB of floats, in layers of 12 MiB, or of 0.2 MiB when there are few.</summary>
    public static Size OfMib(double mib, int model = 512, int inner = 2048) =>
        new((int)Math.Max(1, Math.Round(mib * (1 << 20) / LayerBytes(model, inner))), model, inner);

    public double Mib => (double)Layers * LayerBytes(Model, Inner) / (1 << 20);

    public int Tensors => Layers * 16;

    private static long LayerBytes(long d, long ff) => 4 * ((4 * ((d * d) + d)) + ((d * ff) + ff) + ((ff * d) + d) + (4 * d));
}

/// <summary>Makes states whose numbers are those of the Rust peer: the same xorshift, roughly N(0, 1) * 0.02.</summary>
public sealed class Filler
{
    private ulong state = 0x9E3779B97F4A7C15;
    private ulong id = 0x0123456789abcdef;

    public Encoder Make(Size size) => new(
        [.. Enumerable.Range(0, size.Layers).Select(_ => Layer(size))],
        size.Model,
        size.Inner,
        8,
        size.Layers,
        0.1,
        false,
        false);

    /// <summary>The same structure, nothing drawn.</summary>
    public static Encoder Empty(Size size)
    {
        Linear Dense(int inputs, int outputs) => Linear.Init(inputs, outputs, Device.Cpu);
        LayerNorm Norm() => LayerNorm.Init(size.Model, Device.Cpu);
        return new(
            [
                .. Enumerable.Range(0, size.Layers).Select(_ => new EncoderLayer(
                    new(Dense(size.Model, size.Model), Dense(size.Model, size.Model), Dense(size.Model, size.Model), Dense(size.Model, size.Model), 0.1, 0, size.Model, 8, 64, -1e4, false),
                    new(Dense(size.Model, size.Inner), Dense(size.Inner, size.Model), 0.1, 0),
                    Norm(),
                    Norm(),
                    0.1,
                    false)),
            ],
            size.Model,
            size.Inner,
            8,
            size.Layers,
            0.1,
            false,
            false);
    }

    private EncoderLayer Layer(Size size) => new(
        new(Dense(size.Model, size.Model), Dense(size.Model, size.Model), Dense(size.Model, size.Model), Dense(size.Model, size.Model), 0.1, 0, size.Model, 8, 64, -1e4, false),
        new(Dense(size.Model, size.Inner), Dense(size.Inner, size.Model), 0.1, 0),
        Norm(size.Model),
        Norm(size.Model),
        0.1,
        false);

    private Linear Dense(int inputs, int outputs) => new(Draw(inputs, outputs), Draw(outputs));

    private LayerNorm Norm(int width) => new(Draw(width), Draw(width), 1e-5);

    private Param Draw(params long[] shape)
    {
        id = unchecked((id * 6364136223846793005) + 1442695040888963407);
        float[] values = new float[shape.Aggregate(1L, static (product, dimension) => product * dimension)];
        for (int index = 0; index < values.Length; index++)
            values[index] = Next();
        return Param.Of(ParamId.Of(id), Tensor.Wrap(values, shape));
    }

    private float Next()
    {
        long sum = 0;
        for (int turn = 0; turn < 4; turn++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            sum += (long)(state >> 40);
        }

        return (float)(sum - (1L << 25)) / (1 << 24) * 0.04f;
    }
}
