namespace Records;

/// <summary>Squares near 0 and lines beyond. It holds a model's numbers, and cannot be run.</summary>
/// <param name="Delta">Where the lines begin.</param>
/// <param name="LinBias">Half of its square.</param>
[Module]
public sealed partial record HuberLoss(float Delta, float LinBias)
{
    /// <summary>The loss with lines from here on.</summary>
    public static HuberLoss Init(float delta) => new(delta, delta * delta * 0.5f);

    // In Burn 0.13 it named its back end, and so was no constant as a whole.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.13", RecordSchema.Struct([.. LayerSchemas.Constants("delta", "lin_bias", "_backend")])),
        ("0.14", LayerSchemas.Constant));

    // As Burn prints it.
    private void Describe(ModuleDisplay display) => display.OneLine().Field("delta", Delta).Field("lin_bias", LinBias);
}
