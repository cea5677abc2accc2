using System.Globalization;
using System.Numerics;
using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>
/// A place in a config as it was read. What does not fit reads as a default and is told at the end, with its path, its place in the file,
/// and everything else that is wrong.
/// </summary>
public sealed class ConfigReader
{
    private readonly ConfigReader? parent;
    private readonly string name;
    private readonly List<Core.RecordError> faults;

    // Null where the file has nothing at all: the content of a variant that stands there as a bare name.
    private readonly Core.ConfigNode? node;

    private ConfigReader(ConfigReader? parent, string name, Core.ConfigNode? node, List<Core.RecordError> faults) =>
        (this.parent, this.name, this.node, this.faults) = (parent, name, node, faults);

    /// <summary>The config that was read.</summary>
    /// <exception cref="RecordException">It is not one of these; every fault is listed.</exception>
    internal static TConfig Read<TConfig>(Core.ConfigNode root) where TConfig : IConfig<TConfig>
    {
        var reader = new ConfigReader(null, "", root, []);
        var config = TConfig.Read(reader);
        return reader.faults.Count == 0 ? config : throw RecordException.Of(reader.faults);
    }

    /// <summary>Whether anything was wrong so far; what is read then is not used.</summary>
    public bool Failed => faults.Count > 0;

    /// <summary>Whether the file has a null here.</summary>
    public bool IsNull => node?.Value is null or { IsNull: true };

    /// <summary>This place as one with named fields. Called first by each config that has some.</summary>
    public ConfigReader AsStruct() => node?.Value is Core.ConfigValue.Object ? this : Wrong("named fields");

    /// <summary>A field that must be there.</summary>
    /// <typeparam name="T">What the field becomes.</typeparam>
    /// <param name="name">The field's name in the file.</param>
    /// <param name="read">Reads it.</param>
    public T Field<T>(string name, Func<ConfigReader, T> read)
    {
        if (Find(name) is { } found)
            return read(new(this, name, found, faults));
        // A struct that is none was told already.
        if (node?.Value is Core.ConfigValue.Object)
            faults.Add(Core.RecordError.NewMissing(ListModule.Append(Path, Under(name)), "a value"));
        return default!;
    }

    /// <summary>A field that may be missing.</summary>
    /// <typeparam name="T">What the field becomes.</typeparam>
    /// <param name="name">The field's name in the file.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="value">What it is.</param>
    /// <returns>Whether it is there.</returns>
    public bool Has<T>(string name, Func<ConfigReader, T> read, out T value)
    {
        var found = Find(name);
        value = found is null ? default! : read(new(this, name, found, faults));
        return found is not null;
    }

    /// <summary>A truth value.</summary>
    public bool Bool()
    {
        if (node?.Value is Core.ConfigValue.Bool found)
            return found.Value;
        Wrong("true or false");
        return false;
    }

    /// <summary>A text.</summary>
    public string Text()
    {
        if (node?.Value is Core.ConfigValue.Text found)
            return found.Value;
        Wrong("a text");
        return "";
    }

    /// <summary>A letter, which is a text of one UTF-16 unit.</summary>
    public char Letter()
    {
        if (node?.Value is Core.ConfigValue.Text { Value.Length: 1 } found)
            return found.Value[0];
        Wrong("a text of one letter");
        return default;
    }

