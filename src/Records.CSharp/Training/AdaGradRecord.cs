namespace Records;

/// <summary>What AdaGrad records.</summary>
/// <param name="states">The state of each parameter, in the order they are written.</param>
/// <exception cref="ArgumentException">An id is there twice.</exception>
public sealed class AdaGradRecord(IEnumerable<KeyValuePair<ParamId, AdaGradState>> states) : OptimizerRecord<AdaGradState>(states), IRecord<AdaGradRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = Layout(RecordSchema.Of<AdaGradState>());

    static AdaGradRecord IRecord<AdaGradRecord>.Read(RecordReader reader) => new(ReadStates(reader));

    void IRecord<AdaGradRecord>.Write(RecordWriter writer) => WriteStates(writer);
}

/// <summary>What AdaGrad keeps for one parameter.</summary>
/// <param name="Time">The number of steps so far.</param>
/// <param name="Sum">The sum of the squared gradients.</param>
public sealed partial record AdaGradState(ulong Time, Tensor Sum) : IOptimizerState<AdaGradState>
{
    /// <summary>What the state looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Struct(("lr_decay", RecordSchema.Of<LrDecay>()));

    /// <inheritdoc/>
    public int Rank => Sum.Rank;

    AdaGradState? IOptimizerState<AdaGradState>.OfRank(int rank) => rank == Rank ? this : null;

    static AdaGradState IRecord<AdaGradState>.Read(RecordReader reader)
    {
        reader = reader.AsStruct();
        var decay = reader.Field("lr_decay", static r => r.Required("a struct", static r => r.Record<LrDecay>()));
        return reader.Failed ? null! : new(decay.Time, decay.Sum);
    }

    void IRecord<AdaGradState>.Write(RecordWriter writer) =>
        writer.Field("lr_decay", new LrDecay(Time, Sum), static (w, v) => w.Record(v));

    [Record]
    internal sealed partial record LrDecay(ulong Time, Tensor Sum);
}
