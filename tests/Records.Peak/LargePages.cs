using System.Globalization;
using System.Runtime.InteropServices;

namespace Records.Peak;

/// <summary>Large pages, as Linux counts them for this process: nothing else shows whether advice about memory was any good.</summary>
internal static class LargePages
{
    private const string System = "/sys/kernel/mm/transparent_hugepage/";
    private const int Collapse = 25;

    /// <summary>How many bytes of this process lie in large pages.</summary>
    public static long Held()
    {
        string line = File.ReadLines("/proc/self/smaps_rollup").Single(line => line.StartsWith("AnonHugePages:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Whether the system makes large pages of so much fresh memory when it is asked for that and nothing else. Where memory is in too many
    /// pieces, or too little of it is left, it refuses, and nobody is to blame. What it made is given back, and is there for whoever comes next.</summary>
    public static bool Given(long bytes)
    {
        long size = long.Parse(File.ReadAllText(System + "hpage_pmd_size"), CultureInfo.InvariantCulture);
        long whole = bytes / size * size;

        // private memory to read and write that is no file's
        nint memory = Map(0, (nuint)(whole + size), 3, 0x22, -1, 0);
        if (memory == -1)
            return false;
        try
        {
            long first = (memory + size - 1) / size * size;

            // of each something must have been written
            for (long address = first; address < first + whole; address += size)
                Marshal.WriteByte((nint)address, 1);
            return Advise((nint)first, (nuint)whole, Collapse) == 0;
        }
        finally
        {
            _ = Unmap(memory, (nuint)(whole + size));
        }
    }

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Unmap(nint address, nuint length);

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Advise(nint address, nuint length, int advice);
}
