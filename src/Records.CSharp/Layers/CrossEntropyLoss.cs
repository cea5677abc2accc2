namespace Records;

/// <summary>How far classes are from what they should be. It holds a model's numbers, and cannot be run.</summary>
/// <param name="PadTokens">The classes that do not count; null for none.</param>
/// <param name="Weights">How much each class counts, [classes]; null where all count alike. No file has them.</param>
/// <param name="Smoothing">How much of each target is spread over all classes; null for nothing.</param>
/// <param name="Logits">Whether the input is logits, and not probabilities.</param>
[Module]
public sealed partial record CrossEntropyLoss(
    IReadOnlyList<int>? PadTokens = null, Tensor? Weights = null, float? Smoothing = null, bool Logits = true)
{
    // To Burn 0.21 an optional tensor is still an option, and no constant as a whole.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.9", newest),
        ("0.21", RecordSchema.Struct(
            ("pad_tokens", RecordSchema.Constant(ConstantRecord.Optional(ConstantRecord.Listed(ConstantRecord.Single)))),
            ("weights", RecordSchema.Option(LayerSchemas.Constant)),
            ("smoothing", LayerSchemas.OptionalConstant),
            ("logits", LayerSchemas.Constant))));

    // As Burn prints it.
    private void Describe(ModuleDisplay display) => display.OneLine()
        .Field("pad_tokens", PadTokens is null ? "None" : FormattableString.Invariant($"Vec<0..{PadTokens.Count}>"))
        .Field("weights", Weights)
        .Field("smoothing", Smoothing)
        .Field("logits", Logits);
}
