using System.Linq;

namespace Records.Generator;

/// <summary>The expressions that save, load, read and print one shape. Each is the body of a lambda, its parameters named as said.</summary>
internal static class ShapeText
{
    private const string Root = "global::Records.";

    /// <summary>The type that a record has for it.</summary>
    public static string RecordType(Shape shape) => shape.Kind switch
    {
        _ when shape.IsConstant => Root + "ConstantRecord",
        ShapeKind.Param => Root + "Param?",
        ShapeKind.Module => shape.Record + "?",
        ShapeKind.Optional => RecordType(shape.Item),
        ShapeKind.Tuple => $"({string.Join(", ", shape.Items.Select(RecordType))})?",
        _ => $"global::System.Collections.Generic.IReadOnlyList<{RecordType(shape.Item)}>?",
    };

    /// <summary>The schema.</summary>
    public static string Schema(Shape shape) => Root + "RecordSchema." + shape.Kind switch
    {
        _ when shape.IsConstant => $"Constant({ConstantSchema(shape)})",
        ShapeKind.Param => "Param",
        ShapeKind.Module => $"Of<{shape.Record}>()",
        ShapeKind.Optional => $"Option({Schema(shape.Item)})",
        ShapeKind.Tuple => $"Tuple({string.Join(", ", shape.Items.Select(Schema))})",
        ShapeKind.Array => $"Array({Schema(shape.Item)}, {shape.Length})",
        _ => $"List({Schema(shape.Item)})",
    };

    /// <summary>The record of what the expression gives. Names of variables begin with the name.</summary>
    public static string ToRecord(Shape shape, string value, string name) => shape.Kind switch
    {
        _ when shape.IsConstant => ConstantRecord(shape, value, name),
        ShapeKind.Param => value,
        ShapeKind.Module => $"((global::Records.IModule<{shape.Type}, {shape.Record}>){value}).ToRecord()",
        ShapeKind.Optional when shape.Item.Kind is ShapeKind.Param => value,
        ShapeKind.Optional => $"{value} is {{ }} {name} ? {ToRecord(shape.Item, name, name + "x")} : null",
        ShapeKind.Tuple => $"({RecordType(shape)})({Each(shape, (item, place) => ToRecord(item, $"{value}.{place}", name + place))})",
        _ => $"{Root}RecordItems.Select({Indexed(shape, value)}, static {name} => {ToRecord(shape.Item, name, name + "x")})",
    };

    /// <summary>(r) The record that the reader reads.</summary>
    public static string Read(Shape shape) => shape.Kind switch
    {
        _ when shape.IsConstant => "r.Constant()",
        ShapeKind.Param => "r.Param()",
        ShapeKind.Module => $"r.Record<{shape.Record}>()",
        ShapeKind.Optional => $"r.Option(static r => {Read(shape.Item)})",
        ShapeKind.Tuple => $"r.Tuple({shape.Items.Count}) is {{ }} t ? ({RecordType(shape)})({EachAt(shape)}) : null",
        ShapeKind.Array => $"r.Array({shape.Length}, static r => {Read(shape.Item)})",
        _ => $"r.List(static r => {Read(shape.Item)})",
    };

    /// <summary>(w, v) Writes the record v.</summary>
    public static string Write(Shape shape) => shape.Kind switch
    {
        _ when shape.IsConstant => "w.Constant(v)",
        ShapeKind.Param => "w.Param(v)",
        ShapeKind.Module => "w.Record(v)",
        ShapeKind.Optional => $"w.Option(v, static (w, v) => {Write(shape.Item)})",
        ShapeKind.Tuple => $"w.Tuple(v, static (w, v) => {{ {Each(shape, static (item, place) => $"w.Item(v.{place}, static (w, v) => {Write(item)});", " ")} }})",
        ShapeKind.Array => $"w.Array(v, {shape.Length}, static (w, v) => {Write(shape.Item)})",
        _ => $"w.List(v, static (w, v) => {Write(shape.Item)})",
    };

