namespace Records.Samples;

/// <summary>What the layers' tests hold and call from C#.</summary>
public static class LayerSamples
{
    public static Lstm StepsFirst(Lstm lstm) => lstm with { BatchFirst = false };
}

/// <summary>Layers without tensors.</summary>
[Module]
public sealed partial record Pools(MaxPool2d Max, AvgPool2d Average, AdaptiveAvgPool2d Adaptive, MaxPool2d? Maybe);

/// <summary>The fields that an Lstm had before Burn 0.20.</summary>
[Module]
public sealed partial record OldLstm(
    GateController InputGate, GateController ForgetGate, GateController OutputGate, GateController CellGate, int DHidden);
