namespace Records;

/// <summary>What a constant learning rate records: nothing.</summary>
public sealed record ConstantLrRecord : IRecord<ConstantLrRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Scalar<ValueTuple>();

    static ConstantLrRecord IRecord<ConstantLrRecord>.Read(RecordReader reader)
    {
        reader.Scalar<ValueTuple>();
        return new();
    }

    void IRecord<ConstantLrRecord>.Write(RecordWriter writer) => writer.Whole(default(ValueTuple), static (w, v) => w.Scalar(v));
}

/// <summary>What Noam's schedule records.</summary>
/// <param name="Step">The number of steps so far.</param>
public sealed record NoamLrRecord(ulong Step) : IRecord<NoamLrRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Scalar<ulong>();

    static NoamLrRecord IRecord<NoamLrRecord>.Read(RecordReader reader) => new(reader.Scalar<ulong>());

    void IRecord<NoamLrRecord>.Write(RecordWriter writer) => writer.Whole(Step, static (w, v) => w.Scalar(v));
}

/// <summary>What a linear schedule records.</summary>
/// <param name="Remaining">The number of steps to come.</param>
public sealed record LinearLrRecord(ulong Remaining) : IRecord<LinearLrRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Scalar<ulong>();

    static LinearLrRecord IRecord<LinearLrRecord>.Read(RecordReader reader) => new(reader.Scalar<ulong>());

    void IRecord<LinearLrRecord>.Write(RecordWriter writer) => writer.Whole(Remaining, static (w, v) => w.Scalar(v));
}

/// <summary>What cosine annealing records.</summary>
/// <param name="Current">The step of the cycle, from 0; <see cref="ulong.MaxValue"/> before the first.</param>
public sealed record CosineAnnealingLrRecord(ulong Current = ulong.MaxValue) : IRecord<CosineAnnealingLrRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Scalar<ulong>();

    /// <summary>Whether there was a step.</summary>
    public bool HasBegun => Current != ulong.MaxValue;

    static CosineAnnealingLrRecord IRecord<CosineAnnealingLrRecord>.Read(RecordReader reader) => new(reader.Scalar<ulong>());

    void IRecord<CosineAnnealingLrRecord>.Write(RecordWriter writer) => writer.Whole(Current, static (w, v) => w.Scalar(v));
}

/// <summary>What an exponential schedule records.</summary>
/// <param name="PreviousRate">The learning rate of the last step.</param>
public sealed record ExponentialLrRecord(double PreviousRate) : IRecord<ExponentialLrRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Scalar<double>();

    static ExponentialLrRecord IRecord<ExponentialLrRecord>.Read(RecordReader reader) => new(reader.Scalar<double>());

    void IRecord<ExponentialLrRecord>.Write(RecordWriter writer) => writer.Whole(PreviousRate, static (w, v) => w.Scalar(v));
}

/// <summary>What a schedule of steps records; Burn has it since 0.16.</summary>
/// <param name="Index">The step, from 0; -1 before the first.</param>
public sealed record StepLrRecord(int Index = -1) : IRecord<StepLrRecord>
{
    /// <summary>What the record looks like in a file.</summary>
    public static RecordSchema Schema { get; } = RecordSchema.Scalar<int>();

    /// <summary>Whether there was a step.</summary>
    public bool HasBegun => Index >= 0;

    static StepLrRecord IRecord<StepLrRecord>.Read(RecordReader reader) => new(reader.Scalar<int>());

    void IRecord<StepLrRecord>.Write(RecordWriter writer) => writer.Whole(Index, static (w, v) => w.Scalar(v));
}

/// <summary>What several schedules at once record; Burn has it since 0.19.</summary>
/// <param name="Schedulers">What each of them records.</param>
[Record]
public sealed partial record ComposedLrRecord(IReadOnlyList<ComposedLrRecord.Scheduler> Schedulers)
{
    /// <summary>One of the schedules.</summary>
    [Record]
    public abstract partial record Scheduler
    {
        private Scheduler()
        {
        }

        /// <summary>A linear one; see <see cref="LinearLrRecord"/>.</summary>
        /// <param name="Remaining">The number of steps to come.</param>
        public sealed record Linear(ulong Remaining) : Scheduler;

        /// <summary>Cosine annealing; see <see cref="CosineAnnealingLrRecord"/>.</summary>
        /// <param name="Current">The step of the cycle.</param>
        public sealed record Cosine(ulong Current) : Scheduler;

        /// <summary>An exponential one; see <see cref="ExponentialLrRecord"/>.</summary>
        /// <param name="PreviousRate">The learning rate of the last step.</param>
        public sealed record Exponential(double PreviousRate) : Scheduler;

        /// <summary>Noam's; see <see cref="NoamLrRecord"/>.</summary>
        /// <param name="Step">The number of steps so far.</param>
        public sealed record Noam(ulong Step) : Scheduler;
    }
}
