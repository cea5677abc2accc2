namespace Records;

/// <summary>What Adam records; <see cref="AdamWRecord"/> is that of AdamW.</summary>
/// <param name="states">The state of each parameter, in the order they are written.</param>
/// <exception cref="ArgumentException">An id is there twice.</exception>
public sealed class AdamRecord(IEnumerable<KeyValuePair<ParamId, AdamState>> states) : OptimizerRecord<AdamState>(states), IRecord<AdamRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = Layout(AdamState.WithLastGradient);

    static AdamRecord IRecord<AdamRecord>.Read(RecordReader reader) => new(ReadStates(reader));

    void IRecord<AdamRecord>.Write(RecordWriter writer) => WriteStates(writer);
}

/// <summary>What AdamW records. It differs from Adam's in files of Burn 0.8 and older, where Adam kept the last gradient too.</summary>
/// <param name="states">The state of each parameter, in the order they are written.</param>
/// <exception cref="ArgumentException">An id is there twice.</exception>
public sealed class AdamWRecord(IEnumerable<KeyValuePair<ParamId, AdamState>> states) : OptimizerRecord<AdamState>(states), IRecord<AdamWRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = Layout(RecordSchema.Of<AdamState>());

    static AdamWRecord IRecord<AdamWRecord>.Read(RecordReader reader) => new(ReadStates(reader));

    void IRecord<AdamWRecord>.Write(RecordWriter writer) => WriteStates(writer);
}

/// <summary>What Adam and AdamW keep for one parameter.</summary>
/// <param name="Time">The number of steps so far.</param>
/// <param name="Moment1">The running mean of the gradients.</param>
/// <param name="Moment2">The running mean of their squares.</param>
/// <param name="MaxMoment2">The largest of these means, with AMSGrad; Burn has it since 0.21.</param>
public sealed partial record AdamState(ulong Time, Tensor Moment1, Tensor Moment2, Tensor? MaxMoment2 = null) : IOptimizerState<AdamState>
{
    /// <summary>
    /// The gradient of the last step, which Adam of Burn 0.8 and older kept for its weight decay. Saving for another Burn is an error while
    /// it is there: <c>state with { LastGradient = null }</c>.
    /// </summary>
    public Tensor? LastGradient { get; init; }

    /// <summary>What the state looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Struct(("momentum", RecordSchema.Of<Momentum>()));

    /// <inheritdoc/>
    public int Rank => Moment1.Rank;

    /// <summary>The layout of Adam, which had one field more.</summary>
    internal static RecordSchema WithLastGradient => RecordSchema.Versioned(
        ("0.7", RecordSchema.Struct(("weight_decay", RecordSchema.Option(RecordSchema.Of<WeightDecayRecord>())), ("momentum", RecordSchema.Of<Momentum>()))),
        ("0.9", Schema));

    AdamState? IOptimizerState<AdamState>.OfRank(int rank) => rank == Rank ? this : null;

    static AdamState IRecord<AdamState>.Read(RecordReader reader)
    {
        reader = reader.AsStruct();
        var decay = reader.Field("weight_decay", static r => r.Option(static r => r.Record<WeightDecayRecord>()));
        var momentum = reader.Field("momentum", static r => r.Required("a struct", static r => r.Record<Momentum>()));
        return reader.Failed ? null! : new(momentum.Time, momentum.Moment1, momentum.Moment2, momentum.MaxMoment2) { LastGradient = decay?.GradLastStep };
    }

    void IRecord<AdamState>.Write(RecordWriter writer)
    {
        WeightDecayRecord.Write(writer, LastGradient);
        writer.Field("momentum", new Momentum(Time, Moment1, Moment2, MaxMoment2), static (w, v) => w.Record(v));
    }

    [Record]
    internal sealed partial record Momentum(
        ulong Time,
        [RecordName("moment_1")] Tensor Moment1,
        [RecordName("moment_2")] Tensor Moment2,
        [RecordName("max_moment_2")] Tensor? MaxMoment2)
    {
        internal static RecordSchema Layouts(RecordSchema newest) => RecordSchema.Versioned(
            ("0.7", RecordSchema.Struct(("time", RecordSchema.Scalar<ulong>()), ("moment_1", RecordSchema.Tensor), ("moment_2", RecordSchema.Tensor))),
            ("0.21", newest));
    }
}
