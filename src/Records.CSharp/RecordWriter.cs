using System.Globalization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>Turns a typed record into a tree. A null where a value is needed is told at the end, with its path and all others.</summary>
public sealed partial class RecordWriter
{
    private readonly List<string> path = [];
    private readonly List<Core.RecordError> faults = [];

    // Set when nothing is written and only the parameters are looked at, which then need not be drawn.
    private readonly Action<FSharpList<string>, Param>? visit;

    // Those of all that is being written, outermost first: a list of each one's own would be an object, and there may be very many records.
    private readonly List<Core.Field> fields = [];
    private readonly List<Core.Record> items = [];
    private int firstItem;
    private Core.Record value = Core.Record.NewConstant(Core.Constant.Single);

    // Of the record that is being written: says what it has in a field that it lacks.
    private RecordSchema? schema;

    // True once a case or another whole has been written: the record is that, and not a struct.
    private bool isWhole;

    private RecordWriter(Action<FSharpList<string>, Param>? visit) => this.visit = visit;

    /// <summary>The record as a tree.</summary>
    /// <exception cref="RecordException">The record lacks values; each is listed.</exception>
    internal static Core.Record Write<TRecord>(TRecord record) where TRecord : IRecord<TRecord>
    {
        var writer = new RecordWriter(null);
        writer.Record(record);
        return writer.faults.Count == 0 ? writer.value : throw RecordException.Of(writer.faults);
    }

    /// <summary>Looks at each parameter of a record, in the order of the file. None is drawn by that.</summary>
    internal static void Walk<TRecord>(TRecord record, Action<FSharpList<string>, Param> visit) where TRecord : IRecord<TRecord> =>
        new RecordWriter(visit).Record(record);

    /// <summary>Looks at each parameter of any value that a writer can write.</summary>
    internal static void Walk<T>(T value, Action<RecordWriter, T> write, Action<FSharpList<string>, Param> visit) =>
        write(new RecordWriter(visit), value);

    /// <summary>A named field of the record that is being written.</summary>
    /// <typeparam name="T">What the field holds.</typeparam>
    /// <param name="name">Its name in the file.</param>
    /// <param name="value">What it holds.</param>
    /// <param name="write">Writes that.</param>
    public void Field<T>(string name, T value, Action<RecordWriter, T> write)
    {
        Under(name, value, write);
        fields.Add(new(name, this.value));
    }

    /// <summary>A parameter.</summary>
    /// <param name="param">The parameter; null is a fault.</param>
    public void Param(Param? param)
    {
        if (param is null)
            Missing("a parameter");
        else if (visit is not null)
            visit(Path, param);
        else
            value = Core.Record.NewParam(param.CoreId, param.Data);
    }

    /// <summary>Another record.</summary>
    /// <typeparam name="TRecord">Its type.</typeparam>
    /// <param name="record">The record; null is a fault.</param>
    public void Record<TRecord>(TRecord? record) where TRecord : IRecord<TRecord>
    {
        if (record is null)
        {
            if (path.Count > 0 && schema?.Absent(path[^1]) is { } known)
                value = known;
            else
                Missing("a record");
            return;
        }

        var (first, outer) = (fields.Count, schema);
        (schema, isWhole) = (TRecord.Schema, false);
        record.Write(this);
        var own = Taken(fields, first);
        if (!isWhole)
            value = Core.Record.NewStruct(own);
        (schema, isWhole) = (outer, false);
    }

    /// <summary>The case of an enum: the record that is being written is that.</summary>
    /// <typeparam name="T">What the case holds.</typeparam>
    /// <param name="index">Its place among the cases, from zero.</param>
    /// <param name="name">Its name in the file.</param>
    /// <param name="payload">What it holds.</param>
    /// <param name="write">Writes that.</param>
    public void Case<T>(int index, string name, T payload, Action<RecordWriter, T> write)
    {
        Under(name, payload, write);
        value = Core.Record.NewEnum(index, name, value);
        isWhole = true;
    }

