namespace Records.Samples;

/// <summary>What the layers' tests hold and call from C#.</summary>
public static class LayerSamples
{
    public static Lstm StepsFirst(Lstm lstm) => lstm with { BatchFirst = false };
}

/// <summary>Layers without tensors.</summary>
[Module]
public sealed partial record Pools(MaxPool2d Max, AvgPool2d Average, AdaptiveAvgPool2d Adaptive, MaxPool2d? Maybe);

/// <summary>The other layers without tensors.</summary>
[Module]
public sealed partial record Constants(
    AdaptiveAvgPool1d AdaptiveAvgPool1d,
    AvgPool1d AvgPool1d,
    MaxPool1d MaxPool1d,
    LocalResponseNorm LocalResponseNorm,
    Glu Glu,
    GaussianNoise GaussianNoise,
    Interpolate1d Interpolate1d,
    Interpolate2d Interpolate2d,
    Unfold4d Unfold4d,
    Records.Dropout Dropout,
    MseLoss MseLoss,
    PoissonNllLoss PoissonNllLoss,
    CosineEmbeddingLoss CosineEmbeddingLoss,
    KlDivLoss KlDivLoss,
    LpLoss LpLoss,
    SmoothL1Loss SmoothL1Loss,
    CtcLoss CtcLoss,
    RnntLoss RnntLoss,
    PaddingConfig3d PaddingConfig3d);

/// <summary>The fields that an Lstm had before Burn 0.20.</summary>
[Module]
public sealed partial record OldLstm(
    GateController InputGate, GateController ForgetGate, GateController OutputGate, GateController CellGate, int DHidden);

/// <summary>Layers whose parts were structs in one Burn and constants in another.</summary>
[Module]
public sealed partial record Mixed(
    Records.Linear Before, LeakyRelu Leaky, PRelu Prelu, HuberLoss Huber, CrossEntropyLoss Entropy, Records.Linear After);
