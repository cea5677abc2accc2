using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Records.Bench.Compare;

/// <summary>
/// One job in a process of its own: warmed up on a small model, then timed once, in memory that nothing has used. Prints what it measured as
/// one line of JSON.
/// </summary>
internal static class Child
{
    // Small, and still read and written as large models are: in large pages, and in blocks that have an index.
    private static Size Small(string format) =>
        format.EndsWith(".gz", StringComparison.Ordinal) ? new(1, 256, 1024)
        : format == "json" ? new(1, 64, 256)
        : new(1, 512, 1024);

    /// <summary>Runs <c>JOB FORMAT FOLDER key=value…</c>; the keys are <c>settings</c>, <c>durability</c>, <c>layers</c>, <c>d</c>, <c>ff</c>.</summary>
    public static int Run(string[] words)
    {
        var options = words.Skip(3).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        int Number(string key, int otherwise) =>
            options.TryGetValue(key, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var size = new Size(Number("layers", 1), Number("d", 512), Number("ff", 2048));
        var run = Prepare(words[0], words[1], words[2], options, size);

        var first = Stopwatch.StartNew();
        run(true);
        first.Stop();
        // Calls are counted only when nothing new was compiled for a tenth of a second; after thirty of them .NET compiles a method again in the
        // background, with counters in it at first, and after thirty more without.
        for (int round = 0; round < 6; round++)
        {
            for (int turn = 0; turn < 40; turn++)
                run(true);
            Thread.Sleep(200);
        }

        Memory.Renew();
        Memory.Touch(Memory.Needed(size));
        // Touching has put everything else out of the processor's caches: the code comes back, the memory of the small model goes.
        run(true);
        Memory.Renew();
        long before = Memory.ResetPeak();
        var watch = Stopwatch.StartNew();
        double sum = run(false);
        watch.Stop();
        Console.WriteLine(JsonSerializer.Serialize(new Measured(
            watch.Elapsed.TotalSeconds,
            first.Elapsed.TotalSeconds,
            (Memory.Peak() - before) / 1048576.0,
            sum)));
        return 0;
    }

    private static Func<bool, double> Prepare(string job, string format, string folder, Dictionary<string, string> options, Size size)
    {
        if (job.StartsWith("floor-", StringComparison.Ordinal))
            return Floor.Prepare(job, folder, size);
        string settings = options.GetValueOrDefault("settings", "full");
        string big = Path.Combine(folder, $"{options.GetValueOrDefault("stem", "ours")}.{settings}");
        // a small file of the same kind: the peer writes no seals
        string stem = options.GetValueOrDefault("stem", "ours");
        string small = Path.Combine(folder, $"tiny-{stem}.{settings}");
        var tinySize = Small(format);
        var recorder = Recorders.Of(format, settings, options.GetValueOrDefault("durability", "renamed"));
        if (options.TryGetValue("cores", out string? cores))
            recorder = recorder.Parallelism(int.Parse(cores, CultureInfo.InvariantCulture));
        if (options.ContainsKey("unsealed") || stem != "ours")
            recorder = recorder.Unsealed();
        switch (job)
        {
            case "save":
                var model = new Filler().Make(size).IntoRecord();
                var tiny = new Filler().Make(tinySize).IntoRecord();
                return warm => Done(() => recorder.Record(warm ? tiny : model, warm ? small : big));
            case "load":
                SaveTiny(recorder, tinySize, small);
                return warm => Sum(settings == "full"
                    ? recorder.Load<EncoderRecord>(warm ? small : big, Device.Cpu)
                    : Filler.Empty(warm ? tinySize : size).LoadRecord(recorder.Load<EncoderRecord>(warm ? small : big, Device.Cpu)).IntoRecord());
            case "load-file":
                SaveTiny(recorder, tinySize, small);
                return warm => Sum(Filler.Empty(warm ? tinySize : size).LoadFile(warm ? small : big, recorder, Device.Cpu).IntoRecord());
            case "open-mapped":
                SaveTiny(recorder, tinySize, small);
                return warm =>
                {
                    using var opened = recorder.Open<EncoderRecord>(warm ? small : big, Device.Cpu, mapped: true);
                    return Sum(opened.Record);
                };
            case "open-one":
                SaveTiny(recorder, tinySize, small);
                return warm =>
                {
                    using var opened = recorder.Open<EncoderRecord>(warm ? small : big, Device.Cpu);
                    return Sum(opened.Record.Layers![^1]!.Norm2!.Gamma!);
                };
            case "apply":
                SaveTiny(recorder, tinySize, small);
                var record = recorder.Load<EncoderRecord>(big, Device.Cpu);
                var tinyRecord = recorder.Load<EncoderRecord>(small, Device.Cpu);
                var ready = Filler.Empty(size);
                var tinyReady = Filler.Empty(tinySize);
                return warm => Sum((warm ? tinyReady : ready).LoadRecord(warm ? tinyRecord : record).IntoRecord());
            case "init-apply":
                SaveTiny(recorder, tinySize, small);
                var state = recorder.Load<EncoderRecord>(big, Device.Cpu);
                var tinyState = recorder.Load<EncoderRecord>(small, Device.Cpu);
                return warm => Sum(Filler.Empty(warm ? tinySize : size).LoadRecord(warm ? tinyState : state).IntoRecord());
            default:
                throw new ArgumentException($"no job is called {job}");
        }
    }

    private static void SaveTiny(FileRecorder recorder, Size size, string path)
    {
        if (!File.Exists($"{path}.{recorder.Extension}"))
            recorder.Record(new Filler().Make(size).IntoRecord(), path);
    }

    private static double Done(Action work)
    {
        work();
        return 0;
    }

    private static double Sum(EncoderRecord record)
    {
        double sum = 0;
        void Dense(LinearRecord? dense)
        {
            sum += Sum(dense!.Weight!);
            sum += Sum(dense.Bias!);
        }

        void Norm(LayerNormRecord? norm)
        {
            sum += Sum(norm!.Gamma!);
            sum += Sum(norm.Beta!);
        }

        foreach (var layer in record.Layers!)
        {
            Dense(layer!.Mha!.Query);
            Dense(layer.Mha.Key);
            Dense(layer.Mha.Value);
            Dense(layer.Mha.Output);
            Dense(layer.Pwff!.LinearInner);
            Dense(layer.Pwff.LinearOuter);
            Norm(layer.Norm1);
            Norm(layer.Norm2);
        }

        return sum;
    }

    private static double Sum(Param param)
    {
        double sum = 0;
        foreach (var part in param.Value.Parts())
            sum += Summing.Sum(part.Span);
        return sum;
    }
}

/// <summary>What a child measured: the timed call, the very first call (on the tiny model), the peak above what was there before, a checksum.</summary>
internal sealed record Measured(double Seconds, double FirstSeconds, double PeakMib, double Sum);
