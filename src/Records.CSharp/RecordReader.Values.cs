using Microsoft.FSharp.Collections;

namespace Records;

// What a record holds itself: scalars, bare tensors, maps; and what it cannot be without.
public sealed partial class RecordReader
{
    /// <summary>Whether something was wrong anywhere so far: what is read then is not used, and need not be made.</summary>
    public bool Failed => faults.Count > 0;

    /// <summary>A value that must be there. That it is not is told to the reader, and the result then does not count.</summary>
    /// <typeparam name="T">What it becomes.</typeparam>
    /// <param name="expected">What it is called when it is missing: <c>a tensor</c>.</param>
    /// <param name="read">Reads it; gives null when there is none.</param>
    public T Required<T>(string expected, Func<RecordReader, T?> read) where T : class
    {
        var found = read(this);
        if (found is null && value is null)
            Fault(Core.RecordError.NewMissing(Path, expected));
        return found!;
    }

    /// <inheritdoc cref="Required{T}"/>
    public T RequiredValue<T>(string expected, Func<RecordReader, T?> read) where T : struct
    {
        var found = read(this);
        if (found is null && value is null)
            Fault(Core.RecordError.NewMissing(Path, expected));
        return found.GetValueOrDefault();
    }

    /// <summary>
    /// A number, text or truth value, which must be there: bool, string, every integer, float, double, Half, <see cref="BFloat16"/>, and
    /// <see cref="ValueTuple"/> for Rust's unit. A number that does not fit the type is told to the reader.
    /// </summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <exception cref="ArgumentException">A record cannot hold such a scalar.</exception>
    public T Scalar<T>() where T : notnull
    {
        var type = Scalars.TypeOf<T>();
        if (type.IsUnit && value is null)
            return (T)(object)default(ValueTuple);
        if (value is null)
            Fault(Core.RecordError.NewMissing(Path, type.ToString()));
        else if (value is not Core.Record.Scalar scalar)
            Wrong<object>(type.ToString());
        else if (Scalars.To<T>(scalar.Value, out bool outOfRange) is T found)
            return found;
        else if (outOfRange)
            Fault(Core.RecordError.NewOutOfRange(Path, 1, Scalars.ToObject(scalar.Value).ToString() ?? "", type.ToString()));
        else
            Wrong<object>(type.ToString());
        return default!;
    }

    /// <summary>A tensor without an id.</summary>
    public Tensor? Tensor() => value switch
    {
        null => null,
        Core.Record.Tensor found => new(found.Data),
        _ => Wrong<Tensor>("a tensor"),
    };

    /// <summary>Values by text, in the order of the file.</summary>
    /// <typeparam name="T">What each value becomes.</typeparam>
    /// <param name="read">Reads one value.</param>
    public OrderedDictionary<string, T>? Map<T>(Func<RecordReader, T> read) => Map<string, T>(static key => key, read);

    /// <summary>Values by parameter id, in the order of the file.</summary>
    /// <typeparam name="T">What each value becomes.</typeparam>
    /// <param name="read">Reads one value.</param>
    public OrderedDictionary<ParamId, T>? MapById<T>(Func<RecordReader, T> read) =>
        Map<ParamId, T>(static key => ParamId.OfCore(Core.ParamId.NewParamId(key)), read);

    /// <summary>This place as it is.</summary>
    internal Core.Record Tree() => raw ?? Core.Record.NewOption(null);

    private OrderedDictionary<TKey, T>? Map<TKey, T>(Func<string, TKey> key, Func<RecordReader, T> read) where TKey : notnull
    {
        // A file that describes itself cannot tell a map from a struct.
        FSharpList<Core.Field>? entries = value switch
        {
            Core.Record.Map map => map.Entries,
            Core.Record.Struct lookalike => lookalike.Fields,
            null => null,
            _ => Wrong<FSharpList<Core.Field>>("a map"),
        };
        if (entries is null)
            return null;
        var results = new OrderedDictionary<TKey, T>();
        foreach (var entry in entries)
        {
            var place = new RecordReader(this, entry.Name, entry.Value, faults, Core.Versions.items);
            if (!results.TryAdd(key(entry.Name), read(place)))
                place.Fault(Core.RecordError.NewUnexpected(place.Path, "there a second time"));
        }

        return results;
    }
}
