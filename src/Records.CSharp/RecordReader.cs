using System.Globalization;
using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>
/// A place in a decoded record. What the file lacks, or has a nil for, reads as null; what is of another kind reads as null too and is
/// told at the end, with its path, together with everything else that is wrong. A reader is for the function that is given it: when that has
/// returned, the same object may be another place.
/// </summary>
public sealed partial class RecordReader
{
    private readonly RecordReader? parent;
    private string name;
    private readonly List<Core.RecordError> faults;

    // Null where the file has nothing, or a nil: None, or a constant, which is written the same way.
    private Core.Record? value;

    // What the file has, nils and all: constants and options look at it.
    private Core.Record? raw;

    // The name of this place in the annex, and what the annex says; null where everything is of its newest version.
    private string annexed;
    private readonly FSharpMap<string, string>? annex;

    // The version of what is here, where a migration has changed it.
    private readonly int? version;

    // The reader of the last place inside, which is that of the next: a record has more places than anything else it is made of.
    private RecordReader? spare;

    // Readers of places inside were given to whoever reads here.
    private bool given;

    private RecordReader(RecordReader? parent, string name, Core.Record? raw, List<Core.RecordError> faults, string? annexed = null) =>
        (this.parent, this.name, this.raw, value, this.faults, this.annexed, annex) =
        (parent, name, raw, Present(raw), faults, annexed ?? name, parent?.annex);

    private RecordReader(RecordReader place, Core.Record? raw, int? version)
        : this(place.parent, place.name, raw, place.faults, place.annexed) => (annex, this.version) = (place.annex, version);

    private RecordReader(Core.Record root, FSharpMap<string, string>? annex)
        : this(null, "", root, []) => this.annex = annex;

    /// <summary>The typed record in a tree, or in a file whose annex says of which version it is.</summary>
    /// <exception cref="RecordException">The tree is not one of these; every fault is listed.</exception>
    internal static TRecord Read<TRecord>(Core.Record root, FSharpMap<string, string>? annex = null) where TRecord : IRecord<TRecord>
    {
        var reader = new RecordReader(root, annex);
        // A tree is what is there, nil or not.
        TRecord? record = TRecord.Schema.IsOpen ? TRecord.Read(reader) : reader.Record<TRecord>();
        if (record is null && reader.faults.Count == 0)
            reader.Fault(Core.RecordError.NewMissing(reader.Path, "a record"));
        return reader.faults.Count == 0 ? record! : throw RecordException.Of(reader.faults);
    }

    /// <summary>This place as one with named fields. Called first by each record that has some.</summary>
    public RecordReader AsStruct() => value is null or Core.Record.Struct or Core.Record.Map ? this : Wrong("a struct");

    /// <summary>What is in the field of that name.</summary>
    /// <typeparam name="T">What the field becomes.</typeparam>
    /// <param name="name">The field's name in the file.</param>
    /// <param name="read">Reads it; called for a field that the file lacks, too.</param>
    public T Field<T>(string name, Func<RecordReader, T> read) => At(name, Find(name), read);

    /// <summary>What is in the field of that name, or of one that it had before.</summary>
    /// <typeparam name="T">What the field becomes.</typeparam>
    /// <param name="name">The field's name in the file.</param>
    /// <param name="read">Reads it; called for a field that the file lacks, too.</param>
    /// <param name="former">Its former names.</param>
    public T Field<T>(string name, Func<RecordReader, T> read, params string[] former)
    {
        string found = Spelled(name, former);
        foreach (string other in former.Where(other => other != found && Find(other) is not null))
            Fault(Core.RecordError.NewUnexpected(ListModule.Append(Path, ListModule.Singleton(other)), $"there besides '{found}', its newer name"));
        return At(name, Find(found), read, found);
    }

    /// <summary>What is in the field of that name, or of one that it had before; something else where the file has nothing or a nil.</summary>
    /// <typeparam name="T">What the field becomes.</typeparam>
    /// <param name="name">The field's name in the file.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="otherwise">What it is where the file lacks it.</param>
    /// <param name="former">Its former names.</param>
    public T FieldOr<T>(string name, Func<RecordReader, T> read, T otherwise, params string[] former) =>
        Present(Find(Spelled(name, former))) is null ? otherwise : Field(name, read, former);

