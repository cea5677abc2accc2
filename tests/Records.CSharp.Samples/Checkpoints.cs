namespace Records.Samples.Checkpoints;

[Module]
public sealed partial record Tiny(Param Weight, Param? Bias)
{
    public static Tiny Of(float value, bool bias = true) =>
        new(Value(1, value), bias ? Value(2, value + 1) : null);

    public float First => Weight.Value.ToArray()[0];

    private static Param Value(ulong id, float value) => Param.Of(ParamId.Of(id), Tensor.Of([value, 2 * value], 2));
}

/// <summary>The reference's model.</summary>
[Module]
public sealed partial record ReferenceMlp(Linear Fc1, Linear Fc2, Dropout Dropout, Relu Activation);

/// <summary>What a learner does with its checkpoints.</summary>
public static class CheckpointSamples
{
    /// <summary>The newest checkpoint of one folder, loaded into types and saved into another.</summary>
    public static int Again(string from, string to, FileRecorder recorder)
    {
        var found = new FileCheckpointer(from, recorder).RestoreLatest<ReferenceMlpRecord, AdamRecord, NoamLrRecord>(Device.Cpu)!;
        new FileCheckpointer(to, recorder).Save(found.Epoch, found.Model, found.Optim, found.Scheduler);
        return found.Epoch;
    }

    public static FileRecorder Half => Recorder.NamedMessagePack().HalfPrecision();

    public static FileCheckpointer In(string folder, CheckpointPolicy? policy = null) =>
        new(folder, new DefaultRecorder(), policy);

    public static CheckpointPolicy[] Policies =>
    [
        CheckpointPolicy.Default,
        CheckpointPolicy.KeepAll,
        CheckpointPolicy.KeepLast(2),
        CheckpointPolicy.KeepBest(),
        CheckpointPolicy.KeepBest("Accuracy", MetricDirection.Highest),
        CheckpointPolicy.Composed(CheckpointPolicy.KeepLast(1), CheckpointPolicy.KeepBest()),
    ];

    /// <summary>Trains for as many epochs as there are losses, from wherever the folder is. Gives the epoch that it began after.</summary>
    public static int Train(string folder, params double[] losses)
    {
        Device device = Device.Cpu;
        var checkpointer = new FileCheckpointer(folder, new DefaultRecorder());
        var (model, optim, scheduler) = (Tiny.Of(0), Tiny.Of(0), Tiny.Of(0));
        int start = 0;
        if (checkpointer.RestoreLatest<TinyRecord, TinyRecord, TinyRecord>(device) is { } latest)
        {
            start = latest.Epoch;
            model = model.LoadRecord(latest.Model);
            optim = optim.LoadRecord(latest.Optim);
            scheduler = scheduler.LoadRecord(latest.Scheduler);
        }

        if (model.First != start || optim.First != start || scheduler.First != start)
            throw new InvalidOperationException($"epoch {start} restored {model.First}, {optim.First}, {scheduler.First}");
        for (int epoch = start + 1; epoch <= start + losses.Length; epoch++)
        {
            (model, optim, scheduler) = (Tiny.Of(epoch), Tiny.Of(epoch), Tiny.Of(epoch));
            checkpointer.Save(epoch, model, optim.IntoRecord(), scheduler.IntoRecord(), [("Loss", losses[epoch - start - 1])]);
        }

        return start;
    }

    /// <summary>Every way to save and restore; what comes back is what was saved.</summary>
    public static async Task<float[]> Everything(string folder, IProgress<RecordProgress> progress, CancellationToken cancellationToken)
    {
        Device device = Device.Cpu;
        var checkpointer = In(folder, CheckpointPolicy.KeepAll);
        var found = new List<float>();
        Tiny model = Tiny.Of(1);
        TinyRecord record = Tiny.Of(2).IntoRecord();

        checkpointer.Save(1, model);
        checkpointer.Save(2, record, [("Loss", 0.5)]);
        checkpointer.Save(3, model, record);
        checkpointer.Save(4, record, record, [("Loss", 0.5), ("Accuracy", 1)]);
        checkpointer.Save(5, model, record, record);
        checkpointer.Save(6, record, record, record);
        checkpointer.Save(7, new CheckpointSet().WithModel(model).WithScheduler(record));
        checkpointer.Save(8, new CheckpointSet().WithOptim(record));
        await checkpointer.SaveAsync(9, model, cancellationToken: cancellationToken);
        await checkpointer.SaveAsync(10, record, [("Loss", 0.5)], progress, cancellationToken);
        await checkpointer.SaveAsync(11, model, record, [("Loss", 0.5)], progress, cancellationToken);
        await checkpointer.SaveAsync(12, record, record, progress: progress);
        await checkpointer.SaveAsync(13, model, record, record, [("Loss", 0.5)], progress, cancellationToken);
        await checkpointer.SaveAsync(14, record, record, record);
        await checkpointer.SaveAsync(15, new CheckpointSet().WithModel(record), null, progress, cancellationToken);

        found.Add(First(checkpointer.Restore<TinyRecord>(1, device).Model));
        found.Add(First(checkpointer.Restore<TinyRecord, TinyRecord>(3, device).Optim));
        found.Add(First(checkpointer.Restore<TinyRecord, TinyRecord, TinyRecord>(5, device).Scheduler));
        found.Add(First((await checkpointer.RestoreAsync<TinyRecord>(9, device, progress, cancellationToken)).Model));
        found.Add(First((await checkpointer.RestoreAsync<TinyRecord, TinyRecord>(11, device)).Optim));
        found.Add(First((await checkpointer.RestoreAsync<TinyRecord, TinyRecord, TinyRecord>(13, device)).Model));
        found.Add(checkpointer.RestoreLatest<TinyRecord>(device)!.Epoch);
        found.Add(checkpointer.RestoreLatest<TinyRecord, TinyRecord>(device)!.Epoch);
        found.Add((await checkpointer.RestoreLatestAsync<TinyRecord>(device))!.Epoch);
        found.Add((await checkpointer.RestoreLatestAsync<TinyRecord, TinyRecord>(device, progress, cancellationToken))!.Epoch);
        found.Add((await checkpointer.RestoreLatestAsync<TinyRecord, TinyRecord, TinyRecord>(device))!.Epoch);
        checkpointer.Delete(15);
        await checkpointer.DeleteAsync(14, cancellationToken);
        found.Add(checkpointer.Epochs.Count);
        return [.. found];
    }

    public static float First(TinyRecord record) => record.Weight!.Value.ToArray()[0];

    /// <summary>What is wrong with a model without its weight, in a checkpoint.</summary>
    public static RecordProblem? SaveWithout(string folder) =>
        Configs.ConfigSamples.Fails(() => In(folder).Save(1, Tiny.Of(1), new TinyRecord(null, null)));

    /// <summary>Saves an optimizer that is too large for half precision.</summary>
    public static RecordProblem? SaveTooLarge(string folder, int epoch) =>
        Configs.ConfigSamples.Fails(() => new FileCheckpointer(folder, Half).Save(epoch, Tiny.Of(1), Tiny.Of(1e10f).IntoRecord()));

    /// <summary>Restores other records than were saved.</summary>
    public static RecordProblem? RestoreOther(string folder, int epoch) =>
        Configs.ConfigSamples.Fails(() => In(folder).Restore<TinyRecord, ActRecord>(epoch, Device.Cpu));
}
