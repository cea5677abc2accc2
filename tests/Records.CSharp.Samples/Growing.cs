namespace Records.Samples;

/// <summary>A network as it began.</summary>
[Module]
public sealed partial record GrowingFirst(Linear Fc, int Rate);

/// <summary>A second layer.</summary>
[Module, RecordVersion(2)]
public sealed partial record GrowingSecond(Linear Fc1, Linear? Fc2)
{
    [RecordMigration]
    internal static GrowingSecondRecord OfFirst(GrowingFirstRecord old) => new(old.Fc, null);
}

/// <summary>Any number of layers, and blocks, which had grown by themselves.</summary>
[Module, RecordVersion(3)]
public sealed partial record Growing(IReadOnlyList<Linear> Layers, IReadOnlyList<GrownBlock> Blocks, int Rate)
{
    public static Growing Init(int layers) =>
        new([.. Enumerable.Range(0, layers).Select(_ => Linear.Init(2, 1))], [], 7);

    [RecordMigration]
    internal static GrowingRecord OfSecond(GrowingSecondRecord old) => new(
        new[] { old.Fc1!, old.Fc2 }.OfType<LinearRecord>().ToArray(),
        [],
        ConstantRecord.Single);
}

[Module]
public sealed partial record GrownBlockFirst(Param Scale);

[Module, RecordVersion(2)]
public sealed partial record GrownBlock(Param Gain, Param? Shift)
{
    [RecordMigration]
    public static GrownBlockRecord OfFirst(GrownBlockFirstRecord old) => new(old.Scale, null);
}

/// <summary>Of version 1, and holds blocks that are not.</summary>
[Module]
public sealed partial record GrownTower(IReadOnlyList<GrownBlock> Blocks, Linear? Named);

[Module]
public sealed partial record GrownTowerFirst(IReadOnlyList<GrownBlockFirst> Blocks, Linear? Named);

/// <summary>The second version is made of a tree.</summary>
[Module, RecordVersion(2)]
public sealed partial record Regrown(Param Weights)
{
    public static RecordSchema First => RecordSchema.Struct(("w", RecordSchema.Param));

    [RecordMigration(1, nameof(First))]
    public static RecordTree OfFirst(RecordTree tree) => RecordTree.Of(new RegrownRecord(tree["w"].Param));
}

[Module]
public sealed partial record RegrownFirst(Param W);

/// <summary>Numbers that a training loop kept.</summary>
[Record]
public sealed partial record CountsFirst(int Epoch, double Lr);

[Record, RecordVersion(2)]
public sealed partial record CountsSecond(int Epoch, double Rate)
{
    [RecordMigration]
    internal static CountsSecond OfFirst(CountsFirst old) => new(old.Epoch, old.Lr);
}

[Record, RecordVersion(3)]
public sealed partial record Counts(long Epoch, double Rate, string Note)
{
    [RecordMigration]
    internal static Counts OfSecond(CountsSecond old) => new(old.Epoch, old.Rate, "from before");
}

// ---- names and defaults

[Module]
public sealed partial record OldNames(Linear Kernel);

[Module]
public sealed partial record NewNames([RecordAlias("kernel", "core")] Linear Fc, [RecordDefault] Linear Extra);

[Module]
public sealed partial record BothNames(Linear Fc, Linear Kernel, Linear Extra);

[Record]
public sealed partial record OldCount(int Epoch, double Lr);

[Record]
public sealed partial record NewCount(
    int Epoch,
    [RecordAlias("lr")] double Rate,
    [RecordDefault] long Step = 8,
    [RecordDefault] float Decay = 0.5f,
    [RecordDefault] string Note = "none");

/// <summary>What is in a record that was read.</summary>
public static class Grown
{
    public static string[] Ids(GrowingRecord record) => [.. record.Layers!.Select(layer => layer!.Weight!.Id.ToString())];

    public static float[] Gains(GrownTowerRecord record) => [.. record.Blocks!.Select(block => Weights.Floats(block!.Gain!.Value)[0])];

    public static float[] Gains(GrowingRecord record) => [.. record.Blocks!.Select(block => Weights.Floats(block!.Gain!.Value)[0])];

    public static string Id(RegrownRecord record) => record.Weights!.Id.ToString();
}
