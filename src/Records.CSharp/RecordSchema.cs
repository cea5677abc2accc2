using System.Globalization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>What a record looks like in a file: what a format that does not describe itself needs. A function of the Burn version.</summary>
public sealed class RecordSchema
{
    internal static readonly Core.BurnVersion Newest = new(int.MaxValue, 0, 0);
    private readonly Func<Core.BurnVersion, Core.Schema> at;

    // The variants that enum fields had before they could be chosen.
    private readonly IReadOnlyDictionary<string, string> variants;

    private RecordSchema(Func<Core.BurnVersion, Core.Schema> at, IReadOnlyDictionary<string, string>? variants = null) =>
        (this.at, this.variants) = (at, variants ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty);

    /// <summary>Whatever the file shows.</summary>
    internal static RecordSchema Open { get; } = new(static _ => throw new InvalidOperationException("An open schema has no layout."));

    internal bool IsOpen => ReferenceEquals(this, Open);

    /// <summary>A parameter: a tensor with an id.</summary>
    public static RecordSchema Param { get; } = new(static _ => Core.Schema.Param);

    /// <summary>A tensor without an id.</summary>
    public static RecordSchema Tensor { get; } = new(static _ => Core.Schema.Tensor);

    /// <summary>A number, text or truth value; see <see cref="RecordReader.Scalar{T}"/> for their types.</summary>
    /// <typeparam name="T">Its type, which is the type in the file.</typeparam>
    /// <exception cref="ArgumentException">A record cannot hold such a scalar.</exception>
    public static RecordSchema Scalar<T>() where T : notnull
    {
        var schema = Core.Schema.NewScalar(Scalars.TypeOf<T>());
        return new(_ => schema);
    }

    /// <summary>Values by text or parameter id.</summary>
    /// <param name="item">What each of them is.</param>
    public static RecordSchema Map(RecordSchema item) => new(version => Core.Schema.NewMap(item.At(version)));

    /// <summary>The schema of another record. It is asked when needed, so records may name each other in any order.</summary>
    /// <typeparam name="TRecord">The other record.</typeparam>
    public static RecordSchema Of<TRecord>() where TRecord : IRecord<TRecord> => new(static version => TRecord.Schema.At(version));

    /// <summary>A value that may be absent.</summary>
    /// <param name="item">What it is when it is there.</param>
    public static RecordSchema Option(RecordSchema item) => new(version => Core.Schema.NewOption(item.At(version)));

    /// <summary>Any number of values.</summary>
    /// <param name="item">What each of them is.</param>
    public static RecordSchema List(RecordSchema item) => new(version => Core.Schema.NewList(item.At(version)));

    /// <summary>So many values: the number is part of the type.</summary>
    /// <param name="item">What each of them is.</param>
    /// <param name="length">How many there are.</param>
    public static RecordSchema Array(RecordSchema item, int length) => new(version => Core.Schema.NewArray(item.At(version), length));

    /// <summary>Values one after the other, each of its own kind.</summary>
    /// <param name="items">What each of them is.</param>
    public static RecordSchema Tuple(params RecordSchema[] items) =>
        new(version => Core.Schema.NewTuple(ListModule.OfSeq(items.Select(item => item.At(version)))));

    /// <summary>Named fields, in the order they are written.</summary>
    /// <param name="fields">The name and kind of each.</param>
    public static RecordSchema Struct(params (string Name, RecordSchema Schema)[] fields) =>
        new(version => Core.Schema.NewStruct(Named(fields, version)));

    /// <summary>One of several variants; the index in the file is the place among them.</summary>
    /// <param name="variants">The name of each, and what it holds.</param>
    public static RecordSchema Enum(params (string Name, RecordSchema Schema)[] variants) =>
        new(version => Core.Schema.NewEnum(Named(variants, version)));

    /// <summary>A value that is not saved.</summary>
    /// <param name="layout">What it is made of.</param>
    public static RecordSchema Constant(ConstantRecord layout) => new(_ => Core.Schema.NewConstant(layout.Layout));

    /// <summary>A layout that changed: the last one whose version is not above the version asked for, else the first.</summary>
    /// <param name="layouts">The Burn version each layout came with (<c>"0.20"</c>), oldest first, and the layout.</param>
    /// <exception cref="FormatException">A version is not numbers joined by dots.</exception>
    public static RecordSchema Versioned(params (string SinceBurnVersion, RecordSchema Schema)[] layouts)
    {
        var parsed = System.Array.ConvertAll(layouts, layout => (Since: Version(layout.SinceBurnVersion), layout.Schema));
        return new(version =>
        {
            var chosen = parsed[0].Schema;
            foreach (var (since, schema) in parsed)
            {
                if (since.CompareTo(version) <= 0)
                    chosen = schema;
            }

            return chosen.At(version);
        });
    }

    /// <summary>The schema that this JSON is: what <see cref="ToJson"/> writes, and what the tool's <c>schema</c> prints. The same for every Burn.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="RecordException">It is no schema.</exception>
    public static RecordSchema OfJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var schema = Core.SchemaJson.toSchema(Core.RecorderModule.defaultLimits, json).OrThrow();
        return new(_ => schema);
    }

    /// <summary>The schema as JSON, for the newest Burn: what <c>--schema</c> takes.</summary>
    public string ToJson() => Core.SchemaJson.ofSchema(At(Newest));

    /// <summary>The same as <see cref="ToJson"/>.</summary>
    public override string ToString() => ToJson();

    internal Core.Schema At(Core.BurnVersion version) => at(version);

    /// <summary>The same schema, whose enum fields stand for these variants without parameters where an older file has no such field.</summary>
    internal RecordSchema Once(params (string Field, string Variant)[] fields) => new(at, fields.ToDictionary(pair => pair.Field, pair => pair.Variant));

    /// <summary>What the newest Burn has in a field that the record lacks; null where that is not known.</summary>
    internal Core.Record? Absent(string field)
    {
        if (!variants.TryGetValue(field, out string? variant) || At(Newest) is not Core.Schema.Struct fields)
            return null;
        var known = fields.Fields.Single(pair => pair.Item1 == field).Item2 as Core.Schema.Enum
            ?? throw new InvalidOperationException($"The field '{field}' is no enum.");
        int index = ListModule.FindIndex(FuncConvert.FromFunc<Tuple<string, Core.Schema>, bool>(pair => pair.Item1 == variant), known.Variants);
        return Core.Record.NewEnum(index, variant, Core.Record.NewConstant(Core.Constant.Single));
    }

    private static FSharpList<Tuple<string, Core.Schema>> Named((string Name, RecordSchema Schema)[] members, Core.BurnVersion version) =>
        ListModule.OfSeq(members.Select(member => System.Tuple.Create(member.Name, member.Schema.At(version))));

    private static Core.BurnVersion Version(string text)
    {
        int[] numbers = System.Array.ConvertAll(text.Split('.'), part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture));
        return new(numbers[0], numbers.ElementAtOrDefault(1), numbers.ElementAtOrDefault(2));
    }
}
