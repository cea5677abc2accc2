using System.Globalization;
using System.Linq;

namespace Records.Generator;

/// <summary>The expressions that read and write what a [Record] stores. Each is the body of a lambda, its parameters named as said.</summary>
internal static class ValueText
{
    private const string Root = "global::Records.";

    /// <summary>The schema.</summary>
    public static string Schema(Shape shape) => Root + "RecordSchema." + shape.Kind switch
    {
        ShapeKind.Param => "Param",
        ShapeKind.Tensor => "Tensor",
        ShapeKind.Scalar => $"Scalar<{shape.Type}>()",
        ShapeKind.Constant => $"Constant({Root}ConstantRecord.Single)",
        ShapeKind.Record => $"Of<{shape.Type}>()",
        ShapeKind.Optional => $"Option({Schema(shape.Item)})",
        ShapeKind.Tuple => $"Tuple({string.Join(", ", shape.Items.Select(Schema))})",
        ShapeKind.Array => $"Array({Schema(shape.Item)}, {Number(shape.Length)})",
        ShapeKind.List => $"List({Schema(shape.Item)})",
        _ => $"Map({Schema(shape.Item)})",
    };

    /// <summary>(r) The value that the reader reads, of the very type it has. What is not there is told to the reader.</summary>
    public static string Read(Shape shape) => shape.Kind switch
    {
        ShapeKind.Param => Required(shape, "a parameter", "r.Param()"),
        ShapeKind.Tensor => Required(shape, "a tensor", "r.Tensor()"),
        ShapeKind.Scalar => $"r.Scalar<{shape.Type}>()",
        ShapeKind.Constant => "r.Constant()",
        ShapeKind.Record when shape.IsValue => Required(shape, "a record", $"r.Option<{shape.Type}?>(static r => r.Record<{shape.Type}>())"),
        ShapeKind.Record => Required(shape, "a record", $"r.Record<{shape.Type}>()"),
        ShapeKind.Optional => $"r.Option<{shape.Type}>(static r => {Read(shape.Item)})",
        ShapeKind.Tuple => Required(shape, "a tuple", $"r.Tuple({Number(shape.Items.Count)}) is {{ }} t ? ({shape.Type}?)({Items(shape)}) : null"),
        ShapeKind.Array => Required(shape, "a list", Listed(shape, $"r.Array<{shape.Item.Type}>({Number(shape.Length)}, static r => {Read(shape.Item)})")),
        ShapeKind.List => Required(shape, "a list", Listed(shape, $"r.List<{shape.Item.Type}>(static r => {Read(shape.Item)})")),
        _ => Required(shape, "a map", Mapped(shape)),
    };

    /// <summary>(w) Writes what the expression gives.</summary>
    public static string Write(Shape shape, string value) => shape.Kind switch
    {
        ShapeKind.Param => $"w.Param({value})",
        ShapeKind.Tensor => $"w.Tensor({value})",
        ShapeKind.Scalar => $"w.Scalar<{shape.Type}>({value})",
        ShapeKind.Constant => $"w.Constant({value})",
        ShapeKind.Record => $"w.Record<{shape.Type}>({value})",
        ShapeKind.Optional => $"w.Option<{shape.Type}>({value}, static (w, v) => {Write(shape.Item, shape.IsValue ? "v!.Value" : "v!")})",
        ShapeKind.Tuple => $"w.Tuple<{shape.Type}>({value}, static (w, v) => {{ {string.Join(" ", shape.Items.Select(WriteItem))} }})",
        ShapeKind.Array => $"w.Array<{shape.Item.Type}>({Indexed(shape, value)}, {Number(shape.Length)}, static (w, v) => {Write(shape.Item, "v")})",
        ShapeKind.List => $"w.List<{shape.Item.Type}>({Indexed(shape, value)}, static (w, v) => {Write(shape.Item, "v")})",
        _ => $"w.Map<{shape.Item.Type}>({value}, static (w, v) => {Write(shape.Item, "v")})",
    };

    private static string Required(Shape shape, string expected, string read) =>
        $"r.Required{(shape.IsValue ? "Value" : "")}<{shape.Type}>(\"{expected}\", static r => {read})";

    private static string Listed(Shape shape, string list) =>
        shape.Form is ListForm.Plain ? list
        : shape.IsValue ? $"{list} is {{ }} l ? ({shape.Type}?)({shape.Type})[.. l] : null"
        : $"{list} is {{ }} l ? ({shape.Type})[.. l] : null";

    private static string Mapped(Shape shape)
    {
        string map = $"r.{(shape.Kind is ShapeKind.MapById ? "MapById" : "Map")}<{shape.Item.Type}>(static r => {Read(shape.Item)})";
        return shape.Form is ListForm.Plain ? map : $"{map} is {{ }} l ? new {shape.Type}(l) : null";
    }

    private static string Items(Shape tuple) =>
        string.Join(", ", tuple.Items.Select((item, index) => $"t.Item<{item.Type}>({Number(index)}, static r => {Read(item)})"));

    private static string WriteItem(Shape item, int index) =>
        $"w.Item<{item.Type}>(v.Item{Number(index + 1)}, static (w, v) => {Write(item, "v")});";

    private static string Indexed(Shape shape, string value) =>
        shape.Form is ListForm.Copied ? $"{Root}RecordItems.Indexed({value})" : value;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
