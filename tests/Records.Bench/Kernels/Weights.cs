using System.Runtime.InteropServices;

namespace Records.Bench.Kernels;

/// <summary>Numbers as trained weights have them: small, and noise but for their exponents.</summary>
internal static class Weights
{
    public static float[] Singles(int count)
    {
        var random = new Random(20);
        var values = new float[count];
        for (int index = 0; index < count; index++)
            values[index] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 0.04);
        return values;
    }

    public static byte[] Bytes(int count) => MemoryMarshal.AsBytes(Singles(count / 4).AsSpan()).ToArray();
}
