using System.Globalization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>Turns a config into what its file holds. Whatever cannot be written is told at the end, with its path and all others.</summary>
public sealed class ConfigWriter
{
    private readonly List<string> path = [];
    private readonly List<Core.RecordError> faults = [];

    // For people, nothing is a fault.
    private readonly bool lenient;

    private List<Core.Field> fields = [];
    private List<Core.Record> items = [];
    private Core.Record value = Nothing;

    // True once a case has been written: the config is that, and not a struct.
    private bool isCase;

    private ConfigWriter(bool lenient) => this.lenient = lenient;

    private static Core.Record Nothing => Core.Record.NewOption(FSharpOption<Core.Record>.None);

    /// <summary>The config as a tree.</summary>
    /// <exception cref="RecordException">Values that cannot be written; each is listed.</exception>
    internal static Core.Record Write<TConfig>(TConfig config) where TConfig : IConfig<TConfig>
    {
        ArgumentNullException.ThrowIfNull(config);
        var writer = new ConfigWriter(lenient: false);
        writer.Config(config);
        return writer.faults.Count == 0 ? writer.value : throw RecordException.Of(writer.faults);
    }

    /// <summary>The config as a tree, with a null for whatever cannot be written.</summary>
    internal static Core.Record Print<TConfig>(TConfig config) where TConfig : IConfig<TConfig>
    {
        var writer = new ConfigWriter(lenient: true);
        writer.Config(config);
        return writer.value;
    }

    /// <summary>A named field of the config, or of the case, that is being written.</summary>
    /// <typeparam name="T">What the field holds.</typeparam>
    /// <param name="name">Its name in the file.</param>
    /// <param name="value">What it holds.</param>
    /// <param name="write">Writes that.</param>
    public void Field<T>(string name, T value, Action<ConfigWriter, T> write)
    {
        Under(name, value, write);
        fields.Add(new(name, this.value));
    }

    /// <summary>A truth value.</summary>
    /// <param name="value">The value.</param>
    public void Bool(bool value) => Set(Core.Scalar.NewBool(value));

    /// <summary>A text.</summary>
    /// <param name="value">The text; null, or half of a surrogate pair in it, is a fault.</param>
    public void Text(string? value)
    {
        if (value is null)
            Missing("a text");
        else if (IsWhole(value))
            Set(Core.Scalar.NewText(value));
        else
            Fault(Core.RecordError.NewMismatch(Path, "a text of whole letters", "half of a surrogate pair"));
    }

    /// <summary>A letter, as a text of it.</summary>
    /// <param name="value">The letter.</param>
    public void Letter(char value) => Text(value.ToString());

    /// <summary>An integer.</summary>
    /// <param name="value">The integer.</param>
    public void Integer(long value) => Set(Core.Scalar.NewI64(value));

    /// <inheritdoc cref="Integer(long)"/>
    public void Integer(ulong value) => Set(Core.Scalar.NewU64(value));

