using System.Globalization;

namespace Records.Peak;

/// <summary>What this process holds, as Linux counts it.</summary>
internal static class Held
{
    /// <summary>Gives back what can be given back, forgets the peak so far and says what is held, in bytes.</summary>
    public static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS:");
    }

    /// <summary>The most that was held since, in bytes.</summary>
    public static long Peak() => Status("VmHWM:");

    private static long Status(string key)
    {
        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }
}
