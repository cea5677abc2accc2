using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Records.Bench.Compare;

/// <summary>The programs to compare with: Burn's recorders in Rust, and torch. A peer that is not here is left out of the table.</summary>
internal sealed partial class Peers
{
    private Peers(string? rust, string? python, string? torch) => (Rust, Python, Torch) = (rust, python, torch);

    private string? Rust { get; }

    private string? Python { get; }

    private string? Torch { get; }

    private readonly Dictionary<(string Format, string Settings), double> _idle = [];

    /// <summary>Builds the Rust peer, and looks for a Python that has torch.</summary>
    public static Peers Find(string? folder, string scratch, Action<string> tell)
    {
        string? rust = null;
        string? source = folder is null ? null : Path.Combine(folder, "burn-recorders", "build");
        if (source is not null && File.Exists(source))
        {
            tell("building the Rust peer");
            string target = Path.Combine(scratch, "rust");
            if (Try(source, [target]) is not null)
                rust = Path.Combine(target, "release", "rustref");
        }

        string? torch = folder is null ? null : Path.Combine(folder, "torch", "bench.py");
        string python = Environment.GetEnvironmentVariable("RECORDS_TORCH") is { Length: > 0 } said ? said : "/usr/bin/python3";
        bool hasTorch = torch is not null && File.Exists(torch) && Try(python, ["-c", "import torch"]) is not null;
        return new(rust, hasTorch ? python : null, hasTorch ? torch : null);
    }

    /// <summary>Time and peak of one run of the Rust peer; null when it is not here.</summary>
    public PeerRun? Burn(bool save, string format, string folder, Size size, string settings)
    {
        if (Rust is null)
            return null;
        List<string> words = save
            ? ["bench-save", format, size.Mib.ToString(CultureInfo.InvariantCulture), folder]
            : ["bench-load", format, folder];
        words.AddRange(["--settings", settings, "--reps", "1", "--sum"]);
        if (save)
        {
            words.AddRange(["--d", $"{size.Model}", "--ff", $"{size.Inner}", "--layers", $"{size.Layers}"]);
        }

        string output = Run(Rust, words);
        // The peer clones and converts in software where Burn has F16C: both are shown apart.
        if (save)
        {
            return new(
                Figure(output, Total()),
                Math.Max(0, Figure(output, Peak()) - Figure(output, Before())),
                settings == "full" ? null : Figure(output, Clone()),
                settings == "full" ? null : Figure(output, Convert()));
        }

        return new(
            Figure(output, Total()),
            Math.Max(0, Figure(output, Peak()) - IdlePeak(format, settings)),
            // the sum of all elements in it
            Converting: settings == "full" ? null : Figure(output, Total()) - Figure(output, Deserialize()));
    }

    /// <summary>What the Rust peer holds at most when it loads next to nothing: of a load it does not say what was there before.</summary>
    private double IdlePeak(string format, string settings)
    {
        if (_idle.TryGetValue((format, settings), out double known))
            return known;
        string folder = Directory.CreateTempSubdirectory("records-bench-idle").FullName;
        try
        {
            Run(Rust!, ["bench-save", format, "1", folder, "--settings", settings, "--reps", "1", "--d", "8", "--ff", "8", "--layers", "1"]);
            return _idle[(format, settings)] = Figure(Run(Rust!, ["bench-load", format, folder, "--settings", settings, "--reps", "1", "--sum"]), Peak());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Figure(string output, Regex figure) => figure.Match(output) is { Success: true } found
        ? double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"the peer does not say {figure}: {output}");

    /// <summary>Time of one save or load of torch; null when it is not here.</summary>
    public PeerRun? TorchRun(bool save, string folder, Size size, bool many)
    {
        if (Python is null)
            return null;
        List<string> words = [Torch!, folder, Math.Max(1, (int)Math.Round(size.Mib)).ToString(CultureInfo.InvariantCulture)];
        if (many)
            words.AddRange(["--tensors", $"{size.Tensors}", "--shape", $"{size.Model},{size.Model}"]);
        words.AddRange(["--once", save ? "save" : "load", "--sum"]);
        using var answer = JsonDocument.Parse(Run(Python, words));
        return new(answer.RootElement.GetProperty(save ? "save_s" : "load_s").GetDouble());
    }

    private static string Run(string program, IEnumerable<string> words) =>
        Try(program, words) ?? throw new InvalidOperationException($"{program} failed");

    private static string? Try(string program, IEnumerable<string> words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                Console.Error.WriteLine($"{program}: {errors.Result}");
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@" total=([\d.]+)s")]
    private static partial Regex Total();

    [GeneratedRegex(@"peakRSS=([\d.]+)MiB")]
    private static partial Regex Peak();

    [GeneratedRegex(@"rss_before=([\d.]+)MiB")]
    private static partial Regex Before();

    [GeneratedRegex(@"deserialize=([\d.]+)s")]
    private static partial Regex Deserialize();

    [GeneratedRegex(@"clone=([\d.]+)s")]
    private static partial Regex Clone();

    [GeneratedRegex(@"convert=([\d.]+)s")]
    private static partial Regex Convert();
}

/// <summary>One run of a peer. Cloning and converting are parts of its time that the original would not need, or not as much of.</summary>
internal sealed record PeerRun(double Seconds, double? PeakMib = null, double? Cloning = null, double? Converting = null);
