using System.Globalization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>What a record looks like in a file: what a format that does not describe itself needs. A function of the Burn version.</summary>
public sealed class RecordSchema
{
    internal static readonly Core.BurnVersion Newest = new(int.MaxValue, 0, 0);
    private readonly Func<SchemaPlace, Core.Schema> at;

    private readonly string[] former = [];

    // The variants that enum fields had before they could be chosen.
    private readonly IReadOnlyDictionary<string, string> variants;

    private RecordSchema(Func<SchemaPlace, Core.Schema> at, IReadOnlyDictionary<string, string>? variants = null) =>
        (this.at, this.variants) = (at, variants ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty);

    private RecordSchema(RecordSchema item, string[] former) : this(item.at, item.variants) => this.former = former;

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
    public static RecordSchema Map(RecordSchema item) => new(place => Core.Schema.NewMap(item.In(place.Under(Core.Versions.items))));

    /// <summary>The schema of another record. It is asked when needed, so records may name each other in any order.</summary>
    /// <typeparam name="TRecord">The other record.</typeparam>
    public static RecordSchema Of<TRecord>() where TRecord : IRecord<TRecord> => new(static place => Of<TRecord>(place));

    /// <summary>A value that may be absent.</summary>
    /// <param name="item">What it is when it is there.</param>
    public static RecordSchema Option(RecordSchema item) => new(place => Core.Schema.NewOption(item.In(place)));

    /// <summary>Any number of values.</summary>
    /// <param name="item">What each of them is.</param>
    public static RecordSchema List(RecordSchema item) => new(place => Core.Schema.NewList(item.In(place.Under(Core.Versions.items))));

    /// <summary>So many values: the number is part of the type.</summary>
    /// <param name="item">What each of them is.</param>
    /// <param name="length">How many there are.</param>
    public static RecordSchema Array(RecordSchema item, int length) => new(place => Core.Schema.NewArray(item.In(place.Under(Core.Versions.items)), length));

    /// <summary>Values one after the other, each of its own kind.</summary>
    /// <param name="items">What each of them is.</param>
    public static RecordSchema Tuple(params RecordSchema[] items) =>
        new(place => Core.Schema.NewTuple(ListModule.OfSeq(items.Select((item, index) => item.In(place.Under(index.ToString(CultureInfo.InvariantCulture)))))));

    /// <summary>Named fields, in the order they are written.</summary>
    /// <param name="fields">The name and kind of each.</param>
    public static RecordSchema Struct(params (string Name, RecordSchema Schema)[] fields) =>
        new(place => Core.Schema.NewStruct(Named(fields, place)));

    /// <summary>One of several variants; the index in the file is the place among them.</summary>
    /// <param name="variants">The name of each, and what it holds.</param>
    public static RecordSchema Enum(params (string Name, RecordSchema Schema)[] variants) =>
        new(place => Core.Schema.NewEnum(Named(variants, place)));

    /// <summary>A value that is not saved.</summary>
    /// <param name="layout">What it is made of.</param>
    public static RecordSchema Constant(ConstantRecord layout) => new(_ => Core.Schema.NewConstant(layout.Layout));

    /// <summary>A field that older files have under other names.</summary>
    /// <param name="item">What it is.</param>
    /// <param name="former">The former names.</param>
    public static RecordSchema Renamed(RecordSchema item, params string[] former) => new(item, former);

    /// <summary>A layout that changed: the last one whose version is not above the version asked for, else the first.</summary>
    /// <param name="layouts">The Burn version each layout came with (<c>"0.20"</c>), oldest first, and the layout.</param>
    /// <exception cref="FormatException">A version is not numbers joined by dots.</exception>
    public static RecordSchema Versioned(params (string SinceBurnVersion, RecordSchema Schema)[] layouts)
    {
        var parsed = System.Array.ConvertAll(layouts, layout => (Since: Version(layout.SinceBurnVersion), layout.Schema));
        return new(place =>
        {
            var chosen = parsed[0].Schema;
            foreach (var (since, schema) in parsed)
            {
                if (since.CompareTo(place.Burn) <= 0)
                    chosen = schema;
            }

            return chosen.In(place);
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

    internal Core.Schema At(Core.BurnVersion version) => In(SchemaPlace.Newly(version));

    internal Core.Schema In(SchemaPlace place) => at(place);

    /// <summary>The schema of a record of the version that the file has at this place.</summary>
    private static Core.Schema Of<TRecord>(SchemaPlace place) where TRecord : IRecord<TRecord>
    {
        place.Seen?.Add(System.Tuple.Create(place.Path, TRecord.Versions.Number));
        int version = place.Annex is null ? TRecord.Versions.Number : Core.Versions.at(place.Path, place.Annex).OrThrow();
        return Of<TRecord>(place, version);
    }

    /// <summary>The schema of a record of a version.</summary>
    internal static Core.Schema Of<TRecord>(SchemaPlace place, int version) where TRecord : IRecord<TRecord>
    {
        var versions = TRecord.Versions;
        if (version == versions.Number)
            return TRecord.Schema.In(place);
        return versions.StepFrom(version) is { } step
            ? step.At(place, version)
            : throw new RecordException(Core.Versions.later(place.Path, versions.NameOf<TRecord>(), version, versions.Number));
    }

    private static FSharpList<Tuple<string, Core.Schema>> Named((string Name, RecordSchema Schema)[] members, SchemaPlace place) =>
        ListModule.OfSeq(members.Select(member => System.Tuple.Create(member.Name, member.Schema.Named(member.Name, place))));

    private Core.Schema Named(string name, SchemaPlace place)
    {
        if (former.Length == 0)
            return In(place.Under(name));
        var names = ListModule.OfSeq(former.Prepend(name));
        string spelled = place.Annex is null ? name : Core.Versions.spelled(place.Path, names, place.Annex);
        return Core.Schema.NewRenamed(ListModule.OfSeq(former), In(place.Under(spelled)));
    }

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

    private static Core.BurnVersion Version(string text)
    {
        int[] numbers = System.Array.ConvertAll(text.Split('.'), part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture));
        return new(numbers[0], numbers.ElementAtOrDefault(1), numbers.ElementAtOrDefault(2));
    }
}
