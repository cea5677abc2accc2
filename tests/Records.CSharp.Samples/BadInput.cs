using Records;

namespace Contract;

/// <summary>What a user sees when a file is not what it should be.</summary>
public static class BadInput
{
    private static readonly DefaultRecorder Recorder = new();

    /// <summary>A small model, and the same with one thing changed.</summary>
    public static Mlp Small(int inner = 3, bool bias = true) =>
        new(Linear.Init(2, inner, Device.Cpu), Linear.Init(inner, 1, Device.Cpu, bias), new Relu());

    /// <summary>What is wrong with loading the file into the module; null when nothing is.</summary>
    public static RecordProblem? Load(Mlp module, string path, FileRecorder recorder)
    {
        float[] before = module.Fc1.Weight.Value.ToArray();
        try
        {
            _ = module.LoadFile(path, recorder, Device.Cpu);
            return null;
        }
        catch (RecordException exception)
        {
            return before.SequenceEqual(module.Fc1.Weight.Value.ToArray())
                ? exception.Error
                : throw new InvalidOperationException("the module has changed");
        }
    }

    /// <summary>The same with the record that another module would record.</summary>
    public static RecordProblem? LoadRecord(Mlp module, MlpRecord record, LoadOptions? options = null)
    {
        try
        {
            _ = module.LoadRecord(record, options);
            return null;
        }
        catch (RecordException exception)
        {
            return exception.Error;
        }
    }

    /// <summary>A record without the first weight, one with a bias too many, one with both faults.</summary>
    public static (MlpRecord Missing, MlpRecord Nil, MlpRecord Both) Broken()
    {
        MlpRecord good = Small().IntoRecord();
        MlpRecord missing = good with { Fc1 = good.Fc1! with { Weight = null } };
        MlpRecord nil = good with { Fc2 = good.Fc2! with { Bias = null } };
        return (missing, nil, missing with { Fc2 = nil.Fc2 });
    }

    /// <summary>Bytes that are no record.</summary>
    public static RecordProblem? LoadBytes(byte[] bytes)
    {
        try
        {
            _ = new BinBytesRecorder<FullPrecisionSettings>().Load<MlpRecord>(bytes, Device.Cpu);
            return null;
        }
        catch (RecordException exception)
        {
            return exception.Error;
        }
    }

    /// <summary>Saves with the default recorder.</summary>
    public static void Save(Mlp module, string path) => module.SaveFile(path, Recorder);

    /// <summary>What a module of a gigabyte costs before anyone uses it: bytes allocated, and whether anything was drawn.</summary>
    public static (long Allocated, bool Drawn) Gigabyte()
    {
        _ = Linear.Init(2, 2, Device.Cpu);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Linear layer = Linear.Init(16384, 16384, Device.Cpu);
        return (GC.GetAllocatedBytesForCurrentThread() - before, layer.Weight.IsInitialised || layer.Bias!.IsInitialised);
    }
}
