using Records;

namespace Contract;

/// <summary>What the library promises, as a user would write it: only the public face is used here.</summary>
[Module]
public sealed partial record Mlp(Linear Fc1, Linear Fc2, Relu Activation)
{
    public static Mlp Init(Device device) =>
        new(Linear.Init(784, 128, device), Linear.Init(128, 10, device), new Relu());

    /// <summary>The verb of a module, for tests that are not C#.</summary>
    public static MlpRecord Record(Mlp model) => model.IntoRecord();

    public Tensor Forward(Tensor images) => Fc2.Forward(Activation.Forward(Fc1.Forward(images)));
}

public static class Promise
{
    /// <summary>Every way to save and load; what comes back must compute what the first model computes.</summary>
    public static async Task<float[][]> Everything(string folder, IProgress<RecordProgress> progress, CancellationToken cancellationToken)
    {
        Device device = Device.Cpu;
        string path = Path.Combine(folder, "model");
        var recorder = new NamedMpkFileRecorder<FullPrecisionSettings>();
        Mlp model = Mlp.Init(device);
        Tensor images = Tensor.Of(Enumerable.Range(0, 2 * 784).Select(pixel => pixel % 7 / 7f).ToArray(), 2, 784);
        var outputs = new List<float[]> { model.Forward(images).ToArray() };

        model.SaveFile(path, recorder);
        model = Mlp.Init(device).LoadFile(path, recorder, device);
        outputs.Add(model.Forward(images).ToArray());

        MlpRecord record = recorder.Load<MlpRecord>(path, device);
        Mlp fresh = Mlp.Init(device);
        model = fresh.LoadRecord(record);
        if (fresh.Fc1.Weight.IsInitialised || fresh.Fc2.Bias!.IsInitialised)
            throw new InvalidOperationException("an initialiser has run");
        outputs.Add(model.Forward(images).ToArray());

        byte[] bytes = new BinBytesRecorder<FullPrecisionSettings>().Record(model.IntoRecord());
        var embedded = new BinBytesRecorder<FullPrecisionSettings>().Load<MlpRecord>(bytes, device);
        outputs.Add(Mlp.Init(device).LoadRecord(embedded).Forward(images).ToArray());
        embedded = new BinBytesRecorder<FullPrecisionSettings>().Load<MlpRecord>(bytes.AsMemory(), device);
        outputs.Add(Mlp.Init(device).LoadRecord(embedded).Forward(images).ToArray());
        embedded = new BinBytesRecorder<FullPrecisionSettings>().Load<MlpRecord>(new MemoryStream(bytes), device);
        outputs.Add(Mlp.Init(device).LoadRecord(embedded).Forward(images).ToArray());

        await model.SaveFileAsync(path, recorder, progress, cancellationToken);
        model = await Mlp.Init(device).LoadFileAsync(path, recorder, device, progress, cancellationToken);
        model = await model.LoadFileAsync(path, recorder, device, LoadOptions.Strict, progress, cancellationToken);
        outputs.Add(model.Forward(images).ToArray());

        var fluent = Recorder.NamedMessagePack().DoublePrecision().Gzip();
        await fluent.RecordAsync(model.IntoRecord(), path, progress, cancellationToken);
        record = await fluent.LoadAsync<MlpRecord>(path, device, progress, cancellationToken);
        outputs.Add(Mlp.Init(device).LoadRecord(record).Forward(images).ToArray());

        foreach (bool mapped in (bool[])[false, true])
        {
            using var opened = recorder.Open<MlpRecord>(path, device, mapped);
            outputs.Add(Mlp.Init(device).LoadRecord(opened.Record).Forward(images).ToArray());
        }

        using var stream = new MemoryStream();
        recorder.Record(model.IntoRecord(), stream);
        record = new NamedMpkBytesRecorder<FullPrecisionSettings>().Load<MlpRecord>(stream.ToArray(), device);
        outputs.Add(Mlp.Init(device).LoadRecord(record).Forward(images).ToArray());
        return [.. outputs];
    }

    /// <summary>Every recorder by its name in Burn, and the file it leaves in the folder.</summary>
    public static (string Name, string File, RecordMetadata Metadata)[] Recorders(string folder)
    {
        Mlp model = new(Linear.Init(3, 2, Device.Cpu), Linear.Init(2, 1, Device.Cpu, bias: false), new Relu());
        Mlp other = new(Linear.Init(3, 2, Device.Cpu), Linear.Init(2, 1, Device.Cpu, bias: false), new Relu());
        FileRecorder[] recorders =
        [
            new NamedMpkFileRecorder<FullPrecisionSettings>(), new NamedMpkFileRecorder<HalfPrecisionSettings>(),
            new NamedMpkFileRecorder<DoublePrecisionSettings>(), new NamedMpkGzFileRecorder<FullPrecisionSettings>(),
            new BinFileRecorder<FullPrecisionSettings>(), new BinGzFileRecorder<FullPrecisionSettings>(),
            new PrettyJsonFileRecorder<FullPrecisionSettings>(), new JsonGzFileRecorder<FullPrecisionSettings>(),
            new DefaultFileRecorder<HalfPrecisionSettings>(), new DefaultRecorder(), new CompactRecorder(),
            new SensitiveCompactRecorder(), new NoStdTrainingRecorder(), new DebugRecorder(),
            Recorder.Bincode().HalfPrecision(), Recorder.PrettyJson().Gzip(), new DefaultRecorder().ForBurn("0.20"),
            new DefaultRecorder().BurnPaths(), new DefaultRecorder().Durability(Durability.Renamed),
            new DefaultRecorder().AllowOverflow(), new DefaultRecorder().WithLimits(new RecordLimits { Depth = 10 }),
        ];
        return [.. recorders.Select((recorder, index) =>
        {
            string path = Path.Combine(folder, $"{index}");
            model.SaveFile(path, recorder);
            _ = other.LoadFile(path, recorder, Device.Cpu);
            string file = Directory.GetFiles(folder, $"{index}.*").Single();
            return (recorder.GetType().Name.Split('`')[0], Path.GetFileName(file)[$"{index}".Length..], recorder.ReadMetadata(path));
        })];
    }
}
