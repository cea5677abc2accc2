namespace Records.Samples.Configs;

public enum Mode
{
    Slow,
    Fast,
    [RecordName("very-fast")]
    VeryFast,
}

[Config]
public sealed partial record MlpConfig(int Hidden = 128, double Dropout = 0.1);

[Config]
public abstract partial record Clip
{
    public sealed record Value(float Limit) : Clip;

    public sealed record Norm(double Limit) : Clip;
}

[Config]
public abstract partial record Padding
{
    public sealed record Same : Padding;

    public sealed record Valid : Padding;

    public sealed record Explicit(int Left, uint Right) : Padding;

    [NamedFields]
    public sealed record Uniform(double Min, double MaxValue = 1.0) : Padding;

    public sealed record Filled : Padding
    {
        public required long Value { get; init; }

        public string? Note { get; init; }
    }

    public sealed record Nested(MlpConfig Inner) : Padding;
}

[Config]
public sealed partial record OptimConfig(float WeightDecay, Clip? Clip = null);

/// <summary>Everything a config can hold.</summary>
[Config]
public sealed partial record TrainingConfig(
    string Name,
    OptimConfig Optim,
    ulong Seed,
    long Offset,
    uint Steps,
    short Small,
    ushort Port,
    sbyte Tiny,
    byte Level,
    float Rate,
    double Epsilon,
    bool Shuffle,
    char Letter,
    Mode Mode,
    Padding Padding,
    IReadOnlyList<MlpConfig> Layers,
    double[] Milestones,
    [Length(2)] int[] KernelSize,
    (int, string) Pair,
    SortedDictionary<string, int> Counts,
    IReadOnlyDictionary<int, Padding?> ByIndex,
    int? Limit,
    string? Note,
    List<int>? Sizes = null,
    int NumEpochs = 10,
    Mode Fallback = Mode.Fast,
    double? Warmup = 0.5,
    [RecordName("norm_1")] bool Norm1 = true)
{
    public IReadOnlyList<int> Strides { get; init; } = [1, 1];

    public int Twice => NumEpochs * 2;
}

/// <summary>A module that is made from its config, which is no part of its record.</summary>
[Module]
public sealed partial record Configured(Records.Linear Fc, MlpConfig Config)
{
    public static Configured Init(MlpConfig config, Device device) => new(Records.Linear.Init(4, config.Hidden, device), config);
}

/// <summary>What a user does with configs.</summary>
public static class ConfigSamples
{
    public static MlpConfig Tour(string path)
    {
        MlpConfig config = new MlpConfig().WithHidden(256).WithDropout(0.25);
        config.Save(path);
        MlpConfig loaded = MlpConfig.Load(path);
        MlpConfig fromBytes = MlpConfig.Load(File.ReadAllBytes(path));
        if (loaded != config || fromBytes != config)
            throw new InvalidOperationException("another config was loaded");
        return loaded;
    }

    public static async Task<MlpConfig> TourAsync(MlpConfig config, string path, CancellationToken cancellationToken)
    {
        await config.SaveAsync(path, cancellationToken);
        return await MlpConfig.LoadAsync(path, cancellationToken);
    }

    /// <summary>The config of a model that was loaded into a module with this one.</summary>
    public static MlpConfig Kept(string path, MlpConfig saved, MlpConfig kept)
    {
        var recorder = new DefaultRecorder();
        Configured.Init(saved, Device.Cpu).SaveFile(path, recorder);
        return Configured.Init(kept, Device.Cpu).LoadFile(path, recorder, Device.Cpu).Config;
    }

    public static RecordProblem? Fails(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (RecordException exception)
        {
            return exception.Error;
        }
    }
}
