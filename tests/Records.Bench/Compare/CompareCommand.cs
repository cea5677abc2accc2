using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Records.Bench.Compare;

/// <summary><c>compare</c>: every job beside the program that people would use instead, in one run.</summary>
internal static class CompareCommand
{
    private const string Usage =
        "compare [--mib N] [--peers FOLDER] [--reps N] [--only TEXT|TEXT…] [--growth] [--scratch FOLDER] [--json]";

    public static int Run(string[] words)
    {
        string? Value(string key) => Array.IndexOf(words, key) is >= 0 and var at && at + 1 < words.Length ? words[at + 1] : null;
        bool Said(string key) => Array.IndexOf(words, key) >= 0;
        if (Said("--help"))
        {
            Console.WriteLine(Usage);
            return 0;
        }

        double mib = double.Parse(Value("--mib") ?? "256", CultureInfo.InvariantCulture);
        int repetitions = int.Parse(Value("--reps") ?? "9", CultureInfo.InvariantCulture);
        string scratch = Directory.CreateDirectory(
            Path.Combine(Value("--scratch") ?? Path.GetTempPath(), $"records-bench-{Environment.ProcessId}")).FullName;
        Action<string> tell = text => Console.Error.WriteLine(text);
        try
        {
            string load = Load();
            var peers = Peers.Find(Value("--peers"), scratch, tell);
            var runner = new Runner(scratch, repetitions, tell);
            var size = Size.OfMib(mib);
            var comparisons = Jobs.At(size, Size.OfMib(Math.Min(mib, 64)), peers, runner).Concat(Jobs.Small(peers));
            string[] only = (Value("--only") ?? "").Split('|');
            comparisons = comparisons.Where(comparison => only.Any(text => comparison.Job.Contains(text, StringComparison.Ordinal)));
            var rows = comparisons.Select(runner.Run).ToList();
            if (Said("--growth"))
                rows.AddRange([.. Growth(runner, only), .. Opening(runner, only)]);
            string machine = $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, load {load} before and {Load()} after";
            Console.WriteLine(Said("--json") ? JsonSerializer.Serialize(new Report(machine, rows)) : Table(machine, rows));
            return 0;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Each job per MiB, as the state grows, against itself at 256 MiB: both take turns, since the machine is not as fast all the time.</summary>
    private static IEnumerable<Row> Growth(Runner runner, string[] only)
    {
        foreach (var (format, job) in Jobs.Growing)
        {
            string name = $"{format} {job} as it grows";
            if (!only.Any(text => name.Contains(text, StringComparison.Ordinal)))
                continue;
            // A tensor in MessagePack ends at 4 GiB, and layers of 12 MiB are far from that.
            var standard = Size.OfMib(256);
            foreach (var size in ((int[])[12, 48, 1024, 4096]).Select(mib => Size.OfMib(mib)))
            {
                // what a short run differs by is more of it
                if (runner.InTurns(job, format, [size, standard], size.Mib < standard.Mib ? 3 : 1) is not [var run, var held])
                    throw new InvalidOperationException("One for each size.");
                double perMib = held.Seconds / standard.Mib;
                yield return new(
                    name,
                    Math.Round(size.Mib, 1),
                    run.Seconds,
                    "itself at 256 MiB, per MiB",
                    perMib * size.Mib,
                    run.Seconds / size.Mib / perMib,
                    1.15,
                    run.PeakMib,
                    null,
                    run.FirstSeconds);
            }
        }
    }

    /// <summary>Opening one tensor again, whatever the size, against a millisecond.</summary>
    private static IEnumerable<Row> Opening(Runner runner, string[] only)
    {
        foreach (string format in (string[])["mpk", "bin", "bpk"])
        {
            string name = $"{format} open-one again, {Jobs.Widening[0].Tensors} tensors";
            if (!only.Any(text => name.Contains(text, StringComparison.Ordinal)))
                continue;
            foreach (var (size, run) in Jobs.Widening.Zip(Jobs.Widening.Select(size => runner.InTurns("open-again", format, [size])[0])))
            {
                yield return new(
                    name,
                    Math.Round(size.Mib, 1),
                    run.Seconds,
                    "a millisecond",
                    0.001,
                    run.Seconds / 0.001,
                    1,
                    run.PeakMib,
                    null,
                    run.FirstSeconds);
            }
        }
    }

    private static string Table(string machine, IReadOnlyList<Row> rows)
    {
        static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
        var text = new StringBuilder($"{machine}\n\n| job | MiB | ours s | peer | peer s | ratio | goal | our peak MiB | peer's peak | first call s | size, of the peer's |\n");
        text.Append("|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (var row in rows)
        {
            string[] parts =
            [
                .. row.PeerCloning is { } cloning ? [$"{Number(cloning, "0.000")} cloning"] : Array.Empty<string>(),
                .. row.PeerConverting is { } converting ? [$"{Number(converting, "0.000")} converting"] : Array.Empty<string>(),
            ];
            string aside = parts.Length == 0 ? "" : $" ({string.Join(", ", parts)})";
            string met = row is { Goal: { } goal, Ratio: { } ratio } ? (ratio <= goal ? " ✓" : " ✗") : "";
            text.Append(CultureInfo.InvariantCulture, $"| {row.Job} | {Number(row.Mib, "0.#")} | {Number(row.OursSeconds, "0.0000")} | {row.Peer} | ");
            text.Append(CultureInfo.InvariantCulture, $"{Number(row.PeerSeconds, "0.0000")}{aside} | {Number(row.Ratio, "0.000")}{met} | {Number(row.Goal, "0.##")} | ");
            text.Append(CultureInfo.InvariantCulture, $"{Number(row.OursPeak, "0")} | {Number(row.PeerPeak, "0")} | {Number(row.FirstSeconds, "0.000")} | {Number(row.SizeRatio, "0.0000")} |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string Load() =>
        OperatingSystem.IsLinux() ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
