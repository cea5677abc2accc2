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
                Memory.Touch(Memory.Needed(comparison.Size));
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
                peer.All(run => run.PeakMib is null) ? null : Median(peer.Select(run => run.PeakMib ?? 0)),
                Median(ours.Select(run => run.FirstSeconds)),
                peer.All(run => run.Aside is null) ? null : Median(peer.Select(run => run.Aside ?? 0)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Medians of a job at each of the sizes, from the smallest on, all turns at one size before the next. The host of a virtual machine goes on for a
    /// while to take back what a larger run gave back, and that is not to happen beside a small one.
    /// </summary>
    public IReadOnlyList<Measured> Growing(string job, string format, IReadOnlyList<Size> sizes)
    {
        var medians = new Dictionary<Size, Measured>();
        Thread.Sleep(TimeSpan.FromSeconds(30));
        foreach (var size in sizes.OrderBy(size => size.Mib))
        {
            tell($"{format} {job}, {size.Mib:N0} MiB");
            string folder = Directory.CreateDirectory(Path.Combine(scratch, "job")).FullName;
            try
            {
                Child(["save", format], size, folder);
                var runs = Enumerable.Range(0, repetitions).Select(_ => Child([job, format], size, folder)).ToList();
                medians[size] = new(
                    Median(runs.Select(run => run.Seconds)),
                    Median(runs.Select(run => run.FirstSeconds)),
                    Median(runs.Select(run => run.PeakMib)),
                    0);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return [.. sizes.Select(size => medians[size])];
    }

    /// <summary>One of our own jobs, where it is what another is held against.</summary>
    public PeerRun Ours(IReadOnlyList<string> words, Size size, string folder)
    {
        var run = Child(words, size, folder);
        return new(run.Seconds, run.PeakMib, null);
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

    private static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted[sorted.Length / 2];
    }
}
