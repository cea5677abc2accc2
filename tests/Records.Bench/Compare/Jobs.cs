namespace Records.Bench.Compare;

/// <summary>What is timed against what.</summary>
internal static class Jobs
{
    private const string BurnName = "Burn";

    /// <summary>The table at one size: saving, loading, opening, and the floors under them.</summary>
    public static IEnumerable<Comparison> At(Size size, Size json, Peers peers, Runner runner)
    {
        foreach (string format in (string[])["mpk", "bin"])
        {
            var save = Save(size, format, "full", peers, 1.0);
            yield return save;
            yield return save with { Job = $"{save.Job}, unsealed", Words = [.. save.Words, "unsealed=yes"] };
            yield return Durable(size, format, runner);
            yield return Load(size, format, "full", "load", peers, 0.6);
            yield return Both(Load(size, format, "full", "load", peers, 0.6));
            yield return Load(size, format, "full", "open-mapped", peers, 0.2);
            yield return Load(size, format, "full", "open-mapped", peers, 0.3, ours: true) with { Job = $"{format} open-mapped, full, sealed" };
            yield return Load(size, format, "full", "load", peers, 0.6, ours: true) with { Job = $"{format} load, full, sealed" };
            yield return Load(size, format, "full", "open-one", peers, 0.02);
        }

        yield return Save(size, "mpk", "half", peers, 0.5);
        yield return Load(size, "mpk", "half", "load", peers, 0.5);
        yield return Load(size, "mpk", "half", "load-file", peers, 0.5) with { Job = "mpk load, half, in one step" };
        foreach (string format in (string[])["mpk.gz", "bin.gz"])
        {
            yield return Both(Save(size, format, "full", peers, 0.4));
            yield return Both(Load(size, format, "full", "load", peers, 0.8) with { Job = $"{format} load, a file of Burn's" });
            yield return Both(Load(size, format, "full", "load", peers, 0.45, ours: true) with { Job = $"{format} load, a file of ours" });
        }

        yield return Save(json, "json", "full", peers, 0.35);
        yield return Load(json, "json", "full", "load", peers, 0.35);
        yield return Torch(size, "mpk", save: true, many: false, peers, 0.5);
        yield return Torch(size, "bpk", save: true, many: false, peers, 0.5);
        yield return Torch(size, "bpk", save: false, many: false, peers, 0.8);
        yield return Torch(size, "bpk", save: false, many: false, peers, 0.3, "open-mapped");
        yield return new(
            "Init().LoadRecord(record)",
            size,
            ["init-apply", "mpk"],
            "LoadRecord alone",
            folder => runner.Ours(["apply", "mpk"], size, folder),
            1.05);
        yield return new("mpk save, unsealed", size, ["save", "mpk", "unsealed=yes"], "floor-write", folder => runner.Ours(["floor-write", "none"], size, folder), null);
        foreach (var (job, floor) in new[] { ("mpk", "floor-read-fresh"), ("mpk", "floor-read-warm") })
            yield return new($"{job} load", size, ["load", job], floor, folder => runner.Ours([floor, "none"], size, folder), null);
        yield return new("mpk open mapped", size, ["open-mapped", "mpk"], "floor-mapped", folder => runner.Ours(["floor-mapped", "none"], size, folder), null);
    }

    /// <summary>Many small tensors: what a tensor costs, and not what a byte does.</summary>
    public static IEnumerable<Comparison> Small(Peers peers) =>
        from format in (string[])["mpk", "bin", "bpk"]
        select Torch(new(500, 16, 16), format, save: false, many: true, peers, 0.3);

    /// <summary>The same jobs as the state grows; the peer is the job itself at 256 MiB, per MiB.</summary>
    public static IEnumerable<(string Format, string Job)> Growing =>
        from format in (string[])["mpk", "bin", "bpk"]
        from job in (string[])["load", "open-mapped"]
        select (format, job);

    /// <summary>Opening and touching one small tensor, in files of as many tensors, larger and larger.</summary>
    public static IReadOnlyList<Size> Widening { get; } = [new(21, 128, 512), new(21, 512, 2048), new(21, 1024, 4096), new(21, 2048, 8192)];

    private static Comparison Save(Size size, string format, string settings, Peers peers, double goal) => new(
        $"{format} save, {settings}, not flushed",
        size,
        ["save", format, $"settings={settings}"],
        BurnName,
        folder => peers.Burn(save: true, format, folder, size, settings),
        goal);

    private static Comparison Durable(Size size, string format, Runner runner) => new(
        $"{format} save, full, durable",
        size,
        ["save", format, "durability=flushed"],
        "write + fsync + rename",
        folder => runner.Ours(["floor-durable", "none"], size, folder),
        1.1);

    private static Comparison Load(Size size, string format, string settings, string job, Peers peers, double goal, bool ours = false) => new(
        $"{format} {job}, {settings}",
        size,
        [job, format, $"settings={settings}", ours ? "stem=ours" : "stem=bench"],
        $"{BurnName} load",
        folder => peers.Burn(save: false, format, folder, size, settings),
        goal,
        folder => peers.Burn(save: true, format, folder, size, settings));

    private static Comparison Both(Comparison job) =>
        job with { Job = $"{job.Job}, both cores", Words = [.. job.Words, "cores=2"] };

    private static Comparison Torch(Size size, string format, bool save, bool many, Peers peers, double goal, string load = "load") => new(
        $"{format} {(save ? "save, not flushed" : load)}, {size.Tensors:N0} tensors",
        size,
        [save ? "save" : load, format],
        save ? "torch.save" : "torch.load",
        folder => peers.TorchRun(save, folder, size, many),
        goal,
        save ? null : folder => peers.TorchRun(save: true, folder, size, many));
}
