namespace Records.Samples;

/// <summary>What a training loop keeps, as product code would write it.</summary>
[Record]
public sealed partial record TrainingState(MlpRecord Model, AdamRecord Optim, int Epoch, string? Note = null)
{
    public static TrainingState Init() => new(
        Mlp.Init().IntoRecord(),
        new AdamRecord([
            KeyValuePair.Create(ParamId.Of(7), new AdamState(3, Weights.Zeros(2, 3), Weights.Zeros(2, 3))),
            KeyValuePair.Create(ParamId.Of(2), new AdamState(3, Weights.Zeros(4), Weights.Zeros(4), Weights.Zeros(4)))]),
        12);
}

/// <summary>A small record, for what is wrong with its file.</summary>
[Record]
public sealed partial record Readings(int Epoch, byte Small, double Rate, string Name, int? Perhaps, Tensor Mean, IReadOnlyDictionary<string, short> Map);

/// <summary>Readings that must be positive: its own constructor says so.</summary>
[Record]
public sealed partial record Checked
{
    public Checked(LinearRecord layer, string name)
    {
        // Would throw if it were called with what is not there.
        Layer = layer.Weight is null ? throw new ArgumentException("no weight") : layer;
        Name = name.Trim();
    }

    public LinearRecord Layer { get; }

    public string Name { get; }
}

/// <summary>What else a record may hold.</summary>
[Record]
public sealed partial record Shelf(
    Dictionary<ParamId, Tensor> ById,
    OrderedDictionary<string, (int, string?)[]> Grid,
    System.Collections.Immutable.ImmutableArray<double> Rates,
    IList<nint> Signed,
    nuint? Count,
    Choice Choice,
    Choice? Other,
    ValueTuple Unit)
{
    public static Shelf Init() => new(
        new() { [ParamId.Of("30b82c23-788d-4d63-a743-ada258d5f101")] = Tensor.Of([1f, 2f]) },
        new() { ["b"] = [(1, null), (2, "two")], ["a"] = [] },
        [0.5, 0.25],
        [-1, nint.MaxValue],
        3,
        new Choice.Text(null),
        new Choice.Number(1.5),
        default);
}

/// <summary>One of several.</summary>
[Record]
public abstract partial record Choice
{
    public sealed record Number(double Value) : Choice;

    [RecordName("TEXT")]
    public sealed record Text(string? Value) : Choice;

    public sealed record Layer(LinearRecord Value) : Choice;
}

/// <summary>The reference's record with one of everything.</summary>
[Record]
public sealed partial record Kitchen(
    Param? None,
    IReadOnlyList<Records.LinearRecord> List,
    Records.LinearRecord[] EmptyList,
    (Records.LinearRecord Layer, ConstantRecord Constant) Pair,
    [Length(2)] Param[] Array,
    KitchenActivation ActA,
    KitchenActivation ActB,
    Param IntParam,
    Param BoolParam,
    Param Quant,
    Param QuantBlock,
    Param Scalar0,
    Param ZeroSized,
    Tensor RawTensor,
    string S,
    bool B,
    [RecordName("f32_")] float Single,
    [RecordName("f64_")] double Double,
    nuint Us,
    [RecordName("u64_")] ulong U64,
    [RecordName("u32_")] uint U32,
    [RecordName("u16_")] ushort U16,
    [RecordName("u8_")] byte U8,
    [RecordName("i64_")] long I64,
    [RecordName("i32_")] int I32,
    [RecordName("i16_")] short I16,
    [RecordName("i8_")] sbyte I8,
    Half H,
    BFloat16 Bf,
    ValueTuple Unit,
    [RecordName("nofields")] NoFields NoFields,
    [RecordName("r#type")] byte Type,
    IReadOnlyDictionary<string, uint> Map,
    uint? OptNum,
    nint Neg,
    ulong Big);

[Record]
public sealed partial record NoFields;

[Record]
public abstract partial record KitchenActivation
{
    public sealed record Gelu(ConstantRecord Value) : KitchenActivation;

    public sealed record PRelu(PReluRecord Value) : KitchenActivation;

    public sealed record Relu(ConstantRecord Value) : KitchenActivation;
}
