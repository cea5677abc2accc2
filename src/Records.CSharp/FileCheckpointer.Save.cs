namespace Records;

/// <content>Saving what a learner has.</content>
public sealed partial class FileCheckpointer
{
    /// <summary>Saves the model of an epoch.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    public bool Save<TModel>(int epoch, TModel model, IReadOnlyList<(string Name, double Value)>? metrics = null)
        where TModel : IRecord<TModel> =>
        Save(epoch, new CheckpointSet().WithModel(model), metrics);

    /// <summary>Saves the model of an epoch on another thread. Cancelling leaves the files of the folder as they were.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <param name="progress">Told after each piece that is written. Bytes are counted over all files.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<bool> SaveAsync<TModel>(
        int epoch,
        TModel model,
        IReadOnlyList<(string Name, double Value)>? metrics = null,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel> =>
        SaveAsync(epoch, new CheckpointSet().WithModel(model), metrics, progress, cancellationToken);

    /// <summary>Saves the model and the optimizer of an epoch.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model's record.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    public bool Save<TModel, TOptim>(int epoch, TModel model, TOptim optim, IReadOnlyList<(string Name, double Value)>? metrics = null)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim> =>
        Save(epoch, new CheckpointSet().WithModel(model).WithOptim(optim), metrics);

    /// <summary>Saves the model and the optimizer of an epoch on another thread. Cancelling leaves the files of the folder as they were.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model's record.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <param name="progress">Told after each piece that is written. Bytes are counted over all files.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<bool> SaveAsync<TModel, TOptim>(
        int epoch,
        TModel model,
        TOptim optim,
        IReadOnlyList<(string Name, double Value)>? metrics = null,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim> =>
        SaveAsync(epoch, new CheckpointSet().WithModel(model).WithOptim(optim), metrics, progress, cancellationToken);

    /// <summary>Saves model, optimizer and scheduler of an epoch.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model's record.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="scheduler">The scheduler's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    public bool Save<TModel, TOptim, TScheduler>(int epoch, TModel model, TOptim optim, TScheduler scheduler, IReadOnlyList<(string Name, double Value)>? metrics = null)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler> =>
        Save(epoch, new CheckpointSet().WithModel(model).WithOptim(optim).WithScheduler(scheduler), metrics);

    /// <summary>Saves model, optimizer and scheduler of an epoch on another thread. Cancelling leaves the files of the folder as they were.</summary>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model's record.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="scheduler">The scheduler's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <param name="progress">Told after each piece that is written. Bytes are counted over all files.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<bool> SaveAsync<TModel, TOptim, TScheduler>(
        int epoch,
        TModel model,
        TOptim optim,
        TScheduler scheduler,
        IReadOnlyList<(string Name, double Value)>? metrics = null,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler> =>
        SaveAsync(epoch, new CheckpointSet().WithModel(model).WithOptim(optim).WithScheduler(scheduler), metrics, progress, cancellationToken);

    /// <summary>Saves the model of an epoch.</summary>
    /// <typeparam name="TModule">The model's type.</typeparam>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model. Parameters not drawn yet are drawn.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    public bool Save<TModule, TModel>(int epoch, IModule<TModule, TModel> model, IReadOnlyList<(string Name, double Value)>? metrics = null)
        where TModule : IModule<TModule, TModel>
        where TModel : IRecord<TModel> =>
        Save(epoch, new CheckpointSet().WithModel(model), metrics);

    /// <summary>Saves the model of an epoch on another thread. Cancelling leaves the files of the folder as they were.</summary>
    /// <typeparam name="TModule">The model's type.</typeparam>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model. Parameters not drawn yet are drawn.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <param name="progress">Told after each piece that is written. Bytes are counted over all files.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<bool> SaveAsync<TModule, TModel>(
        int epoch,
        IModule<TModule, TModel> model,
        IReadOnlyList<(string Name, double Value)>? metrics = null,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModule : IModule<TModule, TModel>
        where TModel : IRecord<TModel> =>
        SaveAsync(epoch, new CheckpointSet().WithModel(model), metrics, progress, cancellationToken);

    /// <summary>Saves the model and the optimizer of an epoch.</summary>
    /// <typeparam name="TModule">The model's type.</typeparam>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model. Parameters not drawn yet are drawn.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    public bool Save<TModule, TModel, TOptim>(int epoch, IModule<TModule, TModel> model, TOptim optim, IReadOnlyList<(string Name, double Value)>? metrics = null)
        where TModule : IModule<TModule, TModel>
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim> =>
        Save(epoch, new CheckpointSet().WithModel(model).WithOptim(optim), metrics);

    /// <summary>Saves the model and the optimizer of an epoch on another thread. Cancelling leaves the files of the folder as they were.</summary>
    /// <typeparam name="TModule">The model's type.</typeparam>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model. Parameters not drawn yet are drawn.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <param name="progress">Told after each piece that is written. Bytes are counted over all files.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<bool> SaveAsync<TModule, TModel, TOptim>(
        int epoch,
        IModule<TModule, TModel> model,
        TOptim optim,
        IReadOnlyList<(string Name, double Value)>? metrics = null,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModule : IModule<TModule, TModel>
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim> =>
        SaveAsync(epoch, new CheckpointSet().WithModel(model).WithOptim(optim), metrics, progress, cancellationToken);

    /// <summary>Saves model, optimizer and scheduler of an epoch.</summary>
    /// <typeparam name="TModule">The model's type.</typeparam>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model. Parameters not drawn yet are drawn.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="scheduler">The scheduler's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    public bool Save<TModule, TModel, TOptim, TScheduler>(int epoch, IModule<TModule, TModel> model, TOptim optim, TScheduler scheduler, IReadOnlyList<(string Name, double Value)>? metrics = null)
        where TModule : IModule<TModule, TModel>
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler> =>
        Save(epoch, new CheckpointSet().WithModel(model).WithOptim(optim).WithScheduler(scheduler), metrics);

    /// <summary>Saves model, optimizer and scheduler of an epoch on another thread. Cancelling leaves the files of the folder as they were.</summary>
    /// <typeparam name="TModule">The model's type.</typeparam>
    /// <typeparam name="TModel">The type of the model's record.</typeparam>
    /// <typeparam name="TOptim">The type of the optimizer's record.</typeparam>
    /// <typeparam name="TScheduler">The type of the scheduler's record.</typeparam>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="model">The model. Parameters not drawn yet are drawn.</param>
    /// <param name="optim">The optimizer's record.</param>
    /// <param name="scheduler">The scheduler's record.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <param name="progress">Told after each piece that is written. Bytes are counted over all files.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<bool> SaveAsync<TModule, TModel, TOptim, TScheduler>(
        int epoch,
        IModule<TModule, TModel> model,
        TOptim optim,
        TScheduler scheduler,
        IReadOnlyList<(string Name, double Value)>? metrics = null,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TModule : IModule<TModule, TModel>
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler> =>
        SaveAsync(epoch, new CheckpointSet().WithModel(model).WithOptim(optim).WithScheduler(scheduler), metrics, progress, cancellationToken);
}
