using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Records.Bench.Compare;

/// <summary>What the machine itself does with as many bytes: no format, no checks.</summary>
internal static unsafe class Floor
{
    private const int Piece = 1 << 20;

    /// <summary>The job, on a small file where it is told so, and what reads the content of one that writes.</summary>
    public static Func<bool, double> Prepare(string job, string folder, Size size, out Func<double>? read)
    {
        read = null;
        long bytes = (long)(size.Mib * (1 << 20));
        string path = Path.Combine(folder, "floor");
        switch (job)
        {
            case "floor-write":
            case "floor-durable":
                nint content = Filled(bytes);
                read = () => Sum((byte*)content, bytes);
                return warm => Write((byte*)content, warm ? Piece : bytes, warm ? path + ".tiny" : path, durable: job == "floor-durable");
            case "floor-read-fresh":
            case "floor-read-warm":
                Write((byte*)Filled(bytes), bytes, path, durable: false);
                nint target = job == "floor-read-warm" ? Filled(bytes) : 0;
                return warm => Read(path, warm ? Piece : bytes, (byte*)target);
            case "floor-mapped":
                Write((byte*)Filled(bytes), bytes, path, durable: false);
                return warm => Mapped(path, warm ? Piece : bytes);
            default:
                throw new ArgumentException($"no job is called {job}");
        }
    }

    private static nint Filled(long bytes)
    {
        void* memory = NativeMemory.Alloc((nuint)bytes);
        NativeMemory.Fill(memory, (nuint)bytes, 1);
        return (nint)memory;
    }

    private static double Write(byte* content, long bytes, string path, bool durable)
    {
        string sibling = path + ".tmp";
        using (var handle = File.OpenHandle(sibling, FileMode.Create, FileAccess.Write))
        {
            for (long offset = 0; offset < bytes; offset += Piece)
                RandomAccess.Write(handle, new ReadOnlySpan<byte>(content + offset, (int)Math.Min(Piece, bytes - offset)), offset);
            if (durable)
                RandomAccess.FlushToDisk(handle);
        }

        File.Move(sibling, path, overwrite: true);
        return 0;
    }

    private static double Read(string path, long bytes, byte* warm)
    {
        byte* target = warm is null ? (byte*)NativeMemory.Alloc((nuint)bytes) : warm;
        using var handle = File.OpenHandle(path);
        for (long offset = 0; offset < bytes; offset += Piece)
            RandomAccess.Read(handle, new Span<byte>(target + offset, (int)Math.Min(Piece, bytes - offset)), offset);
        double sum = Sum(target, bytes);
        if (warm is null)
            NativeMemory.Free(target);
        return sum;
    }

    private static double Mapped(string path, long bytes)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        double sum = Sum(start, bytes);
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        return sum;
    }

    private static double Sum(byte* content, long bytes)
    {
        double sum = 0;
        for (long offset = 0; offset < bytes; offset += 1 << 24)
            sum += Summing.Sum(new ReadOnlySpan<byte>(content + offset, (int)Math.Min(1 << 24, bytes - offset)));
        return sum;
    }
}
