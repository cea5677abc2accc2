using System.Globalization;
using System.Text.Json;

namespace Records;

/// <summary>A schema as JSON, the form that the command line takes.</summary>
internal static class SchemaText
{
    internal static string Of(Core.Schema schema) => schema switch
    {
        Core.Schema.Struct s => Wrap("struct", Pairs(s.Fields)),
        Core.Schema.Enum s => Wrap("enum", Pairs(s.Variants)),
        Core.Schema.List s => Wrap("list", Of(s.Item)),
        Core.Schema.Array s => Wrap("array", $"[{Of(s.Item)},{s.Count.ToString(CultureInfo.InvariantCulture)}]"),
        Core.Schema.Tuple s => Wrap("tuple", List(s.Items.Select(Of))),
        Core.Schema.Option s => Wrap("option", Of(s.Item)),
        Core.Schema.Map s => Wrap("map", Of(s.Value)),
        Core.Schema.Scalar s => Quote(Name(s.Item)),
        Core.Schema.Constant s => OfConstant(s.Item),
        _ => schema.IsParam ? "\"param\"" : "\"tensor\"",
    };

    // Burn up to 0.20 wrote a none for each part of a constant, so the parts are said in the words that other values have.
    internal static string OfConstant(Core.Constant constant) => constant switch
    {
        Core.Constant.Fixed c => Wrap("tuple", List(c.Parts.Select(OfConstant))),
        Core.Constant.Listed c => Wrap("list", c.Items.IsEmpty ? "\"const\"" : OfConstant(c.Items.Head)),
        Core.Constant.Optional c => Wrap("option", c.Item is null ? "\"const\"" : OfConstant(c.Item.Value)),
        _ => "\"const\"",
    };

    private static string Pairs(IEnumerable<Tuple<string, Core.Schema>> pairs) =>
        List(pairs.Select(pair => $"[{Quote(pair.Item1)},{Of(pair.Item2)}]"));

    private static string List(IEnumerable<string> items) => $"[{string.Join(',', items)}]";

    private static string Wrap(string word, string value) => $"{{\"{word}\":{value}}}";

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Name(Core.ScalarType type) => type.ToString().ToLowerInvariant();
}
