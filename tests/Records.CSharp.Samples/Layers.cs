namespace Records.Samples;

[Module]
public sealed partial record Linear(Param Weight, Param? Bias)
{
    public static Linear Init(long input, long output, bool bias = true) =>
        new(Weights.Lazy(input, output), bias ? Weights.Lazy(output) : null);

    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("d_input", Weight.Shape[0])
        .Field("d_output", Weight.Shape[1])
        .Field("bias", Bias is not null);
}

[Constant]
public sealed record Relu;

[Constant]
public sealed record Gelu;

[Constant]
public sealed record Dropout(double Prob) : IModule
{
    void IModule.Describe(ModuleDisplay display) => display.Begin("Dropout").OneLine().Field("prob", Prob);
}

[Module]
public abstract partial record Act
{
    public sealed record Gelu(Samples.Gelu Value) : Act;

    public sealed record Relu(Samples.Relu Value) : Act;

    [RecordName("PReLU")]
    public sealed record PRelu(Prelu Value) : Act;

    public sealed record Dense(Linear Value) : Act;
}

[Module]
public sealed partial record Prelu(Param Alpha);
