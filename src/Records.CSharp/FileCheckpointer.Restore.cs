namespace Records;

/// <content>Restoring what a learner had.</content>
public sealed partial class FileCheckpointer
{
    /// <summary>Restores the model of an epoch.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="epoch">The epoch.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">Something is not there, is broken, or does not match. Everything that is wrong is listed.</exception>
    public Checkpoint<TModel> Restore<TModel>(int epoch, Device device)
        where TModel : IRecord<TModel>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Restored(epoch, CheckpointPlan.Of<TModel>(), RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>Restores the model of an epoch, on another thread.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="epoch">The epoch.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read. Bytes are counted over all files of a checkpoint.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">Something is not there, is broken, or does not match. Everything that is wrong is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<Checkpoint<TModel>> RestoreAsync<TModel>(
        int epoch,
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Task.Run(() => Restored(epoch, CheckpointPlan.Of<TModel>(), RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>
    /// Restores the model of the newest checkpoint that has them whole; null when there is no checkpoint at all.
    /// </summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">There are checkpoints, and none is whole: what is wrong with each is listed.</exception>
    public Checkpoint<TModel>? RestoreLatest<TModel>(Device device)
        where TModel : IRecord<TModel>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Newest(CheckpointPlan.Of<TModel>(), RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>
    /// Restores the model of the newest checkpoint that has them whole, on another thread; null when there is no checkpoint at all.
    /// </summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read. Bytes are counted over all files of a checkpoint.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">There are checkpoints, and none is whole: what is wrong with each is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<Checkpoint<TModel>?> RestoreLatestAsync<TModel>(
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Task.Run(() => Newest(CheckpointPlan.Of<TModel>(), RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>Restores the model and the optimizer of an epoch.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="epoch">The epoch.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">Something is not there, is broken, or does not match. Everything that is wrong is listed.</exception>
    public Checkpoint<TModel, TOptim> Restore<TModel, TOptim>(int epoch, Device device)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Restored(epoch, CheckpointPlan.Of<TModel, TOptim>(), RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>Restores the model and the optimizer of an epoch, on another thread.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="epoch">The epoch.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read. Bytes are counted over all files of a checkpoint.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">Something is not there, is broken, or does not match. Everything that is wrong is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<Checkpoint<TModel, TOptim>> RestoreAsync<TModel, TOptim>(
        int epoch,
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Task.Run(() => Restored(epoch, CheckpointPlan.Of<TModel, TOptim>(), RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>
    /// Restores the model and the optimizer of the newest checkpoint that has them whole; null when there is no checkpoint at all.
    /// </summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">There are checkpoints, and none is whole: what is wrong with each is listed.</exception>
    public Checkpoint<TModel, TOptim>? RestoreLatest<TModel, TOptim>(Device device)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Newest(CheckpointPlan.Of<TModel, TOptim>(), RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>
    /// Restores the model and the optimizer of the newest checkpoint that has them whole, on another thread; null when there is no checkpoint at all.
    /// </summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read. Bytes are counted over all files of a checkpoint.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">There are checkpoints, and none is whole: what is wrong with each is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<Checkpoint<TModel, TOptim>?> RestoreLatestAsync<TModel, TOptim>(
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Task.Run(() => Newest(CheckpointPlan.Of<TModel, TOptim>(), RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>Restores model, optimizer and scheduler of an epoch.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="epoch">The epoch.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">Something is not there, is broken, or does not match. Everything that is wrong is listed.</exception>
    public Checkpoint<TModel, TOptim, TScheduler> Restore<TModel, TOptim, TScheduler>(int epoch, Device device)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Restored(epoch, CheckpointPlan.Of<TModel, TOptim, TScheduler>(), RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>Restores model, optimizer and scheduler of an epoch, on another thread.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="epoch">The epoch.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read. Bytes are counted over all files of a checkpoint.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">Something is not there, is broken, or does not match. Everything that is wrong is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<Checkpoint<TModel, TOptim, TScheduler>> RestoreAsync<TModel, TOptim, TScheduler>(
        int epoch,
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Task.Run(() => Restored(epoch, CheckpointPlan.Of<TModel, TOptim, TScheduler>(), RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>
    /// Restores model, optimizer and scheduler of the newest checkpoint that has them whole; null when there is no checkpoint at all.
    /// </summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">There are checkpoints, and none is whole: what is wrong with each is listed.</exception>
    public Checkpoint<TModel, TOptim, TScheduler>? RestoreLatest<TModel, TOptim, TScheduler>(Device device)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Newest(CheckpointPlan.Of<TModel, TOptim, TScheduler>(), RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>
    /// Restores model, optimizer and scheduler of the newest checkpoint that has them whole, on another thread; null when there is no checkpoint at all.
    /// </summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read. Bytes are counted over all files of a checkpoint.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">There are checkpoints, and none is whole: what is wrong with each is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<Checkpoint<TModel, TOptim, TScheduler>?> RestoreLatestAsync<TModel, TOptim, TScheduler>(
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler>
    {
        ArgumentNullException.ThrowIfNull(device);
        return Task.Run(() => Newest(CheckpointPlan.Of<TModel, TOptim, TScheduler>(), RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }
}
