namespace Records.Samples;

/// <summary>Two layers with one weight between them.</summary>
[Module]
public sealed partial record Tied(Linear Left, Linear Right)
{
    public static Tied Init()
    {
        var left = Linear.Init(2, 2, bias: false);
        return new(left, left);
    }
}

/// <summary>A smaller model, for files of a larger one.</summary>
[Module]
public sealed partial record Smaller(Linear Fc1);

/// <summary>Burnpack by the same verbs as every other format.</summary>
public static class Burnpacks
{
    /// <summary>One of everything saved, loaded into a fresh module and saved again, as burnpack and as MessagePack.</summary>
    public static (byte[] Packed, byte[] PackedAgain, byte[] Named, byte[] NamedAgain) Everything(string folder)
    {
        string path = Path.Combine(folder, "net");
        var packed = new BurnpackFileRecorder();
        var named = Recorder.NamedMessagePack();
        Net net = Net.Init();
        net.SaveFile(path, packed);
        net.SaveFile(path, named);
        (byte[] first, byte[] second) = (File.ReadAllBytes(path + ".bpk"), File.ReadAllBytes(path + ".mpk"));
        Net loaded = Net.Init().LoadFile(path, packed, Device.Cpu);
        loaded.SaveFile(path, packed);
        loaded.SaveFile(path, named);
        return (first, File.ReadAllBytes(path + ".bpk"), second, File.ReadAllBytes(path + ".mpk"));
    }

    /// <summary>Whether a shared weight is shared still.</summary>
    public static bool StaysTied(string folder)
    {
        string path = Path.Combine(folder, "tied");
        Tied.Init().SaveFile(path, new BurnpackFileRecorder());
        var loaded = Tied.Init().LoadFile(path, new BurnpackFileRecorder(), Device.Cpu);
        return ReferenceEquals(loaded.Left.Weight, loaded.Right.Weight);
    }

    /// <summary>A file of a larger model: loaded as it is, then with leave.</summary>
    public static (RecordException Refused, Smaller Loaded, Smaller LoadedLater) Unused(string folder, FileRecorder recorder)
    {
        string path = Path.Combine(folder, "large");
        Mlp.Init().SaveFile(path, recorder);
        Smaller small = new(Linear.Init(4, 3));
        RecordException? refused = null;
        try
        {
            _ = small.LoadFile(path, recorder, Device.Cpu);
        }
        catch (RecordException exception)
        {
            refused = exception;
        }

        var allow = new LoadOptions { AllowUnused = true };
        return (
            refused ?? throw new InvalidOperationException("nothing was refused"),
            small.LoadFile(path, recorder, Device.Cpu, allow),
            small.LoadFileAsync(path, recorder, Device.Cpu, allow).GetAwaiter().GetResult());
    }

    /// <summary>A file with a byte too many: what the strict reader says, and what the other reports.</summary>
    public static (RecordError Refused, IReadOnlyList<RecordProblem> Forgiven) Lenient(string folder)
    {
        string path = Path.Combine(folder, "long.bpk");
        Mlp.Init().SaveFile(path, new BurnpackFileRecorder().Unsealed());
        File.AppendAllText(path, "x");
        var forgiven = new List<RecordProblem>();
        var lenient = new BurnpackFileRecorder(BurnpackOptions.Strict with { Forgive = forgiven.Add });
        _ = Mlp.Init().LoadFile(path, lenient, Device.Cpu);
        try
        {
            _ = Mlp.Init().LoadFile(path, new BurnpackFileRecorder(), Device.Cpu);
        }
        catch (RecordException exception)
        {
            return (new(exception.Message, exception.Error.Offset), forgiven);
        }

        throw new InvalidOperationException("nothing was refused");
    }

    /// <summary>User metadata, written and read back.</summary>
    public static RecordMetadata Metadata(string folder)
    {
        string path = Path.Combine(folder, "noted");
        var options = BurnpackOptions.Strict with { Metadata = new Dictionary<string, string> { ["run"] = "7", ["层"] = "" } };
        Mlp.Init().SaveFile(path, Recorder.Burnpack(options));
        return new BurnpackFileRecorder().ReadMetadata(path);
    }

    /// <summary>The dtypes of a model saved as it is and at two precisions.</summary>
    public static string[] Dtypes(string folder)
    {
        string path = Path.Combine(folder, "dtypes");
        FileRecorder[] recorders = [new BurnpackFileRecorder(), new BurnpackFileRecorder<HalfPrecisionSettings>(), Recorder.Burnpack().DoublePrecision()];
        return [.. recorders.Select(recorder =>
        {
            recorder.Record(Mlp.Init().IntoRecord(), path);
            return recorder.Load<MlpRecord>(path, Device.Cpu).Fc1!.Weight!.Dtype.ToString();
        })];
    }

    /// <summary>Burn's optimizer and scheduler: read from its files, and written again.</summary>
    public static (byte[] Optimizer, ulong Time, byte[] Scheduler, ulong Current) Training(byte[] optimizer, byte[] scheduler)
    {
        var recorder = new BurnpackBytesRecorder(BurnpackOptions.Strict with
        {
            // the paths of the parameters, which Burn writes beside the states
            Metadata = new Dictionary<string, string> { ["42"] = "fc1.bias", ["7"] = "fc2.bias" },
        });
        var adam = recorder.Load<AdamRecord>(optimizer, Device.Cpu);
        var cosine = new BurnpackBytesRecorder().Load<CosineAnnealingLrRecord>(scheduler, Device.Cpu);
        return (
            recorder.Unsealed().Record(adam),
            adam.Values.First().Time,
            new BurnpackBytesRecorder().Unsealed().Record(cosine),
            cosine.Current);
    }

    /// <summary>What went wrong, and where.</summary>
    public sealed record RecordError(string Message, long? Offset);
}
