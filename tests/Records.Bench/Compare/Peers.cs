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
        double Figure(Regex figure) => figure.Match(output) is { Success: true } found
            ? double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;

        // The peer clones and converts in software where Burn has F16C: both are shown apart.
        return new(
            Figure(Total()),
            Math.Max(0, Figure(Peak()) - Figure(Before())),
            save && settings != "full" ? Figure(Clone()) + Figure(Convert()) : null);
    }

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
        return new(answer.RootElement.GetProperty(save ? "save_s" : "load_s").GetDouble(), null, null);
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

    [GeneratedRegex(@"clone=([\d.]+)s")]
    private static partial Regex Clone();

    [GeneratedRegex(@"convert=([\d.]+)s")]
    private static partial Regex Convert();
}

/// <summary>One run of a peer. Aside is the part of its time that the original would not need.</summary>
internal sealed record PeerRun(double Seconds, double? PeakMib, double? Aside);
