using BenchmarkDotNet.Attributes;
using Microsoft.FSharp.Core;

namespace Records.Bench.Kernels;

/// <summary>Four MiB through gzip and back, on one thread and on two: weights, which are coded only, and the same few rows, which are searched.</summary>
public class GzipKernels
{
    private byte[] plain = null!;
    private byte[] compressed = null!;

    [Params("weights", "rows")]
    public string Content { get; set; } = "weights";

    [Params(1, 2)]
    public int Degree { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        const int size = 4 << 20;
        byte[] row = Weights.Bytes(20_000);
        plain = Content == "weights" ? Weights.Bytes(size) : [.. Enumerable.Range(0, size).Select(index => row[index % row.Length])];
        var target = new MemoryStream();
        foreach (var part in Forward())
            target.Write(part.Span);
        compressed = target.ToArray();
    }

    [Benchmark]
    public long Deflate() => Forward().Sum(part => (long)part.Length);

    [Benchmark]
    public long Inflate()
    {
        var input = Core.Forward.input(Core.Memory.source(compressed));
        var limits = Core.RecorderModule.defaultLimits;
        var how = new Core.Unpacking(Degree, limits, Core.Unpacking.Alone(limits).Memory);
        var inflated = Core.Gzip.transform.Backward.Invoke(how).Invoke(input).ResultValue;
        var forward = inflated.Start.Invoke(null!);
        long sum = 0;
        for (int count = forward.Peek(1).Length; count > 0; count = forward.Peek(1).Length)
        {
            sum += count;
            forward.Advance(count);
        }

        return sum;
    }

    private IEnumerable<ReadOnlyMemory<byte>> Forward() =>
        Core.Gzip.transform.Forward.Invoke(Degree).Invoke(new Core.Payload(FSharpOption<long>.None, [plain])).Parts;
}
