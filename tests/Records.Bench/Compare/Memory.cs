using System.Runtime.InteropServices;

namespace Records.Bench.Compare;

/// <summary>What this process holds, as Linux counts it; zeros elsewhere.</summary>
internal static unsafe class Memory
{
    /// <summary>Forgets the peak so far and gives what is held now, in bytes.</summary>
    public static long ResetPeak()
    {
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS:");
    }

    /// <summary>The most that was held since, in bytes.</summary>
    public static long Peak() => Status("VmHWM:");

    /// <summary>Touches so many bytes and gives them back: a virtual machine's first touch of memory is many times slower than later ones.</summary>
    public static void Touch(long bytes)
    {
        const int Piece = 1 << 30;
        var pieces = new List<nint>();
        for (long rest = bytes; rest > 0; rest -= Piece)
        {
            nuint count = (nuint)Math.Min(rest, Piece);
            void* piece = NativeMemory.Alloc(count);
            NativeMemory.Fill(piece, count, 1);
            pieces.Add((nint)piece);
        }

        foreach (nint piece in pieces)
            NativeMemory.Free((void*)piece);
    }

    private static long Status(string key)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
                return long.Parse(line.AsSpan(key.Length).Trim().ToString().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * 1024;
        }

        return 0;
    }
}
