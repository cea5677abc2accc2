using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Records.Bench.Compare;

/// <summary>What this process holds, as Linux counts it; zeros elsewhere.</summary>
internal static unsafe class Memory
{
    // what nobody can see the compiler leaves out
    private static byte[]? s_last;

    /// <summary>Forgets the peak so far and gives what is held now, in bytes.</summary>
    public static long ResetPeak()
    {
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS:");
    }

    /// <summary>The most that was held since, in bytes.</summary>
    public static long Peak() => Status("VmHWM:");

    /// <summary>
    /// Gives what tensors lay in back to the system, so that the timed call gets memory that nothing has used, as for a model larger than any before.
    /// Small objects get what they had, as in any process that has done something.
    /// </summary>
    public static void Renew()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        int before = GC.CollectionCount(0);
        for (int turn = 0; turn < 1_000_000 && GC.CollectionCount(0) == before; turn++)
            s_last = new byte[1000];
    }

    /// <summary>As many bytes as a job on such a state needs, its file among them: in JSON a number takes a line.</summary>
    public static long Needed(Size size, string format) => Math.Max(1L << 30, (long)(size.Mib * (format == "json" ? 24 : 1.5) * (1 << 20)));

    /// <summary>
    /// Touches so many bytes and gives them back, until that takes no less time than the turn before: memory that the host of a virtual machine
    /// has taken back is ten times slower to touch.
    /// </summary>
    public static void Touch(long bytes)
    {
        var last = TimeSpan.MaxValue;
        for (int turn = 0; turn < 8; turn++)
        {
            var watch = Stopwatch.StartNew();
            TouchOnce(bytes);
            if (watch.Elapsed > 0.8 * last)
                return;
            last = watch.Elapsed;
        }
    }

    /// <summary>In large pages where there are such.</summary>
    private static void TouchOnce(long bytes)
    {
        const int Piece = 1 << 30;
        const int LargePage = 2 << 20;
        const int MadvHugePage = 14;
        var pieces = new List<nint>();
        for (long rest = bytes; rest > 0; rest -= Piece)
        {
            nuint count = (nuint)Math.Min(rest, Piece);
            void* piece = NativeMemory.AlignedAlloc(count, LargePage);
            if (OperatingSystem.IsLinux())
                _ = Advise((nint)piece, count, MadvHugePage);
            NativeMemory.Fill(piece, count, 1);
            pieces.Add((nint)piece);
        }

        foreach (nint piece in pieces)
            NativeMemory.AlignedFree((void*)piece);
    }

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Advise(nint address, nuint length, int advice);

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
