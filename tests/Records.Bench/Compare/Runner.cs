using System.Diagnostics;
using System.Text.Json;

namespace Records.Bench.Compare;

/// <summary>Runs jobs and peers, turn by turn, each in a fresh process, and takes medians.</summary>
internal sealed class Runner(string scratch, int repetitions, Action<string> tell)
{
    /// <summary>The line of one comparison: its files are made first and removed after.</summary>
    public Row Run(Comparison comparison)
    {
        tell($"{comparison.Job}, {comparison.Size.Mib:N0} MiB");
        string folder = Directory.CreateDirectory(Path.Combine(scratch, "job")).FullName;
        try
        {
            MakeFiles(comparison, folder);
            var ours = new List<Measured>();
            var peer = new List<PeerRun>();
            for (int turn = 0; turn < repetitions; turn++)
            {
                ours.Add(Child(comparison.Words, comparison.Size, folder));
                // Our own jobs do the same before they are timed. The host of a virtual machine takes back soon what was given back.
                Memory.Touch(Memory.Needed(comparison.Size, comparison.Words[1]));
                if (comparison.Run(folder) is { } run)
                    peer.Add(run);
            }

            double seconds = Median(ours.Select(run => run.Seconds));
            double? peerSeconds = peer.Count == 0 ? null : Median(peer.Select(run => run.Seconds));
            return new(
                comparison.Job,
                Math.Round(comparison.Size.Mib, 1),
                seconds,
                comparison.Peer,
                peerSeconds,
                seconds / peerSeconds,
                comparison.Goal,
                Median(ours.Select(run => run.PeakMib)),
                MedianOfSome(peer.Select(run => run.PeakMib)),
                Median(ours.Select(run => run.FirstSeconds)),
                MedianOfSome(peer.Select(run => run.Cloning)),
                MedianOfSome(peer.Select(run => run.Converting)),
                SizeRatio(comparison, folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// A job at each of these sizes, which take turns, so many times as often as asked for. From one set of sizes to the next the machine has time
    /// to rest.
    /// </summary>
    public IReadOnlyList<Measured> InTurns(string job, string format, IReadOnlyList<Size> sizes, int times = 1)
    {
        var runs = sizes.Select(_ => new List<Measured>()).ToList();
        var folders = sizes.Select((_, index) => Path.Combine(scratch, $"job{index}")).ToList();
        int turns = times * repetitions;
        Thread.Sleep(TimeSpan.FromSeconds(10));
        try
        {
            foreach (var (size, folder) in sizes.Zip(folders))
                Child(["save", format], size, Directory.CreateDirectory(folder).FullName);
            for (int turn = 0; turn < turns; turn++)
            {
                tell($"{format} {job}, {string.Join(" and ", sizes.Select(size => $"{size.Mib:N0}"))} MiB, {turn + 1} of {turns}");
                for (int index = 0; index < sizes.Count; index++)
                    runs[index].Add(Child([job, format], sizes[index], folders[index]));
            }
        }
        finally
        {
            foreach (string folder in folders.Where(Directory.Exists))
                Directory.Delete(folder, recursive: true);
        }

        return
        [
            .. runs.Select(of => new Measured(
                Median(of.Select(run => run.Seconds)),
                Median(of.Select(run => run.FirstSeconds)),
                Median(of.Select(run => run.PeakMib)),
                0)),
        ];
    }

    /// <summary>One of our own jobs, where it is what another is held against.</summary>
    public PeerRun Ours(IReadOnlyList<string> words, Size size, string folder)
    {
        var run = Child(words, size, folder);
        return new(run.Seconds, run.PeakMib);
    }

    /// <summary>How large our file is, of the peer's, where both have saved the same.</summary>
    private static double? SizeRatio(Comparison comparison, string folder)
    {
        string? Saved(string stem) => Directory.GetFiles(folder, $"{stem}.*.{comparison.Words[1]}").SingleOrDefault();
        return comparison.Words[0] == "save" && Saved("ours") is { } ours && Saved("bench") is { } theirs
            ? (double)new FileInfo(ours).Length / new FileInfo(theirs).Length
            : null;
    }

    private void MakeFiles(Comparison comparison, string folder)
    {
        string format = comparison.Words[1];
        if (comparison.Words[0] == "save" || format == "none")
            return;
        string settings = comparison.Words.FirstOrDefault(word => word.StartsWith("settings=", StringComparison.Ordinal)) ?? "settings=full";
        Child(["save", format, settings], comparison.Size, folder);
        // Both programs read the peer's file; where there is no peer, ours stands in for it.
        string extension = $"{settings["settings=".Length..]}.{format}";
        string ours = Path.Combine(folder, $"ours.{extension}");
        string theirs = Path.Combine(folder, $"bench.{extension}");
        comparison.SaveWithPeer?.Invoke(folder);
        if (!File.Exists(theirs))
            File.Copy(ours, theirs);
    }

    private static Measured Child(IReadOnlyList<string> words, Size size, string folder)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            [
                .. Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(Runner).Assembly.Location] : Array.Empty<string>(),
                "child",
                words[0],
                words[1],
                folder,
                .. words.Skip(2),
                $"layers={size.Layers}",
                $"d={size.Model}",
                $"ff={size.Inner}",
            ])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Measured>(output)!
            : throw new InvalidOperationException($"the job {string.Join(' ', words)} failed");
    }

    private static double? MedianOfSome(IEnumerable<double?> figures)
    {
        double[] some = [.. figures.OfType<double>()];
        return some.Length == 0 ? null : Median(some);
    }

    private static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted[sorted.Length / 2];
    }
}
