using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Records;

/// <summary>Prints a module's tree the way Burn's Display does. Printing draws no parameter.</summary>
public sealed class ModuleDisplay
{
    private readonly List<(string Name, string Value)> fields = [];
    private readonly int level;
    private bool oneLine;
    private string type = "";
    private long parameters;

    private ModuleDisplay(int level, bool oneLine) => (this.level, this.oneLine) = (level, oneLine);

    /// <summary>The module's tree as text, lines parted by a line feed.</summary>
    /// <param name="module">The module.</param>
    public static string Print(IModule module) => new ModuleDisplay(1, false).Module(module);

    /// <summary>Names the module and counts its parameters. Called first.</summary>
    /// <typeparam name="TModule">The module's type.</typeparam>
    /// <typeparam name="TRecord">What it records.</typeparam>
    /// <param name="name">The name to print.</param>
    /// <param name="module">The module.</param>
    public ModuleDisplay Begin<TModule, TRecord>(string name, IModule<TModule, TRecord> module)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        RecordWriter.Walk(module.ToRecord(), (_, param) => parameters += ModuleExtensions.Elements(param));
        return Begin(name);
    }

    /// <summary>Names something that has no parameters.</summary>
    /// <param name="name">The name to print.</param>
    public ModuleDisplay Begin(string name)
    {
        type = name;
        return this;
    }

    /// <summary>Prints everything in one line, as Burn does for its layers. Said before the fields.</summary>
    public ModuleDisplay OneLine()
    {
        oneLine = true;
        return this;
    }

    /// <summary>A field.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="name">The name to print.</param>
    /// <param name="value">What it holds.</param>
    /// <param name="print">Gives the text of that.</param>
    public ModuleDisplay Field<T>(string name, T value, Func<ModuleDisplay, T, string> print)
    {
        fields.Add((name, print(Inner(), value)));
        return this;
    }

    /// <summary>A field that is a number, a text, a truth value, another constant, or nothing.</summary>
    /// <param name="name">The name to print.</param>
    /// <param name="value">What it holds.</param>
    public ModuleDisplay Field(string name, object? value) => Field(name, value, static (display, constant) => display.Constant(constant));

    /// <summary>The text of another module.</summary>
    /// <param name="module">The module.</param>
    public string Module(IModule module)
    {
        var inside = new ModuleDisplay(level, oneLine);
        module.Describe(inside);
        return inside.Text();
    }

    /// <summary>The text of a parameter: its rank, shape and kind.</summary>
    /// <param name="param">The parameter.</param>
    public string Param(Param param) => $"ParamTensor {{{Shape(param.Shape)}, kind: {Kind(param.CoreDtype)}}}";

    /// <summary>The text of a value that may be absent.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="value">The value, or null.</param>
    /// <param name="print">Gives the text of a value that is there.</param>
    public string Optional<T>(T? value, Func<ModuleDisplay, T, string> print) where T : class =>
        // One level further in, though no line of its own: so it is in Burn.
        value is null ? "None" : print(Inner(), value);

    /// <inheritdoc cref="Optional{T}"/>
    public string OptionalValue<T>(T? value, Func<ModuleDisplay, T, string> print) where T : struct =>
        value is { } there ? print(Inner(), there) : "None";

    /// <summary>The text of a list, each item by its number.</summary>
    /// <typeparam name="T">What each item is.</typeparam>
    /// <param name="items">The items.</param>
    /// <param name="print">Gives the text of one.</param>
    public string List<T>(IReadOnlyList<T> items, Func<ModuleDisplay, T, string> print) => Numbered($"Vec<0..{Number(items.Count)}>", items, print);

    /// <summary>The text of a list whose length is part of its type.</summary>
    /// <typeparam name="T">What each item is.</typeparam>
    /// <param name="items">The items.</param>
    /// <param name="print">Gives the text of one.</param>
    public string Array<T>(IReadOnlyList<T> items, Func<ModuleDisplay, T, string> print) => Numbered($"[0..{Number(items.Count)}]", items, print);

    /// <summary>The text of a tuple.</summary>
    /// <typeparam name="T">The tuple's type.</typeparam>
    /// <param name="tuple">The tuple.</param>
    /// <param name="describe">Adds each item as a field, named by its number.</param>
    public string Tuple<T>(T tuple, Action<ModuleDisplay, T> describe) where T : struct, ITuple
    {
        var inside = new ModuleDisplay(level, oneLine) { type = $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(index => "L" + Number(index)))})" };
        describe(inside, tuple);
        return inside.Text();
    }

    /// <summary>The text of a constant: numbers and texts as Rust prints them, a type that can describe itself as it does.</summary>
    /// <param name="value">The constant, or null.</param>
    public string Constant(object? value) => value switch
    {
        null => "None",
        IModule module => Module(module),
        Tensor tensor => $"Tensor {{{Shape(tensor.Shape)}}}",
        _ => RustText.Of(value),
    };

    private ModuleDisplay Inner() => new(level + 1, oneLine);

    private string Numbered<T>(string name, IReadOnlyList<T> items, Func<ModuleDisplay, T, string> print)
    {
        var inside = new ModuleDisplay(level, oneLine) { type = name };
        for (int index = 0; index < items.Count; index++)
            inside.Field(Number(index), items[index], print);
        return inside.Text();
    }

    private string Text()
    {
        if (fields.Count == 0)
            return type;
        var lines = fields.Select(field => $"{field.Name}: {field.Value}").ToList();
        if (parameters > 0)
            lines.Add("params: " + Number(parameters));
        if (oneLine)
            return $"{type} {{{string.Join(", ", lines)}}}";
        var text = new StringBuilder(type).Append(" {\n");
        foreach (string line in lines)
            text.Append(' ', 2 * level).Append(line).Append('\n');
        return text.Append(' ', 2 * (level - 1)).Append('}').ToString();
    }

    private static string Shape(IReadOnlyList<long> shape) => $"rank: {Number(shape.Count)}, shape: [{string.Join(", ", shape.Select(Number))}]";

    private static string Kind(Core.Dtype dtype)
    {
        string name = Core.DtypeModule.name(dtype);
        return name == "Bool" ? "bool" : name[0] is 'I' or 'U' ? "int" : "float";
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
