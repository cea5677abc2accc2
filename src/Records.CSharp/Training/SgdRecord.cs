namespace Records;

/// <summary>What SGD records.</summary>
/// <param name="states">The state of each parameter, in the order they are written.</param>
/// <exception cref="ArgumentException">An id is there twice.</exception>
public sealed class SgdRecord(IEnumerable<KeyValuePair<ParamId, SgdState>> states) : OptimizerRecord<SgdState>(states), IRecord<SgdRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = Layout(RecordSchema.Of<SgdState>());

    static SgdRecord IRecord<SgdRecord>.Read(RecordReader reader) => new(ReadStates(reader));

    void IRecord<SgdRecord>.Write(RecordWriter writer) => WriteStates(writer);
}

/// <summary>What SGD keeps for one parameter.</summary>
/// <param name="Velocity">The momentum; null without one.</param>
public sealed partial record SgdState(Tensor? Velocity) : IOptimizerState<SgdState>
{
    private readonly int rank = Velocity?.Rank ?? 1;

    /// <summary>
    /// The gradient of the last step, which SGD of Burn 0.8 and older kept for its weight decay. Saving for another Burn is an error while it
    /// is there: <c>state with { LastGradient = null }</c>.
    /// </summary>
    public Tensor? LastGradient { get; init; }

    /// <summary>The number of dimensions of the parameter. It follows from the tensors; without one it has to be said, and is 1 unless it is.</summary>
    public int Rank
    {
        get => Velocity?.Rank ?? LastGradient?.Rank ?? rank;
        init => rank = value;
    }

    /// <summary>What the state looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Versioned(
        ("0.7", RecordSchema.Struct(("weight_decay", RecordSchema.Option(RecordSchema.Of<WeightDecayRecord>())), ("momentum", RecordSchema.Option(RecordSchema.Of<Momentum>())))),
        ("0.9", RecordSchema.Struct(("momentum", RecordSchema.Option(RecordSchema.Of<Momentum>())))));

    SgdState? IOptimizerState<SgdState>.OfRank(int rank) => this with { Rank = rank } is var ranked && ranked.Rank == rank ? ranked : null;

    static SgdState IRecord<SgdState>.Read(RecordReader reader)
    {
        reader = reader.AsStruct();
        var decay = reader.Field("weight_decay", static r => r.Option(static r => r.Record<WeightDecayRecord>()));
        var momentum = reader.Field("momentum", static r => r.Option(static r => r.Record<Momentum>()));
        return new(momentum?.Velocity) { LastGradient = decay?.GradLastStep };
    }

    void IRecord<SgdState>.Write(RecordWriter writer)
    {
        WeightDecayRecord.Write(writer, LastGradient);
        var momentum = Velocity is null ? null : new Momentum(Velocity);
        writer.Field("momentum", momentum, static (w, v) => w.Option(v, static (w, v) => w.Record(v)));
    }

    [Record]
    internal sealed partial record Momentum(Tensor Velocity);
}
