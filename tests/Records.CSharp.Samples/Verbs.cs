namespace Records.Samples;

/// <summary>Printing, counting, visiting and mapping.</summary>
public static class Verbs
{
    public static string PrintLinear() => Linear.Init(784, 128).ToString();

    public static string PrintMlp() => Mlp.Init().ToString();

    public static string PrintNet() => (Net.Init() with { Extra = Linear.Init(2, 2), Title = "t" }).ToString();

    public static string PrintDeep() => new Holder(new(Mlp.Init()), [], null, [1.5f, 1e-5f], Mlp.Init()).ToString();

    public static string PrintConstants() => new Numbers(1.0, 1e-5, 1e21, -0.1f, true, 'c', "text", 7, null, Mode.Slow, double.NaN, double.NegativeInfinity, 1.5e300 / 1e290).ToString();

    public static long Count() => Mlp.Init().NumParams;

    public static string NetSchema() => NetRecord.Schema.ToJson();

    public static string ActSchema() => ActRecord.Schema.ToString();

    public static string[] Visited()
    {
        var lines = new List<string>();
        var net = Net.Init() with { Activation = new Act.PRelu(new(Weights.Lazy(1))) };
        net.Visit((path, _, tensor) => lines.Add($"{path} [{string.Join(", ", tensor.Shape)}]"));
        return [.. lines];
    }

    public static string Mapped()
    {
        var shared = Weights.Of([1, 2, 3, 4], 2, 2);
        var model = new Mlp(new(shared, null), new(shared, Weights.Of([7, 8], 2)), new());
        var asked = new List<string>();
        var mapped = model.Map((path, _, tensor) =>
        {
            asked.Add(path);
            return Weights.Of([.. Weights.Floats(tensor).Select(value => -value)], [.. tensor.Shape]).Value;
        });
        return string.Join(' ', asked)
            + $" {ReferenceEquals(mapped.Fc1.Weight, mapped.Fc2.Weight)} {mapped.Fc1.Weight.Id == shared.Id}"
            + $" {Weights.Floats(mapped.Fc2.Bias!.Value)[0]} {Weights.Floats(model.Fc2.Bias!.Value)[0]}";
    }

    public static string[] MappedToOtherShapes()
    {
        try
        {
            _ = Linear.Init(2, 3).Map((_, _, _) => Weights.Zeros(1));
            return [];
        }
        catch (RecordException problem)
        {
            return [.. problem.Problems.Select(one => one.Message)];
        }
    }
}

[Module]
public sealed partial record Box(Mlp Inside);

[Module]
public sealed partial record Holder(Box Box, IReadOnlyList<Linear> None, Linear? Absent, float[] Rates, Mlp? Optional);

[Module]
public sealed partial record Numbers(
    double One,
    double Small,
    double Large,
    float Tenth,
    bool Flag,
    char Letter,
    string Text,
    int Count,
    int? Nothing,
    Mode Mode,
    double NotNumber,
    double Infinite,
    double Middle);

[Module]
public sealed partial record Kinds(Param Floats, Param Ints)
{
    public static string Print() => new Kinds(Weights.Of([1], 1), Weights.Ints([1, 2], 2, 1)).ToString();
}

/// <summary>Its own words, which are kept.</summary>
[Module]
public sealed partial record Quiet(Param Weight)
{
    public override string ToString() => "quiet";
}