    /// <summary>This place, read by a function of it.</summary>
    /// <typeparam name="T">What it becomes.</typeparam>
    /// <param name="read">Reads it.</param>
    public T Read<T>(Func<RecordReader, T> read) => read(this);

    /// <summary>A parameter.</summary>
    public Param? Param() => value switch
    {
        null => null,
        Core.Record.Param found => Records.Param.OfData(found.Id, found.Data),
        _ => Wrong<Param>("a parameter"),
    };

    /// <summary>Another record.</summary>
    /// <typeparam name="TRecord">Its type.</typeparam>
    public TRecord? Record<TRecord>() where TRecord : IRecord<TRecord> =>
        // Some Burn wrote this module as a constant: it is there, with nothing in it.
        value is null && raw is not Core.Record.Constant && !IsUnit<TRecord>() ? default : There<TRecord>(VersionOf<TRecord>());

    /// <summary>A value that may be absent; null when it is.</summary>
    /// <typeparam name="T">What it becomes.</typeparam>
    /// <param name="read">Reads the value when it is there.</param>
    public T? Option<T>(Func<RecordReader, T?> read) => value is null ? default : read(this);

    /// <summary>A list.</summary>
    /// <typeparam name="T">What each item becomes.</typeparam>
    /// <param name="read">Reads one item.</param>
    public IReadOnlyList<T>? List<T>(Func<RecordReader, T> read)
    {
        if (value is null)
            return null;
        if (Items() is not { } items)
            return Wrong<IReadOnlyList<T>>("a list");
        var results = new T[items.Length];
        int index = 0;
        foreach (var item in items)
        {
            results[index] = At(Index(index), item, read, Core.Versions.items);
            index++;
        }

        return results;
    }

    /// <summary>So many items.</summary>
    /// <typeparam name="T">What each item becomes.</typeparam>
    /// <param name="length">How many there must be.</param>
    /// <param name="read">Reads one item.</param>
    public IReadOnlyList<T>? Array<T>(int length, Func<RecordReader, T> read)
    {
        if (value is not null && Items() is { } items && items.Length != length)
            return Wrong<IReadOnlyList<T>>($"a list of {Index(length)}", $"a list of {Index(items.Length)}");
        return List(read);
    }

    /// <summary>This place as a tuple, or null when there is none.</summary>
    /// <param name="length">How many items it must have.</param>
    public RecordReader? Tuple(int length)
    {
        if (value is null)
            return null;
        if (Items() is not { } items)
            return Wrong<RecordReader>("a tuple");
        return items.Length == length ? this : Wrong<RecordReader>($"a list of {Index(length)}", $"a list of {Index(items.Length)}");
    }

    /// <summary>One item of a tuple.</summary>
    /// <typeparam name="T">What the item becomes.</typeparam>
    /// <param name="index">Its place, from zero.</param>
    /// <param name="read">Reads it.</param>
    public T Item<T>(int index, Func<RecordReader, T> read) =>
        At(Index(index), Items() is { } items ? ListModule.Item(index, items) : null, read);

    /// <summary>A constant. Whatever the file has in its place is fine: the value stays the module's.</summary>
    public ConstantRecord Constant() => new(Layout(raw));

    /// <summary>The case of an enum, or null when there is none.</summary>
    /// <param name="payload">What the case holds.</param>
    public string? Case(out RecordReader payload)
    {
        // A file that describes itself cannot tell a variant from a struct of one field.
        (string? found, Core.Record? held) = value switch
        {
            null => (null, null),
            Core.Record.Enum variant => (variant.Case, variant.Payload),
            Core.Record.Struct { Fields.Length: 1 } lone => (lone.Fields.Head.Name, lone.Fields.Head.Value),
            Core.Record.Map { Entries.Length: 1 } lone => (lone.Entries.Head.Name, lone.Entries.Head.Value),
            Core.Record.Scalar { Value: Core.Scalar.Text text } => (text.Item, null),
            _ => (Wrong<string>("a variant"), null),
        };
        payload = new(this, found ?? "", held, faults);
        given = true;
        return found;
    }

    /// <summary>Tells that the file has a case which the type does not.</summary>
    /// <typeparam name="TRecord">The record type.</typeparam>
    /// <param name="found">The case in the file; null when that was told already.</param>
    /// <param name="known">The cases of the type.</param>
    public TRecord? OtherCase<TRecord>(string? found, params string[] known) where TRecord : class =>
        found is null ? null : Wrong<TRecord>(string.Join(" or ", known), found);

