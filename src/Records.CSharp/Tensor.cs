using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>
/// Numbers in rows and columns: immutable, row-major, in memory or in a file until someone asks. An element is a float,
/// double, Half, bfloat16, long, int, short, sbyte, ulong, uint, ushort, byte or bool, or a number of a quantised tensor.
/// </summary>
public sealed class Tensor
{
    // As many values as a line shows.
    private const int Previewed = 6;

    private IReadOnlyList<long>? shape;

    internal Tensor(Core.TensorData data) => Data = data;

    internal Core.TensorData Data { get; }

    /// <summary>The dimensions, outermost first; none for a scalar.</summary>
    public IReadOnlyList<long> Shape => shape ??= Data.Shape.ToFace();

    /// <summary>The number of dimensions.</summary>
    public int Rank => Shape.Count;

    /// <summary>The number of elements.</summary>
    public long Count => Core.ShapeModule.count(Data.Shape);

    /// <summary>The element type.</summary>
    public Dtype Dtype => Data.Dtype.ToFace();

    /// <summary>A tensor of one dimension with a copy of the values.</summary>
    /// <exception cref="ArgumentException">No tensor holds elements of this type.</exception>
    public static Tensor Of<T>(ReadOnlySpan<T> values) where T : unmanaged => Wrap(values.ToArray());

    /// <summary>A tensor of this shape with a copy of the values, given row by row; the shape [] makes a scalar.</summary>
    /// <exception cref="ArgumentException">The shape is not as many elements, or no tensor holds elements of this type.</exception>
    public static Tensor Of<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged =>
        Wrap(values.ToArray(), shape);

