using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>
/// One load of a record into a module: where it is, what is allowed, what was wrong so far. Generated code walks module and record
/// together with it. Only what holds a tensor is judged.
/// </summary>
public sealed partial class LoadContext
{
    private readonly List<string> path = [];
    private readonly List<Core.RecordError> faults = [];
    private readonly SharedParams shared = new();

    // Memory for what is converted, to be filled when everything has been looked at.
    private readonly List<Core.Room> rooms = [];
    private readonly LoadOptions options;

    // Set when parameters are not loaded but replaced by what this gives.
    private readonly Func<LoadContext, Param, Param>? map;

    // Set while looking whether a part of the module holds a tensor: then parameters are only counted.
    private bool probing;
    private int probed;

    internal LoadContext(LoadOptions options, Func<LoadContext, Param, Param>? map = null) => (this.options, this.map) = (options, map);

    internal FSharpList<string> Path => ListModule.OfSeq(path);

    /// <summary>Ends the load.</summary>
    /// <exception cref="RecordException">Something was wrong; everything that was is listed.</exception>
    internal TModule Finish<TModule>(TModule loaded)
    {
        Fill();
        return faults.Count == 0 ? loaded : throw RecordException.Of(faults);
    }

    internal void Fault(Core.RecordError error) => faults.Add(error);

    /// <summary>A part of the module, by the name it has in the record.</summary>
    /// <typeparam name="T">What the part is.</typeparam>
    /// <typeparam name="TRecord">What the record has for it.</typeparam>
    /// <param name="name">The name.</param>
    /// <param name="module">The part as it is.</param>
    /// <param name="record">What to load into it.</param>
    /// <param name="apply">Loads it.</param>
    public T Field<T, TRecord>(string name, T module, TRecord record, Func<LoadContext, T, TRecord, T> apply)
    {
        path.Add(name);
        T loaded = apply(this, module, record);
        path.RemoveAt(path.Count - 1);
        return loaded;
    }

    /// <summary>The same for a part that older files lack: it stays as it is where the record has nothing.</summary>
    /// <inheritdoc cref="Field{T, TRecord}"/>
    public T FieldOrKept<T, TRecord>(string name, T module, TRecord record, Func<LoadContext, T, TRecord, T> apply) =>
        record is null ? module : Field(name, module, record, apply);

    /// <summary>A parameter: the record's, with its id, in the module's dtype.</summary>
    /// <param name="module">The parameter as it is.</param>
    /// <param name="record">The parameter to load.</param>
    public Param Param(Param module, Param? record)
    {
        if (probing)
            probed++;
        else if (map is not null)
            return map(this, module);
        else if (record is not null)
            return Load(module, record);
        else
            Missing(Path, module);
        return module;
    }

    /// <summary>Another module.</summary>
    /// <typeparam name="TModule">Its type.</typeparam>
    /// <typeparam name="TRecord">What it records.</typeparam>
    /// <param name="module">The module as it is.</param>
    /// <param name="record">What to load into it.</param>
    public TModule Module<TModule, TRecord>(IModule<TModule, TRecord> module, TRecord? record)
        where TModule : IModule<TModule, TRecord>
        where TRecord : class, IRecord<TRecord>
    {
        if (record is not null && !probing)
            return module.Apply(record, this);
        var place = Path;
        RecordWriter.Walk(module.ToRecord(), (inside, param) =>
        {
            if (probing)
                probed++;
            else
                Missing(ListModule.Append(place, inside), param);
        });
        return (TModule)module;
    }

    /// <summary>A part that may be absent.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <typeparam name="TRecord">What the record has for it.</typeparam>
    /// <param name="module">The part as it is, or null.</param>
    /// <param name="record">What to load into it, or null.</param>
    /// <param name="apply">Loads it when both are there.</param>
    /// <param name="write">Writes the record, to see what it holds.</param>
    public T? Optional<T, TRecord>(T? module, TRecord record, Func<LoadContext, T, TRecord, T> apply, Action<RecordWriter, TRecord> write)
        where T : class
    {
        if (module is null)
            Unused(record, write);
        else if (record is not null || probing)
            return apply(this, module, record);
        else if (HoldsTensor(module, record, apply))
            return KeepsNil(module) ? module : null;
        return module;
    }

    /// <inheritdoc cref="Optional{T, TRecord}"/>
    public T? OptionalValue<T, TRecord>(T? module, TRecord record, Func<LoadContext, T, TRecord, T> apply, Action<RecordWriter, TRecord> write)
        where T : struct
    {
        if (module is not { } value)
            Unused(record, write);
        else if (record is not null || probing)
            return apply(this, value, record);
        else if (HoldsTensor(value, record, apply))
            return KeepsNil(value) ? module : null;
        return module;
    }

    /// <summary>A list.</summary>
    /// <typeparam name="T">What each item is.</typeparam>
    /// <typeparam name="TRecord">What the record has for an item.</typeparam>
    /// <param name="modules">The items as they are.</param>
    /// <param name="records">What to load into them.</param>
    /// <param name="apply">Loads one.</param>
    /// <param name="write">Writes the record of one, to see what it holds.</param>
    public T[] List<T, TRecord>(
        IReadOnlyList<T> modules,
        IReadOnlyList<TRecord>? records,
        Func<LoadContext, T, TRecord, T> apply,
        Action<RecordWriter, TRecord> write)
    {
        var loaded = modules.ToArray();
        int common = loaded.Length;
        if (records is not null && !probing && records.Count != loaded.Length)
        {
            common = Math.Min(loaded.Length, records.Count);
            if (!options.AllowOtherLength && Surplus(modules, records, common, apply, write))
                Fault(Core.RecordError.NewMismatch(Path, $"a list of {Index(loaded.Length)}", $"a list of {Index(records.Count)}"));
        }

        for (int index = 0; index < common; index++)
            loaded[index] = Field(Index(index), loaded[index], records is null ? default! : records[index], apply);
        return loaded;
    }

    /// <summary>A list whose length is part of its type: it is never loaded in part.</summary>
    /// <inheritdoc cref="List{T, TRecord}"/>
    public T[] Array<T, TRecord>(
        IReadOnlyList<T> modules,
        IReadOnlyList<TRecord>? records,
        Func<LoadContext, T, TRecord, T> apply,
        Action<RecordWriter, TRecord> write)
    {
        if (records is null || probing || records.Count == modules.Count)
            return List(modules, records, apply, write);
        if (Surplus(modules, records, Math.Min(modules.Count, records.Count), apply, write))
            Fault(Core.RecordError.NewMismatch(Path, $"a list of {Index(modules.Count)}", $"a list of {Index(records.Count)}"));
        return [.. modules];
    }

    /// <summary>Tells that module and record are different cases of an enum.</summary>
    /// <typeparam name="TModule">The enum's type.</typeparam>
    /// <param name="module">The module as it is.</param>
    /// <param name="expected">The module's case.</param>
    /// <param name="actual">The record's case.</param>
    public TModule OtherCase<TModule>(TModule module, string expected, string actual)
    {
        Fault(Core.RecordError.NewMismatch(Path, expected, actual));
        return module;
    }
}
