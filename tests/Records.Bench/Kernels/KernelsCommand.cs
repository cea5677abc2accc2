using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Records.Bench.Kernels;

/// <summary><c>kernels</c>: the inner loops and whole codecs in memory, by BenchmarkDotNet, without a disk and without a peer.</summary>
internal static class KernelsCommand
{
    public static int Run(string[] words)
    {
        // three warm runs and three measured ones, in this very process: figures to compare two commits by, not to publish
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "records-kernels"));
        string[] all = words.Contains("--filter") || words.Contains("--list") ? words : [.. words, "--filter", "*"];
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(KernelsCommand).Assembly).Run(all, config);
        return summaries.All(summary => !summary.HasCriticalValidationErrors) ? 0 : 1;
    }
}
