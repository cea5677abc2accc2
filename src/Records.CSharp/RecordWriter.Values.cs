using Microsoft.FSharp.Collections;

namespace Records;

// What a record holds itself: scalars, bare tensors, maps.
public sealed partial class RecordWriter
{
    /// <summary>Writes what the record is as a whole, when it has neither fields nor cases: <c>writer.Whole(Step, static (w, v) => w.Scalar(v))</c>.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="whole">What it is.</param>
    /// <param name="write">Writes that.</param>
    public void Whole<T>(T whole, Action<RecordWriter, T> write)
    {
        write(this, whole);
        isWhole = true;
    }

    /// <summary>A number, text or truth value; see <see cref="RecordReader.Scalar{T}"/> for their types.</summary>
    /// <typeparam name="T">Its type, which is the type in the file.</typeparam>
    /// <param name="scalar">The value; null is a fault.</param>
    /// <exception cref="ArgumentException">A record cannot hold such a scalar.</exception>
    public void Scalar<T>(T? scalar) where T : notnull
    {
        if (scalar is null)
            Missing(Scalars.TypeOf<T>().ToString());
        else
            value = Core.Record.NewScalar(Scalars.Of(scalar));
    }

    /// <summary>A tensor without an id.</summary>
    /// <param name="tensor">The tensor; null is a fault.</param>
    public void Tensor(Tensor? tensor)
    {
        if (tensor is null)
            Missing("a tensor");
        else
            value = Core.Record.NewTensor(tensor.Data);
    }

    /// <summary>Values by text, in this order.</summary>
    /// <typeparam name="T">What each value is.</typeparam>
    /// <param name="entries">The values; null is a fault.</param>
    /// <param name="write">Writes one of them.</param>
    public void Map<T>(IEnumerable<KeyValuePair<string, T>>? entries, Action<RecordWriter, T> write) =>
        Map(entries, static key => key, write);

    /// <summary>Values by parameter id, in this order.</summary>
    /// <typeparam name="T">What each value is.</typeparam>
    /// <param name="entries">The values; null is a fault.</param>
    /// <param name="write">Writes one of them.</param>
    public void Map<T>(IEnumerable<KeyValuePair<ParamId, T>>? entries, Action<RecordWriter, T> write) =>
        Map(entries, static key => key.ToString(), write);

    /// <summary>A tree as it is.</summary>
    internal void Tree(Core.Record tree) => value = tree;

    private void Map<TKey, T>(IEnumerable<KeyValuePair<TKey, T>>? entries, Func<TKey, string> name, Action<RecordWriter, T> write)
    {
        if (entries is null)
        {
            Missing("a map");
            return;
        }

        int first = fields.Count;
        foreach (var (key, held) in entries)
            Field(name(key), held, write);
        value = Core.Record.NewMap(Taken(fields, first));
    }
}
