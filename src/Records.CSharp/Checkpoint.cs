namespace Records;

/// <summary>What a checkpoint gave back: a model's record.</summary>
/// <typeparam name="TModel">The type of the model's record.</typeparam>
/// <param name="Epoch">The epoch it was saved at.</param>
/// <param name="Model">The model's record.</param>
public sealed record Checkpoint<TModel>(int Epoch, TModel Model)
{
    /// <summary>Newer checkpoints that could not be restored, and why.</summary>
    public IReadOnlyList<SkippedCheckpoint> Skipped { get; init; } = [];
}

/// <summary>What a checkpoint gave back: the records of a model and its optimizer.</summary>
/// <typeparam name="TModel">The type of the model's record.</typeparam>
/// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
/// <param name="Epoch">The epoch it was saved at.</param>
/// <param name="Model">The model's record.</param>
/// <param name="Optim">The optimizer's record.</param>
public sealed record Checkpoint<TModel, TOptim>(int Epoch, TModel Model, TOptim Optim)
{
    /// <inheritdoc cref="Checkpoint{TModel}.Skipped"/>
    public IReadOnlyList<SkippedCheckpoint> Skipped { get; init; } = [];
}

/// <summary>What a checkpoint gave back: the records of a model, its optimizer and the learning rate scheduler.</summary>
/// <typeparam name="TModel">The type of the model's record.</typeparam>
/// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
/// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
/// <param name="Epoch">The epoch it was saved at.</param>
/// <param name="Model">The model's record.</param>
/// <param name="Optim">The optimizer's record.</param>
/// <param name="Scheduler">The scheduler's record.</param>
public sealed record Checkpoint<TModel, TOptim, TScheduler>(int Epoch, TModel Model, TOptim Optim, TScheduler Scheduler)
{
    /// <inheritdoc cref="Checkpoint{TModel}.Skipped"/>
    public IReadOnlyList<SkippedCheckpoint> Skipped { get; init; } = [];
}

/// <summary>A checkpoint that could not be restored.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record SkippedCheckpoint(int Epoch, RecordProblem Problem);
