using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>
/// A record without a type: whatever a file holds, as a read-only dictionary of its parts. It is loaded and saved like any record, and goes
/// back into the file unchanged. Files that describe themselves show it as it is; for bincode, and for what those lose (an option from a
/// value, a list from a tuple, the width of a number), say <c>recorder.WithSchema(schema)</c>.
/// </summary>
public sealed class RecordTree : IRecord<RecordTree>, IReadOnlyDictionary<string, RecordTree>
{
    private readonly Core.Record root;
    private readonly Lazy<OrderedDictionary<string, RecordTree>> parts;

    // An option that is there is no level of its own in paths, and none here.
    private readonly Core.Record inner;

    private RecordTree(Core.Record root, FSharpMap<string, string>? annex = null)
    {
        this.root = root;
        Annex = annex ?? MapModule.Empty<string, string>();
        inner = Inner(root);
        parts = new(() =>
        {
            var found = new OrderedDictionary<string, RecordTree>();
            foreach (var (name, part) in Core.RecordModule.children(inner))
                found.TryAdd(name, new(part));
            return found;
        });
    }

    static RecordSchema IRecord<RecordTree>.Schema => RecordSchema.Open;

    /// <summary>What a file said of its versions: it goes with the tree into the next.</summary>
    internal FSharpMap<string, string> Annex { get; }

    internal Core.Record Root => root;

    /// <summary>What this node is.</summary>
    public RecordKind Kind => inner switch
    {
        Core.Record.Struct => RecordKind.Struct,
        Core.Record.List => RecordKind.List,
        Core.Record.Array => RecordKind.Array,
        Core.Record.Tuple => RecordKind.Tuple,
        Core.Record.Enum => RecordKind.Enum,
        Core.Record.Map => RecordKind.Map,
        Core.Record.Param => RecordKind.Param,
        Core.Record.Tensor => RecordKind.Tensor,
        Core.Record.Scalar => RecordKind.Scalar,
        Core.Record.Constant => RecordKind.Constant,
        _ => RecordKind.None,
    };

    /// <summary>The variant, of an enum.</summary>
    public string? Case => (inner as Core.Record.Enum)?.Case;

    /// <summary>The parameter, of a node that is one.</summary>
    public Param? Param => inner is Core.Record.Param param ? Records.Param.OfData(param.Id, param.Data) : null;

    /// <summary>The tensor, of a node that is one or a parameter.</summary>
    public Tensor? Tensor => inner switch
    {
        Core.Record.Param param => new(param.Data),
        Core.Record.Tensor tensor => new(tensor.Data),
        _ => null,
    };

    /// <summary>The value of a scalar in its own type; what a file does not tell is ulong, long or double.</summary>
    public object? Scalar => inner is Core.Record.Scalar scalar ? Scalars.ToObject(scalar.Value) : null;

    /// <summary>Every tensor in it with its path, names joined by dots, in the order of the file.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors =>
        Core.RecordModule.tensors(root).Select(static found => KeyValuePair.Create(string.Join('.', found.Item1), new Tensor(found.Item2)));

    /// <summary>The number of parts.</summary>
    public int Count => parts.Value.Count;

    /// <summary>The names of the parts: fields, keys, the variant, and numbers of items.</summary>
    public IEnumerable<string> Keys => parts.Value.Keys;

    /// <summary>The parts.</summary>
    public IEnumerable<RecordTree> Values => parts.Value.Values;

    /// <summary>The part of that name.</summary>
    /// <param name="key">The name; an item's is its number.</param>
    /// <exception cref="KeyNotFoundException">There is no such part.</exception>
    public RecordTree this[string key] => parts.Value[key];

    /// <summary>A typed record as a tree, to look at.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">The record.</param>
    /// <exception cref="RecordException">The record lacks values; each is listed.</exception>
    public static RecordTree Of<TRecord>(TRecord record) where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(RecordWriter.Write(record), record is RecordTree tree ? tree.Annex : RecordHistory<TRecord>.Annex);
    }

    internal static RecordTree OfCore(Core.Record root) => new(root);

    /// <summary>The tree as a typed record.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <exception cref="RecordException">The tree is not one of these; every fault is listed.</exception>
    public TRecord As<TRecord>() where TRecord : IRecord<TRecord> => RecordReader.Read<TRecord>(root, Annex);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => parts.Value.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out RecordTree value) => parts.Value.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, RecordTree>> GetEnumerator() => parts.Value.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The node in a line.</summary>
    public override string ToString() => inner switch
    {
        Core.Record.Scalar scalar => Convert.ToString(Scalars.ToObject(scalar.Value), CultureInfo.InvariantCulture) ?? "",
        Core.Record.Enum variant => variant.Case,
        Core.Record.Param => Param!.ToString(),
        Core.Record.Tensor => Tensor!.ToString(),
        Core.Record.Struct or Core.Record.Map or Core.Record.List or Core.Record.Array or Core.Record.Tuple =>
            string.Create(CultureInfo.InvariantCulture, $"{Kind} of {Count}"),
        _ => Kind.ToString(),
    };

    static RecordTree IRecord<RecordTree>.Read(RecordReader reader) => new(reader.Tree(), reader.Annex);

    void IRecord<RecordTree>.Write(RecordWriter writer) => writer.Whole(root, static (w, v) => w.Tree(v));

    private static Core.Record Inner(Core.Record record) => record is Core.Record.Option { Item: { } some } ? Inner(some.Value) : record;
}