    /// <summary>(c, m, r) The module m with the state of the record r.</summary>
    public static string Apply(Shape shape) => shape.Kind switch
    {
        _ when shape.IsConstant => "m",
        ShapeKind.Param => "c.Param(m, r)",
        ShapeKind.Module => "c.Module(m, r)",
        ShapeKind.Optional => $"c.{Optional(shape)}(m, r, static (c, m, r) => {Apply(shape.Item)}, static (w, v) => {Write(shape.Item)})",
        ShapeKind.Tuple => $"({Each(shape, ApplyItem)})",
        _ when shape.Form is ListForm.Collected => $"[.. {ApplyList(shape)}]",
        _ => ApplyList(shape),
    };

    /// <summary>(d, v) The text of v.</summary>
    public static string Print(Shape shape) => shape.Kind switch
    {
        ShapeKind.Single => "d.Constant(v)",
        ShapeKind.Param => "d.Param(v)",
        ShapeKind.Module => "d.Module(v)",
        ShapeKind.Optional => $"d.{Optional(shape)}(v, static (d, v) => {Print(shape.Item)})",
        ShapeKind.Tuple => $"d.Tuple(v, static (d, v) => {{ {Each(shape, static (item, place) => $"d.Field(\"{Place(place)}\", v.{place}, static (d, v) => {Print(item)});", " ")} }})",
        ShapeKind.Array => $"d.Array({Indexed(shape, "v")}, static (d, v) => {Print(shape.Item)})",
        _ => $"d.List({Indexed(shape, "v")}, static (d, v) => {Print(shape.Item)})",
    };

    private static string ConstantSchema(Shape shape) => Root + "ConstantRecord." + shape.Kind switch
    {
        ShapeKind.Optional => $"Optional({ConstantSchema(shape.Item)})",
        ShapeKind.Tuple => $"Fixed({string.Join(", ", shape.Items.Select(ConstantSchema))})",
        ShapeKind.Array => $"Fixed({string.Join(", ", Enumerable.Repeat(ConstantSchema(shape.Item), shape.Length))})",
        ShapeKind.List => $"Listed({ConstantSchema(shape.Item)})",
        _ => "Single",
    };

    private static string ConstantRecord(Shape shape, string value, string name) => Root + "ConstantRecord." + shape.Kind switch
    {
        ShapeKind.Optional => $"Optional({value} is {{ }} {name} ? {ConstantRecord(shape.Item, name, name + "x")} : null)",
        ShapeKind.Tuple => $"Fixed({Each(shape, (item, place) => ConstantRecord(item, $"{value}.{place}", name + place))})",
        ShapeKind.Array => $"Fixed({ConstantItems(shape, value, name)})",
        ShapeKind.List => $"Listed({ConstantItems(shape, value, name)})",
        _ => "Single",
    };

    private static string ConstantItems(Shape shape, string value, string name) =>
        $"{Root}RecordItems.Select({Indexed(shape, value)}, static {name} => {ConstantRecord(shape.Item, name, name + "x")})";

    private static string ApplyList(Shape shape) =>
        $"c.{(shape.Kind is ShapeKind.Array ? "Array" : "List")}({Indexed(shape, "m")}, r, static (c, m, r) => {Apply(shape.Item)}, static (w, v) => {Write(shape.Item)})";

    private static string ApplyItem(Shape item, string place) =>
        item.IsConstant ? "m." + place : $"c.Field(\"{Place(place)}\", m.{place}, r?.{place}, static (c, m, r) => {Apply(item)})";

    private static string Indexed(Shape shape, string value) =>
        shape.Form is ListForm.Copied ? $"global::System.Linq.Enumerable.ToArray({value})" : value;

    private static string Optional(Shape shape) => shape.IsValue ? "OptionalValue" : "Optional";

    private static string EachAt(Shape tuple) =>
        string.Join(", ", tuple.Items.Select((item, index) => $"t.Item({index}, static r => {Read(item)})"));

    private static string Each(Shape tuple, System.Func<Shape, string, string> text, string separator = ", ") =>
        string.Join(separator, tuple.Items.Select((item, index) => text(item, $"Item{index + 1}")));

    // Item1 is number 0.
    private static string Place(string item) => (int.Parse(item.Substring(4), System.Globalization.CultureInfo.InvariantCulture) - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
