/// Modules as users write them, each for one thing the generator can do.
module Records.Tests.Generator.Sources

let private layers =
    """
namespace Demo;

[Constant] public sealed record Relu;
[Module] public sealed partial record Linear(Param Weight, Param? Bias);
"""

let all =
    [
        "growing",
        layers
        + """
public static partial class Old { [Module] public sealed partial record First(Linear Fc); }
[Module, RecordVersion(2)] public sealed partial record Net([RecordAlias("fc", "core")] Linear Fc1, [RecordDefault] Linear? Fc2)
{
    public static RecordSchema Plain => RecordSchema.Struct(("w", RecordSchema.Param));
    [RecordMigration] internal static NetRecord OfFirst(Old.FirstRecord old) => new(old.Fc, null);
}
[Module, RecordVersion(3)] public sealed partial record Later(Net Net)
{
    public static RecordSchema Plain => RecordSchema.Struct(("w", RecordSchema.Param));
    [RecordMigration(1, nameof(Plain))] internal static RecordTree OfFirst(RecordTree tree) => tree;
    [RecordMigration] internal static LaterRecord OfSecond(NetRecord old) => new(old);
}
[Record, RecordVersion(2)] public sealed partial record State(int Epoch, [RecordAlias("lr")] [RecordDefault] float Rate = 0.5f, [RecordDefault] string Note = "a \"note\"")
{
    [RecordMigration] internal static State OfFirst(LaterState old) => new(old.Epoch);
}
[Record] public sealed partial record LaterState(int Epoch);
"""

        "positional",
        layers
        + "[Module] public sealed partial record Mlp(Linear Fc1, Linear? Fc2, Relu Activation, int Hidden);"

        "collections",
        layers
        + """
[Module] public sealed partial record Net(
    IReadOnlyList<Linear> Layers,
    Linear[] Plain,
    [Length(3)] IReadOnlyList<Param> Heads,
    IList<Linear?> Loose,
    List<Linear>? Absent,
    System.Collections.Immutable.ImmutableArray<Linear> Fixed,
    (Linear First, Relu Second) Pair,
    (Linear, (Param?, int))? Nested,
    IReadOnlyList<(Linear, Linear?)> Pairs,
    IReadOnlyList<IReadOnlyList<Param>> Grid);
"""

        "constants",
        """
namespace Demo;

public enum Mode { Slow, Fast }
[Constant] public readonly record struct Point(int X, int Y);
[Module] public sealed partial record Net(
    bool Flag, string Text, string? Maybe, double Rate, Half Small, char Letter, Mode Mode, Mode? Other, Tensor Mask, Tensor? Bias,
    int[] Sizes, [Length(2)] int[] Stride, (int, int) Padding, (int, string?)[]? Mixed, List<float> Rates, Point At, Point? Perhaps);
"""

        "enum",
        layers
        + """
[Module] public abstract partial record Act
{
    public sealed record Relu(Demo.Relu Value) : Act;
    [RecordName("GELU")] public sealed record Gelu(Linear? Value) : Act;
    public sealed record Nested(Linear Value) : Act;
    public sealed record Unrelated(int Value);
}
"""

        "nominal",
        layers
        + """
[Module] public partial record Net
{
    public required Linear First { get; init; }
    public Linear Second { get; }
    [RecordName("norm_1")] public Linear Norm1 { get; init; }
    [NotRecorded] public object Cache { get; set; } = new();
    public int Width { get; init; } = 3;
    public int Twice => Width * 2;
    public static int Shared { get; set; }
    public Net(Linear second, Linear norm) { Second = second; Norm1 = norm; }
}
"""

        "class",
        layers
        + """
[Module] internal sealed partial class Tower(Linear bottom, IReadOnlyList<Linear> floors, string name)
{
    public Linear Bottom { get; } = bottom;
    public IReadOnlyList<Linear> Floors { get; } = floors;
    public Linear? Roof { get; init; }
    public string Name { get; } = name;
    public int StoredBottom => Name.Length;
}
"""

        "nested",
        layers
        + """
public static partial class Outer
{
    internal partial interface Middle
    {
        [Module] internal sealed partial record Inner(Linear Fc, Inner.Deeper Down)
        {
            [Module] internal sealed partial record Deeper(Param Weight);
        }
    }
}
"""

        "keywords",
        """
namespace @namespace.@int;

[Module] public sealed partial record @class(Param @event, Param record, [RecordName("r#type")] Param kind);
[Module] public sealed partial record Holder(@class Inside, @class? @object);
"""

        "global namespace", "[Module] public sealed partial record Alone(Param Weight);"

        "referenced assembly",
        """
namespace Demo;

[Module] public sealed partial record Net(
    Records.Samples.Mlp Body,
    Records.Samples.Act? Activation,
    IReadOnlyList<Records.Samples.Prelu> Slopes,
    Records.Samples.Dropout Dropout);
"""

        "own words",
        layers
        + """
[Module] public sealed partial record Layer(Param Weight)
{
    void Describe(ModuleDisplay display) => display.OneLine().Field("d_input", Weight.Shape[0]);
    public override string ToString() => "layer";
}
[Module] public sealed partial record Other(Param Weight) : IModule
{
    void IModule.Describe(ModuleDisplay display) => display.Begin("Other");
}
"""

        "layouts",
        """
namespace Demo;
[Module] public sealed partial record Norm(Param Gamma, Param? Beta)
{
    internal static RecordSchema Layouts(RecordSchema newest) =>
        RecordSchema.Versioned(("0.7", RecordSchema.Struct(("gamma", RecordSchema.Param), ("beta", RecordSchema.Param))), ("0.20", newest));
}
"""

        "record",
        layers
        + """
[Module] public sealed partial record Mlp(Linear Fc1, Linear Fc2);
[Record] public sealed partial record TrainingState(MlpRecord Model, AdamRecord Optim, int Epoch, string? Note);
"""

        "record of everything",
        layers
        + """
public static partial class Outer
{
    [Module] public sealed partial record Inner(Param Weight);
}
[Record] public sealed partial record Part(byte Value);
[Record] public sealed partial record Whole(
    bool A, sbyte B, byte C, short D, ushort E, int F, uint G, long H, ulong I, nint J, nuint K, float L, double M, Half N, BFloat16 O,
    ValueTuple Unit, string Text, string? Maybe, int? Perhaps, Param Param, Param? NoParam, Tensor Tensor, Tensor? NoTensor,
    ConstantRecord Constant, Part Part, Part? NoPart, LinearRecord Linear, LinearRecord? NoLinear, Outer.InnerRecord Inner,
    global::Demo.LinearRecord Rooted, Demo.LinearRecord Named,
    IReadOnlyList<LinearRecord> Layers, int[] Sizes, string?[] Names, List<Part>? Parts, IList<float> Rates,
    System.Collections.Immutable.ImmutableArray<double> Fixed, System.Collections.Immutable.ImmutableArray<double>? Unfixed,
    [Length(2)] Param[] Pair, [Length(3)] IReadOnlyList<int>? Triple, IReadOnlyList<int?[]> Grid,
    (Part Left, int Right) Two, (LinearRecord, string?)? Three, (Part, (int, Tensor))[] Nested,
    IReadOnlyDictionary<string, int> Map, Dictionary<string, LinearRecord?> Plain, IDictionary<ParamId, Tensor> ById,
    OrderedDictionary<ParamId, Part[]>? Ordered, IReadOnlyDictionary<string, IReadOnlyDictionary<ParamId, Part>> Deep,
    [RecordName("type")] byte Kind, [NotRecorded] object? Cache = null);
"""

        "record enum",
        layers
        + """
[Record] public abstract partial record Choice
{
    public sealed record Number(double Value) : Choice;
    [RecordName("LINEAR")] public sealed record Named(LinearRecord? Value) : Choice;
    public sealed record Nominal : Choice { public required IReadOnlyList<Choice.Leaf> Value { get; init; } }
    [Record] public sealed partial record Leaf(int @event);
}
"""

        "record forms",
        """
namespace Demo;
[Record] internal partial record Nominal
{
    public required int First { get; init; }
    public string Second { get; init; } = "";
    public int Twice => First * 2;
}
[Record] public sealed partial class Plain(int size, string name)
{
    public string Name { get; } = name;
    public int Size { get; } = size;
    public double Rate { get; init; }
}
[Record] public sealed partial record Chosen
{
    public int A { get; }
    public int B { get; }
    public Chosen(int a) : this(a, 0) { }
    public Chosen(int a, int b) { A = a; B = b; }
}
[Record] public sealed partial record Nothing;
[Record] public sealed partial record Grown(Tensor Mean, Tensor? Max)
{
    internal static RecordSchema Layouts(RecordSchema newest) =>
        RecordSchema.Versioned(("0.7", RecordSchema.Struct(("mean", RecordSchema.Tensor))), ("0.21", newest));
}
"""

        "record without a namespace",
        "[Module] public sealed partial record Net(Param Weight); [Record] public sealed partial record State(global::NetRecord Net, NetRecord[] All);"
        "config",
        """
namespace Demo;

public enum Mode { Slow, [RecordName("very-fast")] Fast }
[Config] public sealed partial record Small(int Hidden = 128, double Dropout = 0.1);
[Config] public partial record Large(
    int? Limit, ulong Seed, string Name, Small Inner, Mode Mode, Small? Other = null, [RecordName("norm_1")] bool Norm1 = true)
{
    public required float Rate { get; init; }
    public List<(int, string?)> Pairs { get; init; } = [];
    public int[]? Sizes { get; init; }
    [NotRecorded] public object Cache { get; init; } = new();
    public Large WithSeed(ulong seed) => this with { Seed = seed };
    public override string ToString() => "large";
}
"""

        "config collections",
        """
namespace Demo;

public enum Mode { Slow, Fast }
[Config] public sealed partial record Lists(
    IReadOnlyList<int> A, IList<string?> B, [Length(2)] double[] C, System.Collections.Immutable.ImmutableArray<float> D,
    System.Collections.Immutable.ImmutableList<Lists>? E, IReadOnlyList<byte[]> F, Dictionary<string, int> G, SortedDictionary<string, bool> H,
    IReadOnlyDictionary<Mode, char?> I, System.Collections.Immutable.ImmutableDictionary<long, Lists?> J, (int, (nint, nuint))? K);
"""

        "config choice",
        """
namespace Demo;

[Config] public abstract partial record Padding
{
    public sealed record Same : Padding;
    [RecordName("valid")] public sealed record Valid : Padding;
    public sealed record Norm(double Value) : Padding;
    public sealed record Explicit(int Left, List<int>? Right) : Padding;
    [NamedFields] public sealed record Uniform(double Min, double MaxValue = 1.0) : Padding;
    public sealed record Filled : Padding { public required Padding Value { get; init; } public int Count { get; init; } = 1; }
    public sealed record Unrelated2(int Value);
}
[Module] public sealed partial record Net(Param Weight, Padding Padding, Padding? Other, IReadOnlyList<Padding> Several);
"""

        "config nested",
        """
namespace @namespace;

public static partial class Outer
{
    [Config] internal sealed partial record @class(int @int, int @event = 1);
}
"""

        "empty",
        "namespace Demo; [Module] public sealed partial record Empty; [Module] public sealed partial record Constants(int Count);"

        "nullable off",
        """
#nullable disable
namespace Demo;
[Module] public sealed partial record Linear(Param Weight, Param Bias, string Name);
"""
    ]