    /// <inheritdoc cref="Of{T}(ReadOnlySpan{T})"/>
    public static Tensor Of<T>(T[] values) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values.AsSpan());
    }

    /// <inheritdoc cref="Of{T}(ReadOnlySpan{T}, ReadOnlySpan{long})"/>
    public static Tensor Of<T>(T[] values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values.AsSpan(), shape);
    }

    /// <summary>A tensor of rows and columns with a copy of the values.</summary>
    /// <exception cref="ArgumentException">No tensor holds elements of this type.</exception>
    public static Tensor Of<T>(T[,] values) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        ref T first = ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(values));
        ReadOnlySpan<T> rows = MemoryMarshal.CreateReadOnlySpan(ref first, values.Length);
        return Of(rows, values.GetLength(0), values.GetLength(1));
    }

    /// <summary>A tensor of one dimension over the array itself, which must not be changed any more.</summary>
    /// <exception cref="ArgumentException">No tensor holds elements of this type.</exception>
    public static Tensor Wrap<T>(T[] values) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return Wrap(values, [values.LongLength]);
    }

    /// <summary>A tensor of this shape over the array itself, which must not be changed any more.</summary>
    /// <exception cref="ArgumentException">The shape is not as many elements, or no tensor holds elements of this type.</exception>
    public static Tensor Wrap<T>(T[] values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        Core.Dtype dtype = DtypeOf<T>().ToCore(nameof(values));
        Core.Shape dims = Shapes.Of(shape, nameof(shape));
        return Core.ShapeModule.count(dims) == values.LongLength
            ? new(new Core.TensorData(dtype, dims, Core.View.ofArray(values)))
            : throw new ArgumentException($"{values.Length} values do not make up a shape {Core.ShapeModule.text(dims)}.", nameof(shape));
    }

    /// <summary>The same elements in another shape; one dimension may be -1, which stands for what is left. Copies nothing.</summary>
    /// <exception cref="ArgumentException">The shape is not as many elements.</exception>
    public Tensor Reshape(params ReadOnlySpan<long> shape) =>
        new(Core.Reshape.into(ListModule.OfArray(shape.ToArray()), Data).OrArgument(nameof(shape)));

    /// <summary>The dimensions from the axis on made one: <c>images.Flatten(1)</c> is [batch, rest]. Copies nothing.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public Tensor Flatten(int axis = 0) => new(Core.Reshape.flatten(axis, Data).OrArgument(nameof(axis)));

    /// <summary>The index of the largest value of each row along the last axis, the first of equals; a NaN is below every number.</summary>
    /// <exception cref="InvalidOperationException">The rows are empty, or the elements are not numbers.</exception>
    /// <exception cref="RecordException">The file that they are in failed, or they are not what its seal says.</exception>
    /// <exception cref="ObjectDisposedException">That file was closed.</exception>
    public int[] ArgMax()
    {
        if (Shape is [.., 0] || Dtype is Dtype.Bool or Dtype.QFloat)
        {
            throw new InvalidOperationException($"{Core.TensorDataModule.text(Data)} has no largest values.");
        }

        return Core.ArgMax.lastAxis(Data).OrThrow();
    }

    /// <summary>A copy of the values as floats, whichever float type the elements have. A double beyond a float becomes infinity.</summary>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    /// <exception cref="RecordException">The file that they are in failed, or they are not what its seal says.</exception>
    /// <exception cref="ObjectDisposedException">That file was closed.</exception>
    public float[] ToArray() =>
        Dtype is Dtype.F32 or Dtype.Flex32
            ? Core.View.toArray<float>(Data.Bytes).OrThrow()
            : ToDense().Values;

    /// <summary>A copy of the values in the very type they have. F32 and Flex32 are float, BF16 has no type: it goes by <see cref="ToArray()"/>.</summary>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    /// <exception cref="RecordException">The file that they are in failed, or they are not what its seal says.</exception>
    /// <exception cref="ObjectDisposedException">That file was closed.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        Dtype asked = DtypeOf<T>();
        if (asked != Dtype && (asked, Dtype) is not (Dtype.F32, Dtype.Flex32))
        {
            throw new InvalidOperationException($"{Core.TensorDataModule.text(Data)} does not hold elements of type {typeof(T).Name}.");
        }

        return asked == Dtype.Bool
            ? (T[])(object)Core.Truth.ofTensor(Data).OrThrow()
            : Core.View.toArray<T>(Data.Bytes).OrThrow();
    }

    /// <summary>
    /// The elements' bytes, little-endian and row by row, without a copy where they are in memory: pieces, each valid until the next is
    /// asked for, and until its file is closed.
    /// </summary>
    /// <remarks>
    /// A span does not keep a mapped file where it is. A loop over the parts does, and so does a part or the tensor as long as it can be reached:
    /// code that reads a span after its last use of those calls <see cref="GC.KeepAlive"/> with one of them once it is done, or the
    /// process may be killed. A span that was taken before the file is closed can be read to its end under the same rule.
    /// </remarks>
    /// <exception cref="RecordException">The file that they are in failed, or they are not what its seal says.</exception>
    /// <exception cref="ObjectDisposedException">That file was closed; a part that was given before says so when it is asked for its span.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Parts() =>
        // What most tensors are, and there may be many.
        Data.Bytes is { Length: > 0, Source.Outlives: true } bytes && bytes.Length <= Array.MaxLength
            ? [Core.SliceModule.whole(bytes).OrThrow()]
            : Several();

    private IEnumerable<ReadOnlyMemory<byte>> Several()
    {
        using var parts = Core.SliceModule.parts(Data.Bytes).GetEnumerator();
        while (Next(parts))
            yield return parts.Current;
    }

    /// <summary>Dtype, shape and the first values, these if they are in memory that stays: <c>F32 [2, 3]: 1, 2, 3, 4, 5, 6</c>.</summary>
    public override string ToString()
    {
        string text = Core.TensorDataModule.text(Data);

        // Printing reads no file, and what is mapped may be closed.
        return Data.Bytes.Source.Outlives && Core.Preview.values(Previewed, Data) is { IsOk: true } values
            ? $"{text}: {values.ResultValue}"
            : text;
    }

    /// <summary>What kernels compute on.</summary>
    internal Core.Dense ToDense() =>
        Dtype is Dtype.F64 or Dtype.F32 or Dtype.Flex32 or Dtype.F16 or Dtype.BF16
            ? Core.DenseModule.ofTensor(Data).OrThrow()
            : throw new InvalidOperationException($"{Core.TensorDataModule.text(Data)} does not hold floats.");

    /// <summary>The tensor itself, if its elements are integers.</summary>
    internal Core.TensorData ToIntegers() =>
        Dtype is Dtype.I64 or Dtype.I32 or Dtype.I16 or Dtype.I8 or Dtype.U64 or Dtype.U32 or Dtype.U16 or Dtype.U8
            ? Data
            : throw new InvalidOperationException($"{Core.TensorDataModule.text(Data)} does not hold integers.");

    /// <summary>A kernel's result on the values.</summary>
    internal static Tensor Apply(Tensor input, Func<Core.Dense, Core.Dense> kernel)
    {
        ArgumentNullException.ThrowIfNull(input);
        return OfDense(kernel(input.ToDense()));
    }

    internal static Tensor OfDense(Core.Dense dense) => new(Core.DenseModule.toTensor(dense));

    private static bool Next(IEnumerator<ReadOnlyMemory<byte>> parts)
    {
        try
        {
            return parts.MoveNext();
        }
        catch (Core.RecordFault fault)
        {
            throw new RecordException(fault.Data0);
        }
    }

    private static Dtype DtypeOf<T>() where T : unmanaged =>
        Dtypes.Of<T>() ?? throw new ArgumentException($"No tensor holds elements of type {typeof(T).Name}.");
}