    /// <summary>Reads what is at a place inside.</summary>
    private T At<T>(string name, Core.Record? raw, Func<RecordReader, T> read, string? annexed = null)
    {
        RecordReader place;
        if (spare is null)
        {
            place = new(this, name, raw, faults, annexed);
        }
        else
        {
            place = spare;
            spare = null;
            (place.name, place.raw, place.value, place.annexed) = (name, raw, Present(raw), annexed ?? name);
        }

        T result = read(place);
        // Who wants the reader itself keeps it, and its payload.
        if (typeof(T) != typeof(RecordReader) && !place.given)
            spare = place;
        return result;
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

    // The one record that nil is a value of: Burn's () is written so.
    private bool IsUnit<TRecord>() where TRecord : IRecord<TRecord> =>
        raw is Core.Record.Scalar { Value.IsUnit: true } && TRecord.Schema.At(Core.BurnVersionModule.latest) is Core.Schema.Scalar { Item.IsUnit: true };

    private TRecord? There<TRecord>(int found) where TRecord : IRecord<TRecord> =>
        (found == TRecord.Versions.Number ? Inside<TRecord>() : this).At<TRecord>(found);

    // In an older layout the record may have been the only field of another, whose name it does not know.
    private RecordReader Inside<TRecord>() where TRecord : IRecord<TRecord> =>
        !TRecord.Schema.IsOpen
        && value is Core.Record.Struct { Fields: { Length: 1, Head: { Value: Core.Record.Struct held } only } }
        && TRecord.Schema.At(RecordSchema.Newest) is Core.Schema.Struct known
        && known.Fields.All(field => field.Item1 != only.Name)
            ? new(this, only.Name, held, faults)
            : this;

    private static Core.Record? Present(Core.Record? record) => record switch
    {
        Core.Record.Option option => Present(option.Item?.Value),
        Core.Record.Constant => null,
        Core.Record.Scalar { Value.IsUnit: true } => null,
        _ => record,
    };

    private Core.Record? Find(string field)
    {
        var fields = value switch
        {
            Core.Record.Struct record => record.Fields,
            Core.Record.Map map => map.Entries,
            _ => FSharpList<Core.Field>.Empty,
        };

        // an enumerator is an object, and there may be very many records
        for (; !fields.IsEmpty; fields = fields.Tail)
        {
            if (fields.Head.Name == field)
                return fields.Head.Value;
        }

        return null;
    }

    private FSharpList<Core.Record>? Items() => value switch
    {
        Core.Record.List list => list.Items,
        Core.Record.Array array => array.Items,
        Core.Record.Tuple tuple => tuple.Items,
        _ => null,
    };

    private static Core.Constant Layout(Core.Record? record) => record switch
    {
        Core.Record.Constant constant => constant.Parts,
        Core.Record.Option option => ConstantRecord.Optional(option.Item is null ? null : new(Layout(option.Item.Value))).Layout,
        Core.Record.List list => Core.Constant.NewListed(ListModule.OfSeq(list.Items.Select(Layout))),
        Core.Record.Array array => Core.Constant.NewFixed(ListModule.OfSeq(array.Items.Select(Layout))),
        Core.Record.Tuple tuple => Core.Constant.NewFixed(ListModule.OfSeq(tuple.Items.Select(Layout))),
        _ => Core.Constant.Single,
    };

    private void Fault(Core.RecordError error) => faults.Add(error);

    private T? Wrong<T>(string expected, string? actual = null) where T : class
    {
        Fault(Core.RecordError.NewMismatch(Path, expected, actual ?? Kind(value)));
        return null;
    }

    private RecordReader Wrong(string expected)
    {
        Fault(Core.RecordError.NewMismatch(Path, expected, Kind(value)));
        return new(this, null, version);
    }

    private static string Kind(Core.Record? record) => record switch
    {
        Core.Record.Struct or Core.Record.Map => "a struct",
        Core.Record.List => "a list",
        Core.Record.Array => "an array",
        Core.Record.Tuple => "a tuple",
        Core.Record.Enum variant => "the variant " + variant.Case,
        Core.Record.Param param => "the parameter " + Core.TensorDataModule.text(param.Data),
        Core.Record.Tensor tensor => "the tensor " + Core.TensorDataModule.text(tensor.Data),
        Core.Record.Scalar => "a scalar",
        _ => "nil",
    };

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