/// Source, and the problems it has.
let wrong =
    [
        "REC001: not partial", "[Module] public sealed record Net(Param Weight);"
        "REC002: container not partial",
        "public class Outer { [Module] public sealed partial record Net(Param Weight); }"
        "REC003: static", "[Module] public static partial class Net { }"
        "REC003: struct", "[Module] public partial record struct Net(Param Weight);"
        "REC003: abstract class", "[Module] public abstract partial class Net { public Param Weight { get; } = null!; }"
        "REC003: file local", "[Module] file sealed partial record Net(Param Weight);"
        "REC004: generic", "[Module] public sealed partial record Net<T>(Param Weight);"
        "REC004: generic container",
        "public partial class Outer<T> { [Module] public sealed partial record Net(Param Weight); }"
        "REC004: generic member",
        "[Module] public sealed partial record Net<T>(Param Weight); [Module] public sealed partial record Two(Net<int> One);"
        "REC005: inherits a module",
        "[Module] public partial record Net(Param Weight); [Module] public sealed partial record Two(Param Other) : Net(Other);"
        "REC005: inherits state",
        "public record Net(Param Weight); [Module] public sealed partial record Two(Param Other) : Net(Other);"
        "REC006: private", "[Module] public sealed partial class Net { private Param Weight { get; } = null!; }"
        "REC006: internal", "[Module] public sealed partial class Net { internal int Size { get; } }"
        "REC007: settable", "[Module] public sealed partial class Net { public Param Weight { get; set; } = null!; }"
        "REC008: dictionary", "[Module] public sealed partial record Net(Dictionary<string, int> Sizes);"
        "REC008: unmarked",
        "public sealed record Config(int Size); [Module] public sealed partial record Net(Config Config, DateTime At);"
        "REC008: two dimensions", "[Module] public sealed partial record Net(int[,] Sizes);"
        "REC009: unmarked with parameters",
        "public sealed record Layer(Param Weight); [Module] public sealed partial record Net(Layer Layer, IReadOnlyList<Layer?> Layers);"
        "REC009: a constant with parameters",
        "[Constant] public sealed record Layer(Param Weight); [Module] public sealed partial record Net(Layer Layer);"
        "REC009: dictionary of modules",
        "[Module] public sealed partial record Layer(Param Weight); [Module] public sealed partial record Net(Dictionary<string, Layer> Layers);"
        "REC009: case of an enum",
        "[Module] public abstract partial record Act { public sealed record One(Param Weight) : Act; } [Module] public sealed partial record Net(Act.One Only);"
        "REC010: object", "[Module] public sealed partial record Net(object Anything);"
        "REC010: interface",
        "public interface ILayer; [Module] public sealed partial record Net(ILayer Layer, IModule Module);"
        "REC010: delegate", "[Module] public sealed partial record Net(Func<int> Make);"
        "REC010: enumerable", "[Module] public sealed partial record Net(IEnumerable<Param> Many);"
        "REC011: clash", "[Module] public sealed partial record Net(Param FC1, Param fc1);"
        "REC011: clash by name",
        "[Module] public sealed partial record Net(Param Weight, [RecordName(\"weight\")] Param Other);"
        "REC011: clash of cases",
        "[Module] public abstract partial record Act { public sealed record One(Param W) : Act; [RecordName(\"One\")] public sealed record Two(Param W) : Act; }"
        "REC012: empty name", "[Module] public sealed partial record Net([RecordName(\"\")] Param Weight);"
        "REC013: length of no list", "[Module] public sealed partial record Net([Length(2)] Param Weight);"
        "REC013: length of nothing", "[Module] public sealed partial record Net([Length(0)] int[] Sizes);"
        "REC014: two members",
        "[Module] public abstract partial record Act { public sealed record One(Param W, Param V) : Act; public sealed record Two(Param W) : Act; }"
        "REC014: no member", "[Module] public abstract partial record Act { public sealed record One : Act; }"
        "REC014: not sealed", "[Module] public abstract partial record Act { public record One(Param W) : Act; }"
        "REC014: get-only",
        "[Module] public abstract partial record Act { public sealed record One : Act { public Param W { get; } = null!; } }"
        "REC014: state beside the cases",
        "[Module] public abstract partial record Act { public int Size { get; init; } public sealed record One(Param W) : Act; }"
        "REC015: no cases", "[Module] public abstract partial record Act;"
        "REC016: reserved", "[Module] public sealed partial record Net(int Schema);"
        "REC017: field",
        "[Module] public sealed partial class Net { private readonly Param weight = null!; public Param Get() => weight; }"
        "REC018: recursive", "[Module] public sealed partial record Tree(Param Weight, IReadOnlyList<Tree> Children);"
        "REC018: recursive through another",
        "[Module] public sealed partial record One(Two? Two); [Module] public sealed partial record Two(One? One);"
        "REC018: recursive through a case",
        "[Module] public abstract partial record Act { public sealed record One(Two Two) : Act; } [Module] public sealed partial record Two(Act Act);"
        "REC019: record exists",
        "[Module] public sealed partial record Net(Param Weight); public sealed record NetRecord;"
        "REC020: captured in a method",
        "[Module] public sealed partial class Net(Param weight, int size) { public int Size { get; } = size; public Param Get() => weight; }"
        "REC020: captured in a computed property",
        "[Module] public sealed partial class Net(Param weight) { public Param Weight => weight; }"
        "REC001: record not partial", "[Record] public sealed record State(int Epoch);"
        "REC002: record in a container not partial",
        "public class Outer { [Record] public sealed partial record State(int Epoch); }"
        "REC003: record that is a module", "[Module] [Record] public sealed partial record Net(Param Weight);"
        "REC003: record as an abstract class", "[Record] public abstract partial class State { }"
        "REC004: generic record", "[Record] public sealed partial record State<T>(int Epoch);"
        "REC006: record with a private property",
        "[Record] public sealed partial class State { private int Epoch { get; init; } }"
        "REC007: record that can be set",
        "[Record] public sealed partial record State { public int Epoch { get; set; } }"
        "REC011: clash in a record", "[Record] public sealed partial record State(int FC1, int fc1);"
        "REC013: length of a map",
        "[Record] public sealed partial record State([Length(2)] Dictionary<string, int> Map);"
        "REC014: case of an enum record",
        "[Record] public abstract partial record Choice { public sealed record One(int A, int B) : Choice; }"
        "REC015: enum record without cases", "[Record] public abstract partial record Choice;"
        "REC016: reserved in a record", "[Record] public sealed partial record State(int Schema);"
        "REC018: record in itself", "[Record] public sealed partial record Tree(Dictionary<string, Tree> Children);"
        "REC018: record in itself through another",
        "[Record] public sealed partial record One(Two? Two); [Record] public sealed partial record Two((One, int)[] Ones);"
        "REC030: types that a record cannot store",
        "public sealed record Other(int Size); [Record] public sealed partial record State(object A, DateTime B, char C, decimal D, Other E, IEnumerable<int> F, int[,] G, HashSet<int> H, Func<int> I, ValueTuple? J);"
        "REC031: enum", "public enum Mode { Slow } [Record] public sealed partial record State(Mode Mode, Mode? Maybe);"
        "REC032: module",
        "[Module] public sealed partial record Net(Param Weight); [Record] public sealed partial record State(Net Net, Records.Linear[] Layers);"
        "REC033: constant",
        "[Record] public sealed partial record State(Records.Relu Activation, ConstantRecord? Constant);"
        "REC034: keys", "[Record] public sealed partial record State(Dictionary<int, int> Map);"
        "REC035: a parameter that is not recorded",
        "[Record] public sealed partial record State(int Epoch, [NotRecorded] object Cache);"
        "REC035: get-only", "[Record] public sealed partial record State { public int Epoch { get; } = 3; }"
        "REC035: required and not recorded",
        "[Record] public sealed partial record State(int Epoch) { [NotRecorded] public required object Cache { get; init; } }"
        "REC036: inherits",
        "public record Other(int Size); [Record] public sealed partial record State(int Epoch) : Other(Epoch);"
        "REC037: tree", "[Record] public sealed partial record State(RecordTree Optim);"
        "REC050: not partial", "[Config] public sealed record Small(int Size);"
        "REC051: container not partial", "public class Outer { [Config] public sealed partial record Small(int Size); }"
        "REC052: class", "[Config] public sealed partial class Small { public int Size { get; init; } }"
        "REC052: file local", "[Config] file sealed partial record Small(int Size);"
        "REC053: generic", "[Config] public sealed partial record Small<T>(int Size);"
        "REC053: generic container",
        "public partial class Outer<T> { [Config] public sealed partial record Small(int Size); }"
        "REC054: inherits", "public record Basis(int A); [Config] public sealed partial record Small(int B) : Basis(B);"
        "REC055: get-only", "[Config] public sealed partial record Small { public int Size { get; } = 1; }"
        "REC055: settable", "[Config] public sealed partial record Small { public int Size { get; set; } }"
        "REC055: internal", "[Config] public sealed partial record Small { internal int Size { get; init; } }"
        "REC056: object", "[Config] public sealed partial record Small(object Anything);"
        "REC056: of the framework",
        "[Config] public sealed partial record Small(DateTime At, decimal Price, Half Rate);"
        "REC056: an enumerable", "[Config] public sealed partial record Small(IEnumerable<int> Sizes);"
        "REC056: two dimensions", "[Config] public sealed partial record Small(int[,] Sizes);"
        "REC057: unmarked",
        "public sealed record Inner(int A); [Config] public sealed partial record Small(IReadOnlyList<Inner?> Inner);"
        "REC058: tensor", "[Config] public sealed partial record Small(Tensor Mask);"
        "REC058: parameter", "[Config] public sealed partial record Small(Param? Weight);"
        "REC058: module",
        "[Module] public sealed partial record Net(Param W); [Config] public sealed partial record Small(Net[] Nets);"
        "REC059: key", "[Config] public sealed partial record Small(Dictionary<double, int> Sizes);"
        "REC060: case not sealed", "[Config] public abstract partial record Act { public record One(int A) : Act; }"
        "REC060: state beside the cases",
        "[Config] public abstract partial record Act { public int Size { get; init; } public sealed record One(int A) : Act; }"
        "REC061: no cases", "[Config] public abstract partial record Act;"
        "REC062: mixed",
        "[Config] public abstract partial record Act { public sealed record One(int A) : Act { public int B { get; init; } } }"
        "REC063: reserved", "[Config] public sealed partial record Small(int Save);"
        "REC064: no constructor",
        "[Config] public sealed partial record Small { public int Size { get; init; } public Small(string text) { } }"
        "REC065: not in the file", "[Config] public sealed partial record Small(int A, [NotRecorded] int B);"
        "REC066: a module, too", "[Config] [Module] public sealed partial record Net(int Size);"
        "REC011: clash of a config", "[Config] public sealed partial record Small(int A, [RecordName(\"a\")] int B);"
        "REC012: empty name of a config", "[Config] public sealed partial record Small([RecordName(\"\")] int B);"
        "REC013: length of no list in a config", "[Config] public sealed partial record Small([Length(2)] int B);"
        "REC040: version", "[Module, RecordVersion(0)] public sealed partial record Net(Param Weight);"
        "REC041: gap",
        """
[Module] public sealed partial record First(Param Weight);
[Module, RecordVersion(4)] public sealed partial record Net(Param Weight)
{
    public static RecordSchema Schema3 => RecordSchema.Param;
    [RecordMigration(3, nameof(Schema3))] public static RecordTree OfThird(RecordTree tree) => tree;
    [RecordMigration] public static NetRecord OfFirst(FirstRecord old) => new(old.Weight);
}
"""
        "REC041: no way at all", "[Record, RecordVersion(2)] public sealed partial record State(int Epoch);"
        "REC042: migrations of other forms",
        """
[Module] public sealed partial record First(Param Weight);
[Module, RecordVersion(2)] public sealed partial record Later(Param Weight)
{
    [RecordMigration] public static LaterRecord OfFirst(FirstRecord old) => new(old.Weight);
}
[Module, RecordVersion(2)] public sealed partial record Net(Param Weight)
{
    private static RecordSchema Hidden => RecordSchema.Param;
    public static RecordSchema Open => RecordSchema.Param;
    [RecordMigration] public NetRecord NotStatic(FirstRecord old) => new(old.Weight);
    [RecordMigration] private static NetRecord Private(FirstRecord old) => new(old.Weight);
    [RecordMigration] public static FirstRecord Other(FirstRecord old) => old;
    [RecordMigration] public static NetRecord Number(int old) => new(null);
    [RecordMigration] public static NetRecord Later(LaterRecord old) => new(old.Weight);
    [RecordMigration(2, nameof(Open))] public static RecordTree OfItself(RecordTree tree) => tree;
    [RecordMigration(1, nameof(Hidden))] public static RecordTree NoSchema(RecordTree tree) => tree;
    [RecordMigration(1, nameof(Open))] public static NetRecord NoTree(RecordTree tree) => new(null);
}
"""
        "REC042: a migration to version 1",
        "[Record] public sealed partial record State(int Epoch) { [RecordMigration] public static State Of(State old) => old; }"
        "REC011: a former name that another has",
        "[Module] public sealed partial record Net(Param A, [RecordAlias(\"a\")] Param B);"
        "REC012: an empty former name", "[Module] public sealed partial record Net([RecordAlias(\"\")] Param A);"
        "REC043: a default without a value",
        "[Record] public sealed partial record State(int Epoch, [RecordDefault] int Step);"
        "several at once",
        "[Module] public sealed partial record Net(object A, Func<int> B, Param C, [RecordName(\"c\")] Param D);"
    ]
