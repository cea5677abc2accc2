using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text.Json;

namespace Records.Bench.Compare;

/// <summary>
/// One job in a process of its own: warmed up on a small model, then timed once, in memory that nothing has used. Prints what it measured as
/// one line of JSON.
/// </summary>
internal static class Child
{
    /// <summary>Reads what is to be saved, where that is what is timed.</summary>
    private static Func<double>? s_read;

    // what nobody can see the compiler leaves out
    private static double s_sum;

    /// <summary>
    /// What a job is warmed up on: a model that is small and still read and written as large ones are, in large pages and in blocks that have an
    /// index; and one of as many parts as what is timed has, up to forty layers, since some code is only for many.
    /// </summary>
    private static Size[] Small(string format, Size size) =>
    [
        format.EndsWith(".gz", StringComparison.Ordinal) ? new(1, 256, 1024)
            : format == "json" ? new(1, 64, 256)
            : new(1, 512, 1024),
        new(Math.Min(size.Layers, 40), 8, 8),
    ];

    /// <summary>Runs <c>JOB FORMAT FOLDER key=value…</c>; the keys are <c>settings</c>, <c>durability</c>, <c>layers</c>, <c>d</c>, <c>ff</c>.</summary>
    public static int Run(string[] words)
    {
        var options = words.Skip(3).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        int Number(string key, int otherwise) =>
            options.TryGetValue(key, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var size = new Size(Number("layers", 1), Number("d", 512), Number("ff", 2048));
        var small = Small(words[1], size);
        var run = Prepare(words[0], words[1], words[2], options, size, small);

        var first = Stopwatch.StartNew();
        run(small[0]);
        first.Stop();
        // Calls are counted only when nothing new was compiled for a tenth of a second; after thirty of them .NET compiles a method again in the
        // background, with counters in it at first, and after thirty more without.
        for (int round = 0; round < 6; round++)
        {
            foreach (var each in small)
            {
                for (int turn = 0; turn < 40; turn++)
                    run(each);
            }

            Thread.Sleep(200);
        }

        Memory.Renew();
        Memory.Touch(Memory.Needed(size, words[1]));
        // Touching has put everything else out of the processor's caches: the code comes back, the memory of the small models goes.
        foreach (var each in small)
            run(each);
        Memory.Renew();
        // Peers have just made and summed what they save: on some processors all of it is still in the cache then.
        s_sum = s_read?.Invoke() ?? 0;
        long before = Memory.ResetPeak();
        // of this thread: in the background .NET compiles whenever it likes
        long compiled = JitInfo.GetCompiledMethodCount(currentThread: true);
        var watch = Stopwatch.StartNew();
        double sum = run(size);
        watch.Stop();
        compiled = JitInfo.GetCompiledMethodCount(currentThread: true) - compiled;
        if (compiled > 0)
            Console.Error.WriteLine($"{compiled} methods were compiled while {words[0]} of {words[1]} was timed");
        double seconds = words[0] == "open-again" ? Again(run, size) : watch.Elapsed.TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new Measured(
            seconds,
            first.Elapsed.TotalSeconds,
            (Memory.Peak() - before) / 1048576.0,
            sum)));
        return 0;
    }

    /// <summary>The median of many in a row: what a program waits that has opened the file before.</summary>
    private static double Again(Func<Size, double> run, Size size)
    {
        double[] times = new double[300];
        foreach (ref double time in times.AsSpan())
        {
            var watch = Stopwatch.StartNew();
            run(size);
            time = watch.Elapsed.TotalSeconds;
        }

        return times.Order().ElementAt(times.Length / 2);
    }

    private static Func<Size, double> Prepare(
        string job,
        string format,
        string folder,
        Dictionary<string, string> options,
        Size size,
        Size[] small)
    {
        if (job.StartsWith("floor-", StringComparison.Ordinal))
        {
            var floor = Floor.Prepare(job, folder, size, out s_read);
            return of => floor(of != size);
        }

        string settings = options.GetValueOrDefault("settings", "full");
        // small files of the same kind: the peer writes no seals
        string stem = options.GetValueOrDefault("stem", "ours");
        string Path(Size of) =>
            System.IO.Path.Combine(folder, of == size ? $"{stem}.{settings}" : $"{stem}-{of.Layers}-{of.Model}.{settings}");
        var recorder = Recorders.Of(format, settings, options.GetValueOrDefault("durability", "renamed"));
        if (options.TryGetValue("cores", out string? cores))
            recorder = recorder.Parallelism(int.Parse(cores, CultureInfo.InvariantCulture));
        if (options.ContainsKey("unsealed") || stem != "ours")
            recorder = recorder.Unsealed();
        if (job != "save")
        {
            foreach (var each in small)
                SaveSmall(recorder, each, Path(each));
        }

        switch (job)
        {
            case "save":
                var models = small.Append(size).ToDictionary(each => each, each => new Filler().Make(each).IntoRecord());
                s_read = () => Sum(models[size]);
                return of => Done(() => recorder.Record(models[of], Path(of)));
            case "load":
                return of => Sum(settings == "full"
                    ? recorder.Load<EncoderRecord>(Path(of), Device.Cpu)
                    : Filler.Empty(of).LoadRecord(recorder.Load<EncoderRecord>(Path(of), Device.Cpu)).IntoRecord());
            case "load-file":
                return of => Sum(Filler.Empty(of).LoadFile(Path(of), recorder, Device.Cpu).IntoRecord());
            case "open-mapped":
                return of =>
                {
                    using var opened = recorder.Open<EncoderRecord>(Path(of), Device.Cpu, mapped: true);
                    return Sum(opened.Record);
                };
            case "open-one" or "open-again":
                return of =>
                {
                    using var opened = recorder.Open<EncoderRecord>(Path(of), Device.Cpu);
                    return Sum(opened.Record.Layers![^1]!.Norm2!.Gamma!);
                };
            case "apply":
                var records = Loaded(recorder, [.. small, size], Path);
                var ready = small.Append(size).ToDictionary(each => each, Filler.Empty);
                return of => Sum(ready[of].LoadRecord(records[of]).IntoRecord());
            case "init-apply":
                var states = Loaded(recorder, [.. small, size], Path);
                return of => Sum(Filler.Empty(of).LoadRecord(states[of]).IntoRecord());
            default:
                throw new ArgumentException($"no job is called {job}");
        }
    }

    private static Dictionary<Size, EncoderRecord> Loaded(FileRecorder recorder, Size[] sizes, Func<Size, string> path) =>
        sizes.ToDictionary(size => size, size => recorder.Load<EncoderRecord>(path(size), Device.Cpu));

    private static void SaveSmall(FileRecorder recorder, Size size, string path)
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
