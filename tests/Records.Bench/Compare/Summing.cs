using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Records.Bench.Compare;

/// <summary>
/// Adds up what was loaded. Compiled for speed from its first call on: a library's own sum would be compiled twice while a load is timed, and
/// take longer than some of the loads.
/// </summary>
internal static class Summing
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(ReadOnlySpan<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<float>>(bytes);
        var (a, b, c, d) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        int at = 0;
        for (; at + 4 <= vectors.Length; at += 4)
        {
            a += vectors[at];
            b += vectors[at + 1];
            c += vectors[at + 2];
            d += vectors[at + 3];
        }

        for (; at < vectors.Length; at++)
            a += vectors[at];
        double sum = Vector.Sum(a + b + c + d);
        foreach (float rest in MemoryMarshal.Cast<byte, float>(bytes[(vectors.Length * Vector<byte>.Count)..]))
            sum += rest;
        return sum;
    }
}
