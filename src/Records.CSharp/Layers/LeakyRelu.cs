namespace Records;

/// <summary>Each value, or a part of it when it is negative.</summary>
/// <param name="NegativeSlope">The factor of negative values.</param>
[Module]
public sealed partial record LeakyRelu(double NegativeSlope = 0.01)
{
    /// <inheritdoc cref="Relu.Forward"/>
    public Tensor Forward(Tensor input) => Tensor.Apply(input, values => Core.Activation.leakyRelu(NegativeSlope, values));

    // In Burn 0.13 it named its back end, and so was no constant as a whole.
    internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
        ("0.13", RecordSchema.Struct([.. LayerSchemas.Constants("negative_slope", "phantom")])),
        ("0.14", LayerSchemas.Constant));

    // As Burn prints it.
    private void Describe(ModuleDisplay display) => display.OneLine().Field("negative_slope", NegativeSlope);
}
