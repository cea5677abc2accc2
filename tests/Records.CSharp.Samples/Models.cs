using System.Collections.Immutable;

namespace Records.Samples;

[Module]
public sealed partial record Mlp(Linear Fc1, Linear Fc2, Relu Activation)
{
    public static Mlp Init() => new(Linear.Init(4, 3), Linear.Init(3, 2), new Relu());
}

public enum Mode
{
    Slow,
    Fast,
}

/// <summary>One of everything that a module can hold.</summary>
[Module]
public sealed partial record Net(
    [RecordName("first")] Linear FC1,
    Linear Conv1D,
    Linear? Extra,
    IReadOnlyList<Mlp> Layers,
    (Linear, Relu) Pair,
    Act Activation,
    [Length(2)] Linear[] Heads,
    IReadOnlyList<Linear?> Maybe,
    List<(Linear Left, Param? Right)> Pairs,
    ImmutableArray<Param> Scales,
    IList<Param> Shifts,
    (Param, int)? Lone,
    Param @class,
    int HiddenSize,
    (int, int) Stride,
    [Length(2)] int[] Padding,
    double[] Factors,
    string? Title,
    Mode Mode,
    Dropout Dropout,
    Tensor Mask,
    [NotRecorded] string Note)
{
    public static Net Init() => new(
        Linear.Init(2, 3),
        Linear.Init(3, 1, bias: false),
        null,
        [Mlp.Init(), Mlp.Init()],
        (Linear.Init(1, 1), new Relu()),
        new Act.Dense(Linear.Init(1, 1)),
        [Linear.Init(1, 1), Linear.Init(1, 1)],
        [null, Linear.Init(1, 1)],
        [(Linear.Init(1, 1), Weights.Lazy(1))],
        [Weights.Lazy(2)],
        [Weights.Lazy(3)],
        (Weights.Lazy(4), 1),
        Weights.Lazy(5),
        64,
        (1, 2),
        [1, 2],
        [0.5],
        null,
        Mode.Fast,
        new Dropout(0.1),
        Weights.Zeros(2, 3),
        "note");
}

/// <summary>A class: its copy is made field by field.</summary>
[Module]
public sealed partial class Tower(Linear bottom, IReadOnlyList<Linear> floors, string name)
{
    public Linear Bottom { get; } = bottom;

    public IReadOnlyList<Linear> Floors { get; } = floors;

    public Linear? Roof { get; init; }

    public string Name { get; } = name;

    public int Height => Floors.Count;
}

/// <summary>A record without positions, one property get-only.</summary>
[Module]
public partial record Nominal
{
    public required Linear First { get; init; }

    public Linear Second { get; } = Linear.Init(1, 2);

    public int Width { get; init; } = 3;
}

/// <summary>What may be absent, with tensors in it and without.</summary>
[Module]
public sealed partial record Optionals(Act? Act, (Linear, int)? Pair, IReadOnlyList<Act>? Acts);

/// <summary>A layer whose layout changed.</summary>
[Module]
public sealed partial record Norm(Param Gamma, Param? Beta)
{
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.7", RecordSchema.Struct(("gamma", RecordSchema.Param), ("beta", RecordSchema.Param))),
        ("0.20", newest));
}

/// <summary>A module around it.</summary>
[Module]
public sealed partial record Block(Norm Norm);

/// <summary>What a module nested in other types comes to.</summary>
public static partial class Outer
{
    internal partial struct Inner
    {
        [Module]
        internal sealed partial record Nested(Linear Fc, Nested.Deeper Down)
        {
            [Module]
            internal sealed partial record Deeper(Param Weight);
        }
    }

    /// <summary>Its tree.</summary>
    public static string Print() => new Inner.Nested(Linear.Init(1, 1), new(Weights.Lazy(1))).LoadRecord(
        new(new(Weights.Of([1], 1, 1), Weights.Of([1], 1)), new(Weights.Of([2], 1)))).ToString();
}
