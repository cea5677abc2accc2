using BenchmarkDotNet.Attributes;

namespace Records.Bench.Kernels;

/// <summary>A million floats to halves and back.</summary>
public class CastKernels
{
    private readonly float[] singles = Weights.Singles(1 << 20);
    private readonly Half[] halves = new Half[1 << 20];
    private readonly float[] back = new float[1 << 20];

    [Benchmark]
    public void F32ToF16() => Core.Half.ofSingles(singles, halves);

    [Benchmark]
    public void F16ToF32() => Core.Half.toSingles(halves, back);
}
