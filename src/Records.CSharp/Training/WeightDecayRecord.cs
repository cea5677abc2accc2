namespace Records;

/// <summary>What Adam and SGD of Burn 0.8 and older kept besides their momentum.</summary>
[Record]
internal sealed partial record WeightDecayRecord(Tensor GradLastStep)
{
    // Written only when it is there: a Burn that had the field gets a none for it, and one that had not an error.
    internal static void Write(RecordWriter writer, Tensor? lastGradient)
    {
        if (lastGradient is not null)
            writer.Field("weight_decay", new WeightDecayRecord(lastGradient), static (w, v) => w.Option(v, static (w, v) => w.Record(v)));
    }
}
