using Microsoft.FSharp.Core;

namespace Records;

/// <summary>
/// What a checkpoint holds, where it is not all of model, optimizer and scheduler: <c>new CheckpointSet().WithModel(model)
/// .WithScheduler(scheduler)</c>. Immutable; each step gives a new one.
/// </summary>
public sealed class CheckpointSet
{
    private readonly Func<Core.Recorder, Core.CheckpointPart>? model;
    private readonly Func<Core.Recorder, Core.CheckpointPart>? optim;
    private readonly Func<Core.Recorder, Core.CheckpointPart>? scheduler;

    /// <summary>Nothing yet.</summary>
    public CheckpointSet()
    {
    }

    private CheckpointSet(Func<Core.Recorder, Core.CheckpointPart>? model, Func<Core.Recorder, Core.CheckpointPart>? optim, Func<Core.Recorder, Core.CheckpointPart>? scheduler) =>
        (this.model, this.optim, this.scheduler) = (model, optim, scheduler);

    /// <summary>With this model's record, which is saved as <c>model-N</c>.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">The record.</param>
    public CheckpointSet WithModel<TRecord>(TRecord record) where TRecord : IRecord<TRecord> =>
        new(Part(Core.CheckpointKind.Model, record), optim, scheduler);

    /// <summary>With this model, which is saved as <c>model-N</c>. Parameters not drawn yet are drawn.</summary>
    /// <typeparam name="TModule">The module's type.</typeparam>
    /// <typeparam name="TRecord">What it records.</typeparam>
    /// <param name="module">The model.</param>
    public CheckpointSet WithModel<TModule, TRecord>(IModule<TModule, TRecord> module)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(module);
        return WithModel(module.ToRecord());
    }

    /// <summary>With this optimizer's record, which is saved as <c>optim-N</c>.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">The record.</param>
    public CheckpointSet WithOptim<TRecord>(TRecord record) where TRecord : IRecord<TRecord> =>
        new(model, Part(Core.CheckpointKind.Optim, record), scheduler);

    /// <summary>With this learning rate scheduler's record, which is saved as <c>scheduler-N</c>.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">The record.</param>
    public CheckpointSet WithScheduler<TRecord>(TRecord record) where TRecord : IRecord<TRecord> =>
        new(model, optim, Part(Core.CheckpointKind.Scheduler, record));

    /// <summary>The parts as trees; the parameters are drawn here.</summary>
    internal IEnumerable<Core.CheckpointPart> Parts(Core.Recorder recorder) =>
        new[] { model, optim, scheduler }.OfType<Func<Core.Recorder, Core.CheckpointPart>>().Select(part => part(recorder));

    private static Func<Core.Recorder, Core.CheckpointPart> Part<TRecord>(Core.CheckpointKind kind, TRecord record) where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(record);
        return recorder =>
        {
            try
            {
                return new(kind, RecorderCore.SchemaOf<TRecord>(), RecorderCore.Document(recorder, record));
            }
            catch (RecordException exception)
            {
                throw new RecordException(Core.RecordErrorModule.under(Core.CheckpointKindModule.name(kind), exception.Fault));
            }
        };
    }
}
