using System.Linq;

namespace Records.Generator;

/// <summary>The expressions that read and write one shape of a config. Each is the body of a lambda, its parameters named as said.</summary>
internal static class ConfigText
{
    /// <summary>(r) What the reader reads.</summary>
    public static string Read(ConfigShape shape) => shape.Kind switch
    {
        ConfigKind.Bool => "r.Bool()",
        ConfigKind.Text => "r.Text()",
        ConfigKind.Letter => "r.Letter()",
        ConfigKind.Integer => $"r.Integer<{shape.Type}>()",
        ConfigKind.Float => $"r.Float<{shape.Type}>()",
        ConfigKind.Enum => $"r.Name<{shape.Type}>({Names(shape)})",
        ConfigKind.Config => $"r.Config<{shape.Type}>()",
        ConfigKind.Optional => $"r.IsNull ? default({shape.Type}) : {Read(shape.Item)}",
        ConfigKind.Tuple => $"r.Tuple({shape.Items.Count}) is {{ }} t ? ({string.Join(", ", shape.Items.Select(static (item, index) => $"t.Item<{item.Type}>({index}, static r => {Read(item)})"))}) : default",
        ConfigKind.Map => Map(shape),
        _ when shape.Form is ConfigForm.Plain => List(shape),
        _ => $"[.. {List(shape)}]",
    };

    /// <summary>(w, v) Writes the value v.</summary>
    public static string Write(ConfigShape shape) => shape.Kind switch
    {
        ConfigKind.Bool => "w.Bool(v)",
        ConfigKind.Text => "w.Text(v)",
        ConfigKind.Letter => "w.Letter(v)",
        ConfigKind.Integer => "w.Integer(v)",
        ConfigKind.Float => "w.Float(v)",
        ConfigKind.Enum => $"w.Name(v, {Names(shape)})",
        ConfigKind.Config => "w.Config(v)",
        ConfigKind.Optional => $"w.{(shape.IsValue ? "OptionalValue" : "Optional")}(v, static (w, v) => {Write(shape.Item)})",
        ConfigKind.Tuple => $"w.Tuple(v, static (w, v) => {{ {string.Join(" ", shape.Items.Select(static (item, index) => $"w.Item(v.Item{index + 1}, static (w, v) => {Write(item)});"))} }})",
        ConfigKind.Map => $"w.Map<{shape.Items[0].Type}, {shape.Items[1].Type}>(v, static (w, v) => {Write(shape.Items[0])}, static (w, v) => {Write(shape.Items[1])})",
        ConfigKind.Array => $"w.Array<{shape.Item.Type}>({Held(shape)}, {shape.Length}, static (w, v) => {Write(shape.Item)})",
        _ => $"w.List<{shape.Item.Type}>({Held(shape)}, static (w, v) => {Write(shape.Item)})",
    };

    private static string List(ConfigShape shape) => shape.Kind is ConfigKind.Array
        ? $"r.Array<{shape.Item.Type}>({shape.Length}, static r => {Read(shape.Item)})"
        : $"r.List<{shape.Item.Type}>(static r => {Read(shape.Item)})";

    private static string Map(ConfigShape shape)
    {
        var (key, value) = (shape.Items[0], shape.Items[1]);
        string readKey = key.Kind is ConfigKind.Integer ? $"r.KeyInteger<{key.Type}>()" : Read(key);
        string made = $"r.Map<{key.Type}, {value.Type}>(static r => {readKey}, static r => {Read(value)})";
        return shape.Form switch
        {
            ConfigForm.Sorted when key.Kind is ConfigKind.Text => $"new {shape.Type}({made}, global::System.StringComparer.Ordinal)",
            ConfigForm.Sorted => $"new {shape.Type}({made})",
            ConfigForm.ImmutableDictionary => $"global::System.Collections.Immutable.ImmutableDictionary.CreateRange({made})",
            _ => made,
        };
    }

    private static string Held(ConfigShape shape) => shape.Form is ConfigForm.ImmutableArray ? "v.IsDefault ? null : v" : "v";

    private static string Names(ConfigShape shape) =>
        string.Join(", ", shape.Names.Select(named => $"({Emitter.Text(named.Name)}, {named.Value})"));
}