    /// <summary>An integer.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    public T Integer<T>() where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (node?.Value is not Core.ConfigValue.Number { Digits: var digits } || digits.AsSpan().ContainsAny('.', 'e', 'E'))
            Wrong("an integer");
        else
            return Parsed<T>(digits);
        return default;
    }

    /// <summary>An integer as the key of a dictionary, which JSON has as a text.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    public T KeyInteger<T>() where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        string key = Text();
        if (key.AsSpan(key.StartsWith('-') ? 1 : 0) is { Length: > 0 } digits && !digits.ContainsAnyExceptInRange('0', '9'))
            return Parsed<T>(key);
        Wrong("an integer");
        return default;
    }

    /// <summary>A float; an integer is one too.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    public T Float<T>() where T : struct, IBinaryFloatingPointIeee754<T>
    {
        if (node?.Value is not Core.ConfigValue.Number { Digits: var digits })
        {
            Wrong(IsNull && node is not null ? "a number; NaN and infinity are written as null by Burn, which cannot read them either" : "a number");
            return default;
        }

        var value = T.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!T.IsFinite(value))
            faults.Add(Core.RecordError.NewOutOfRange(Path, 1, digits, typeof(T) == typeof(float) ? "F32" : "F64"));
        return value;
    }

    /// <summary>One of several values by its name.</summary>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="names">The name of each.</param>
    public T Name<T>(params ReadOnlySpan<(string Name, T Value)> names) where T : struct, Enum
    {
        // serde takes {"Valid": null} for "Valid", too
        string? found = Case(out var payload);
        if (found is null)
            return default;
        payload.AsUnit();
        foreach (var (name, value) in names)
        {
            if (name == found)
                return value;
        }

        var known = new string[names.Length];
        for (int index = 0; index < known.Length; index++)
            known[index] = names[index].Name;
        Other(found, known);
        return default;
    }

    /// <summary>Another config.</summary>
    /// <typeparam name="TConfig">Its type.</typeparam>
    public TConfig Config<TConfig>() where TConfig : IConfig<TConfig> => TConfig.Read(this);

    /// <summary>A list.</summary>
    /// <typeparam name="T">What each item becomes.</typeparam>
    /// <param name="read">Reads one item.</param>
    public T[] List<T>(Func<ConfigReader, T> read)
    {
        if (node?.Value is not Core.ConfigValue.List list)
        {
            Wrong("a list");
            return [];
        }

        var results = new T[list.Items.Length];
        for (int index = 0; index < results.Length; index++)
            results[index] = read(new(this, Index(index), list.Items[index], faults));
        return results;
    }

    /// <summary>So many items.</summary>
    /// <typeparam name="T">What each item becomes.</typeparam>
    /// <param name="length">How many there must be.</param>
    /// <param name="read">Reads one item.</param>
    public T[] Array<T>(int length, Func<ConfigReader, T> read) => Tuple(length) is null ? [] : List(read);

    /// <summary>This place as a tuple, or null when it is none of so many items.</summary>
    /// <param name="length">How many items it must have.</param>
    public ConfigReader? Tuple(int length)
    {
        if (node?.Value is Core.ConfigValue.List list && list.Items.Length == length)
            return this;
        Wrong("a list of " + Index(length));
        return null;
    }

    /// <summary>One item of a tuple.</summary>
    /// <typeparam name="T">What the item becomes.</typeparam>
    /// <param name="index">Its place, from zero.</param>
    /// <param name="read">Reads it.</param>
    public T Item<T>(int index, Func<ConfigReader, T> read) =>
        read(new(this, Index(index), ((Core.ConfigValue.List)node!.Value).Items[index], faults));

    /// <summary>A dictionary.</summary>
    /// <typeparam name="TKey">What each key becomes.</typeparam>
    /// <typeparam name="TValue">What each value becomes.</typeparam>
    /// <param name="readKey">Reads a key.</param>
    /// <param name="readValue">Reads a value.</param>
    public Dictionary<TKey, TValue> Map<TKey, TValue>(Func<ConfigReader, TKey> readKey, Func<ConfigReader, TValue> readValue)
        where TKey : notnull
    {
        var map = new Dictionary<TKey, TValue>();
        if (node?.Value is not Core.ConfigValue.Object entries)
        {
            Wrong("named entries");
            return map;
        }

        foreach (var (key, value) in entries.Entries)
        {
            var reader = new ConfigReader(this, key, new(value.Offset, Core.ConfigValue.NewText(key)), faults);
            int before = faults.Count;
            var parsed = readKey(reader);
            var held = readValue(new(this, key, value, faults));
            if (faults.Count == before && !map.TryAdd(parsed, held))
                reader.Wrong("a key of its own", $"'{key}' for the second time");
        }

        return map;
    }

    /// <summary>The case of a choice, or null when there is none.</summary>
    /// <param name="payload">What the case holds.</param>
    public string? Case(out ConfigReader payload)
    {
        (string? found, Core.ConfigNode? held) = node?.Value switch
        {
            Core.ConfigValue.Text text => (text.Value, null),
            Core.ConfigValue.Object { Entries: [var (key, value)] } => (key, value),
            _ => (null, (Core.ConfigNode?)null),
        };
        payload = new(this, found ?? "", held, faults);
        if (found is null)
            Wrong("the name of a variant, alone or before what it holds");
        return found;
    }

    /// <summary>Tells when a case that holds nothing has something.</summary>
    public void AsUnit()
    {
        if (!IsNull)
            Wrong("nothing");
    }

    /// <summary>Tells that the file has a case which the type does not.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="found">The case in the file; null when that was told already.</param>
    /// <param name="known">The cases of the type.</param>
    public TConfig OtherCase<TConfig>(string? found, params string[] known)
    {
        if (found is not null)
            Other(found, known);
        return default!;
    }

    private FSharpList<string> Path
    {
        get
        {
            var path = FSharpList<string>.Empty;
            for (var reader = this; reader.parent is not null; reader = reader.parent)
                path = FSharpList<string>.Cons(reader.name, path);
            return path;
        }
    }

    private Core.ConfigNode? Find(string field)
    {
        if (node?.Value is Core.ConfigValue.Object entries)
        {
            foreach (var (key, value) in entries.Entries)
            {
                if (key == field)
                    return value;
            }
        }

        return null;
    }

    private T Parsed<T>(string digits) where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (T.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return value;
        string target = $"an integer from {T.MinValue.ToString(null, CultureInfo.InvariantCulture)} to {T.MaxValue.ToString(null, CultureInfo.InvariantCulture)}";
        faults.Add(Core.RecordError.NewOutOfRange(Path, 1, digits, target));
        return default;
    }

    private void Other(string found, string[] known) => Wrong(string.Join(" or ", known), $"'{found}'");

    private ConfigReader Wrong(string expected, string? actual = null)
    {
        long offset = 0;
        for (var reader = this; reader is not null && offset == 0; reader = reader.parent)
            offset = reader.node?.Offset ?? 0;
        faults.Add(Core.RecordError.NewMalformed("config", Path, offset, expected, actual ?? Kind(node?.Value)));
        return new(parent, name, null, faults);
    }

    private static string Kind(Core.ConfigValue? value) => value switch
    {
        null => "nothing",
        Core.ConfigValue.Bool found => found.Value ? "true" : "false",
        Core.ConfigValue.Number number => number.Digits,
        Core.ConfigValue.Text => "a text",
        Core.ConfigValue.List list => "a list of " + Index(list.Items.Length),
        Core.ConfigValue.Object => "named entries",
        _ => "null",
    };

    private static FSharpList<string> Under(string name) => ListModule.OfSeq([name]);

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