    /// <summary>A float. NaN and infinity are faults: JSON has none.</summary>
    /// <param name="value">The float.</param>
    public void Float(double value)
    {
        if (double.IsFinite(value))
            Set(Core.Scalar.NewF64(value));
        else
            NotFinite(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc cref="Float(double)"/>
    public void Float(float value)
    {
        if (float.IsFinite(value))
            Set(Core.Scalar.NewF32(value));
        else
            NotFinite(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>One of several values by its name.</summary>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="value">The value; one without a name is a fault.</param>
    /// <param name="names">The name of each; the first of a value is the one that is written.</param>
    public void Name<T>(T value, params ReadOnlySpan<(string Name, T Value)> names) where T : struct, Enum
    {
        foreach (var (name, named) in names)
        {
            if (EqualityComparer<T>.Default.Equals(named, value))
            {
                Set(Core.Scalar.NewText(name));
                return;
            }
        }

        Fault(Core.RecordError.NewMismatch(Path, "a value of " + typeof(T).Name + " that has a name", value.ToString("D")));
    }

    /// <summary>Another config.</summary>
    /// <typeparam name="TConfig">Its type.</typeparam>
    /// <param name="config">The config; null is a fault.</param>
    public void Config<TConfig>(TConfig? config) where TConfig : IConfig<TConfig>
    {
        if (config is null)
        {
            Missing("a config");
            return;
        }

        // What could not be read again is not written.
        if (path.Count >= Core.RecorderModule.defaultLimits.Depth)
        {
            Fault(Core.RecordError.NewTooLarge(Path, "nesting", path.Count + 1, Core.RecorderModule.defaultLimits.Depth));
            return;
        }

        var outer = fields;
        (fields, isCase) = ([], false);
        config.Write(this);
        if (!isCase)
            value = Core.Record.NewStruct(ListModule.OfSeq(fields));
        (fields, isCase) = (outer, false);
    }

    /// <summary>The case that the config is: one without members.</summary>
    /// <param name="name">Its name in the file.</param>
    public void Case(string name)
    {
        value = Core.Record.NewEnum(0, name, Core.Record.NewScalar(Core.Scalar.Unit));
        isCase = true;
    }

    /// <summary>The case that the config is, with what it holds.</summary>
    /// <typeparam name="T">What the case holds.</typeparam>
    /// <param name="name">Its name in the file.</param>
    /// <param name="payload">What it holds.</param>
    /// <param name="write">Writes that.</param>
    public void Case<T>(string name, T payload, Action<ConfigWriter, T> write)
    {
        Under(name, payload, write);
        value = Core.Record.NewEnum(0, name, value);
        isCase = true;
    }

    /// <summary>Named fields, as a case has them.</summary>
    /// <typeparam name="T">What they are fields of.</typeparam>
    /// <param name="owner">What they are fields of.</param>
    /// <param name="write">Writes the fields.</param>
    public void Fields<T>(T owner, Action<ConfigWriter, T> write)
    {
        var outer = fields;
        fields = [];
        write(this, owner);
        value = Core.Record.NewStruct(ListModule.OfSeq(fields));
        fields = outer;
    }

    /// <summary>A value that may be absent.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="item">The value, or null.</param>
    /// <param name="write">Writes it when it is there.</param>
    public void Optional<T>(T? item, Action<ConfigWriter, T> write) where T : class
    {
        if (item is null)
            value = Nothing;
        else
            write(this, item);
    }

    /// <summary>A value that may be absent.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="item">The value, or null.</param>
    /// <param name="write">Writes it when it is there.</param>
    public void OptionalValue<T>(T? item, Action<ConfigWriter, T> write) where T : struct
    {
        if (item is null)
            value = Nothing;
        else
            write(this, item.Value);
    }

    /// <summary>A list.</summary>
    /// <typeparam name="T">What each item is.</typeparam>
    /// <param name="list">The items; null is a fault.</param>
    /// <param name="write">Writes one of them.</param>
    public void List<T>(IEnumerable<T>? list, Action<ConfigWriter, T> write)
    {
        if (list is null)
            Missing("a list");
        else
            Row(list, (writer, all) =>
            {
                foreach (var item in all)
                    writer.Item(item, write);
            });
    }

    /// <summary>So many items: the number is part of the type.</summary>
    /// <typeparam name="T">What each item is.</typeparam>
    /// <param name="list">The items; null, or another number of them, is a fault.</param>
    /// <param name="length">How many there must be.</param>
    /// <param name="write">Writes one of them.</param>
    public void Array<T>(IEnumerable<T>? list, int length, Action<ConfigWriter, T> write)
    {
        int before = faults.Count;
        List(list, write);
        if (faults.Count == before && value is Core.Record.List written && written.Items.Length != length)
            Fault(Core.RecordError.NewMismatch(Path, $"a list of {Index(length)}", $"a list of {Index(written.Items.Length)}"));
    }

    /// <summary>A tuple.</summary>
    /// <typeparam name="T">The tuple's type.</typeparam>
    /// <param name="tuple">The tuple.</param>
    /// <param name="write">Writes its items, in order.</param>
    public void Tuple<T>(T tuple, Action<ConfigWriter, T> write) => Row(tuple, write);

    /// <summary>The next item of the tuple, or list, that is being written.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="item">The item.</param>
    /// <param name="write">Writes it.</param>
    public void Item<T>(T item, Action<ConfigWriter, T> write)
    {
        Under(Index(items.Count), item, write);
        items.Add(value);
    }

    /// <summary>A dictionary, in the order of its keys, so that the same values are the same bytes.</summary>
    /// <typeparam name="TKey">What each key is: a text, an integer or an enum.</typeparam>
    /// <typeparam name="TValue">What each value is.</typeparam>
    /// <param name="map">The entries; null is a fault.</param>
    /// <param name="writeKey">Writes a key.</param>
    /// <param name="writeValue">Writes a value.</param>
    public void Map<TKey, TValue>(
        IEnumerable<KeyValuePair<TKey, TValue>>? map,
        Action<ConfigWriter, TKey> writeKey,
        Action<ConfigWriter, TValue> writeValue)
    {
        if (map is null)
        {
            Missing("a dictionary");
            return;
        }

        var order = typeof(TKey) == typeof(string) ? Comparer<TKey>.Create((left, right) => CompareLetters((string)(object)left!, (string)(object)right!)) : Comparer<TKey>.Default;
        var outer = fields;
        fields = [];
        foreach (var (key, held) in map.OrderBy(entry => entry.Key, order))
        {
            writeKey(this, key);
            string name = value is Core.Record.Scalar written ? Printed(written.Value) : "";
            Field(name, held, writeValue);
        }

        value = Core.Record.NewMap(ListModule.OfSeq(fields));
        fields = outer;
    }

    private FSharpList<string> Path => ListModule.OfSeq(path);

    private void Row<T>(T held, Action<ConfigWriter, T> write)
    {
        var outer = items;
        items = [];
        write(this, held);
        value = Core.Record.NewList(ListModule.OfSeq(items));
        items = outer;
    }

    private void Under<T>(string name, T held, Action<ConfigWriter, T> write)
    {
        path.Add(name);
        write(this, held);
        path.RemoveAt(path.Count - 1);
    }

    private void Set(Core.Scalar scalar) => value = Core.Record.NewScalar(scalar);

    private void Missing(string expected) => Fault(Core.RecordError.NewMissing(Path, expected));

    private void NotFinite(string actual) =>
        Fault(Core.RecordError.NewMismatch(Path, "a finite number, since JSON has no other", actual));

    private void Fault(Core.RecordError error)
    {
        value = Nothing;
        if (!lenient)
            faults.Add(error);
    }

    private static string Printed(Core.Scalar key) => key switch
    {
        Core.Scalar.Text text => text.Item,
        Core.Scalar.I64 number => number.Item.ToString(CultureInfo.InvariantCulture),
        Core.Scalar.U64 number => number.Item.ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    private static bool IsWhole(string text)
    {
        for (int index = 0; index < text.Length; index++)
        {
            if (index + 1 < text.Length && char.IsSurrogatePair(text, index))
                index++;
            else if (char.IsSurrogate(text[index]))
                return false;
        }

        return true;
    }

    // By code points, as Rust sorts its texts; UTF-16 puts surrogates before the last of the others.
    private static int CompareLetters(string left, string right)
    {
        int same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length.CompareTo(right.Length);
        (char first, char second) = (left[same], right[same]);
        return char.IsSurrogate(first) == char.IsSurrogate(second) ? first.CompareTo(second) : char.IsSurrogate(first) ? 1 : -1;
    }

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
