using System.Runtime.InteropServices;
using Microsoft.FSharp.Collections;

namespace Records.Samples;

/// <summary>Parameters for the samples: the one file here that looks behind the face.</summary>
public static class Weights
{
    private static int next;

    // Tests run side by side; each stays on its thread.
    [ThreadStatic]
    private static int drawn;

    /// <summary>How often an initialiser ran on this thread.</summary>
    public static int Drawn => drawn;

    /// <summary>A parameter that is drawn when it is first asked for.</summary>
    public static Param Lazy(params long[] shape) =>
        Param.Uninitialized(Device.Cpu, shape, () =>
        {
            drawn++;
            return Zeros(shape);
        });

    /// <summary>A float parameter with values.</summary>
    public static Param Of(float[] values, params long[] shape) =>
        Param.OfData(NewId(), Data(Core.Dtype.F32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

    /// <summary>An int parameter with values.</summary>
    public static Param Ints(int[] values, params long[] shape) =>
        Param.OfData(NewId(), Data(Core.Dtype.I32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

    /// <summary>A parameter of doubles whose file cannot be read any more.</summary>
    public static Param Broken(params long[] shape) =>
        Param.Uninitialized(Device.Cpu, shape, Dtype.F64, () =>
            throw new Core.RecordFault(Core.RecordError.NewUnsupported(FSharpList<string>.Empty, "the file is gone")));

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(params long[] shape) =>
        new(Data(Core.Dtype.F32, shape, new byte[4 * shape.Aggregate(1L, (product, dimension) => product * dimension)]));

    /// <summary>The floats of a tensor.</summary>
    public static float[] Floats(Tensor tensor) =>
        MemoryMarshal.Cast<byte, float>(tensor.Data.Bytes.Source.Read(tensor.Data.Bytes.Offset, (int)tensor.Data.Bytes.Length).Span).ToArray();

    /// <summary>The record as a file would give it back: written to a tree, and read from it with parameters of its own.</summary>
    public static TRecord Reread<TRecord>(TRecord record) where TRecord : IRecord<TRecord> =>
        RecordReader.Read<TRecord>(RecordWriter.Write(record));

    private static Core.ParamId NewId() => Core.ParamId.NewParamId($"p{Interlocked.Increment(ref next)}");

    private static Core.TensorData Data(Core.Dtype dtype, long[] shape, byte[] bytes) =>
        new(dtype, Core.ShapeModule.create(ListModule.OfSeq(shape)).ResultValue, Core.SliceModule.ofMemory(bytes));
}
