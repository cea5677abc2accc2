namespace Records;

/// <summary>What RMSProp records.</summary>
/// <param name="states">The state of each parameter, in the order they are written.</param>
/// <exception cref="ArgumentException">An id is there twice.</exception>
public sealed class RmsPropRecord(IEnumerable<KeyValuePair<ParamId, RmsPropState>> states) : OptimizerRecord<RmsPropState>(states), IRecord<RmsPropRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = Layout(RecordSchema.Of<RmsPropState>());

    static RmsPropRecord IRecord<RmsPropRecord>.Read(RecordReader reader) => new(ReadStates(reader));

    void IRecord<RmsPropRecord>.Write(RecordWriter writer) => WriteStates(writer);
}

/// <summary>What RMSProp keeps for one parameter.</summary>
/// <param name="SquareAvg">The running mean of the squared gradients.</param>
/// <param name="Avg">What gradients are divided by the root of: that mean, less the square of the mean gradient when it is centered.</param>
/// <param name="GradAvg">The running mean of the gradients; null when it is not centered.</param>
/// <param name="Buf">The momentum; null without one.</param>
public sealed partial record RmsPropState(Tensor SquareAvg, Tensor Avg, Tensor? GradAvg = null, Tensor? Buf = null) : IOptimizerState<RmsPropState>
{
    /// <summary>What the state looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Struct(
        ("square_avg", RecordSchema.Of<SquareAvgRecord>()),
        ("centered", RecordSchema.Of<CenteredRecord>()),
        ("momentum", RecordSchema.Option(RecordSchema.Of<MomentumRecord>())));

    /// <inheritdoc/>
    public int Rank => SquareAvg.Rank;

    RmsPropState? IOptimizerState<RmsPropState>.OfRank(int rank) => rank == Rank ? this : null;

    static RmsPropState IRecord<RmsPropState>.Read(RecordReader reader)
    {
        reader = reader.AsStruct();
        var square = reader.Field("square_avg", static r => r.Required("a struct", static r => r.Record<SquareAvgRecord>()));
        var centered = reader.Field("centered", static r => r.Required("a struct", static r => r.Record<CenteredRecord>()));
        var momentum = reader.Field("momentum", static r => r.Option(static r => r.Record<MomentumRecord>()));
        return reader.Failed ? null! : new(square.SquareAvg, centered.Avg, centered.GradAvg, momentum?.Buf);
    }

    void IRecord<RmsPropState>.Write(RecordWriter writer)
    {
        writer.Field("square_avg", new SquareAvgRecord(SquareAvg), static (w, v) => w.Record(v));
        writer.Field("centered", new CenteredRecord(GradAvg, Avg), static (w, v) => w.Record(v));
        writer.Field("momentum", Buf is null ? null : new MomentumRecord(Buf), static (w, v) => w.Option(v, static (w, v) => w.Record(v)));
    }

    [Record]
    internal sealed partial record SquareAvgRecord(Tensor SquareAvg);

    [Record]
    internal sealed partial record CenteredRecord(Tensor? GradAvg, Tensor Avg);

    [Record]
    internal sealed partial record MomentumRecord(Tensor Buf);
}