    /// <summary>A value that may be absent.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="item">The value, or null.</param>
    /// <param name="write">Writes it when it is there.</param>
    public void Option<T>(T item, Action<RecordWriter, T> write)
    {
        if (item is null)
        {
            value = Core.Record.NewOption(FSharpOption<Core.Record>.None);
            return;
        }

        write(this, item);
        value = Core.Record.NewOption(FSharpOption<Core.Record>.Some(value));
    }

    /// <summary>A list.</summary>
    /// <typeparam name="T">What each item is.</typeparam>
    /// <param name="items">The items; null is a fault.</param>
    /// <param name="write">Writes one of them.</param>
    public void List<T>(IReadOnlyList<T>? items, Action<RecordWriter, T> write)
    {
        if (items is null)
            Missing("a list");
        else
            value = Core.Record.NewList(Each(items, write));
    }

    /// <summary>So many items: the number is part of the type.</summary>
    /// <typeparam name="T">What each item is.</typeparam>
    /// <param name="items">The items; null, or another number of them, is a fault.</param>
    /// <param name="length">How many there must be.</param>
    /// <param name="write">Writes one of them.</param>
    public void Array<T>(IReadOnlyList<T>? items, int length, Action<RecordWriter, T> write)
    {
        if (items is null)
            Missing("an array");
        else if (items.Count != length && visit is null)
            Fault(Core.RecordError.NewMismatch(Path, $"a list of {Index(length)}", $"a list of {Index(items.Count)}"));
        else
            value = Core.Record.NewArray(Each(items, write));
    }

    /// <summary>A tuple.</summary>
    /// <typeparam name="T">The tuple's type.</typeparam>
    /// <param name="tuple">The tuple; null is a fault.</param>
    /// <param name="write">Writes its items, in order.</param>
    public void Tuple<T>(T? tuple, Action<RecordWriter, T> write) where T : struct
    {
        if (tuple is null)
        {
            Missing("a tuple");
            return;
        }

        var (first, outer) = (items.Count, firstItem);
        firstItem = first;
        write(this, tuple.Value);
        value = Core.Record.NewTuple(Taken(items, first));
        firstItem = outer;
    }

    /// <summary>The next item of the tuple that is being written.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="item">The item.</param>
    /// <param name="write">Writes it.</param>
    public void Item<T>(T item, Action<RecordWriter, T> write)
    {
        Under(Index(items.Count - firstItem), item, write);
        items.Add(value);
    }

    /// <summary>A constant.</summary>
    /// <param name="constant">What it is made of.</param>
    public void Constant(ConstantRecord? constant) => value = Core.Record.NewConstant((constant ?? ConstantRecord.Single).Layout);

    internal FSharpList<string> Path => ListModule.OfSeq(path);

    private FSharpList<Core.Record> Each<T>(IReadOnlyList<T> list, Action<RecordWriter, T> write)
    {
        var (first, outer) = (items.Count, firstItem);
        firstItem = first;
        foreach (var item in list)
            Item(item, write);
        var written = Taken(items, first);
        firstItem = outer;
        return written;
    }

    // What was put there from this place on, which is not there any more.
    private static FSharpList<T> Taken<T>(List<T> stack, int first)
    {
        var taken = FSharpList<T>.Empty;
        for (int place = stack.Count - 1; place >= first; place--)
            taken = FSharpList<T>.Cons(stack[place], taken);
        stack.RemoveRange(first, stack.Count - first);
        return taken;
    }

    private void Under<T>(string name, T held, Action<RecordWriter, T> write)
    {
        path.Add(name);
        write(this, held);
        path.RemoveAt(path.Count - 1);
    }

    private void Missing(string expected) => Fault(Core.RecordError.NewMissing(Path, expected));

    internal void Fault(Core.RecordError error) => faults.Add(error);

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
