using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>
/// Saves training states by epoch as Burn's learner does, to <c>model-N</c>, <c>optim-N</c> and <c>scheduler-N</c> in a folder, keeps those
/// that its policy names, and restores the newest that is whole. Safe to use from several threads, but only one program at a time saves to a
/// folder.
/// </summary>
/// <remarks>
/// A checkpoint is on the disk, all of it, before it gets its names and before an older one goes; a save that fails, is cancelled or killed
/// leaves what was there. Metrics are kept in the folder, in <c>checkpoints.json</c>, so that a program that starts again knows its best
/// checkpoint. Files that merely look like checkpoints are left alone, and links to elsewhere are not followed.
/// </remarks>
public sealed partial class FileCheckpointer
{
    private readonly Core.Checkpointer core;

    /// <summary>Checkpoints in a folder.</summary>
    /// <param name="folder">The folder; Burn's learner calls it <c>checkpoint</c>. It is created by the first save.</param>
    /// <param name="recorder">The way to save.</param>
    /// <param name="policy">Which checkpoints stay; unless said, the last two and the one with the lowest <c>Loss</c>.</param>
    public FileCheckpointer(string folder, FileRecorder recorder, CheckpointPolicy? policy = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(recorder);
        var (inner, options) = recorder.Parts;
        core = new(folder, inner, options, (policy ?? CheckpointPolicy.Default).Inner);
    }

    /// <summary>The folder.</summary>
    public string Folder => core.Folder;

    /// <summary>The epochs of which there is a checkpoint, or a part of one, from the first to the last.</summary>
    /// <exception cref="RecordException">The folder cannot be read.</exception>
    public IReadOnlyList<int> Epochs => [.. Core.Checkpoints.epochs(core).OrThrow()];

    /// <summary>Saves the checkpoint of an epoch. All of what that epoch had before is replaced.</summary>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="set">What to save.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    public bool Save(int epoch, CheckpointSet set, IReadOnlyList<(string Name, double Value)>? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Save(epoch, set, Metrics(metrics), RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>Saves the checkpoint of an epoch on another thread. Cancelling leaves the files of the folder as they were.</summary>
    /// <param name="epoch">The epoch, 0 or more.</param>
    /// <param name="set">What to save.</param>
    /// <param name="metrics">The epoch's metrics, by which the policy chooses: <c>[("Loss", 0.3)]</c>.</param>
    /// <param name="progress">Told after each piece that is written. Bytes are counted over all files.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <returns>Whether it was saved: false when the policy would not keep it.</returns>
    /// <exception cref="RecordException">A record lacks a value, does not fit the precision, or the disk failed. Older checkpoints are as they were.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<bool> SaveAsync(
        int epoch,
        CheckpointSet set,
        IReadOnlyList<(string Name, double Value)>? metrics = null,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        var measured = Metrics(metrics);
        return Task.Run(() => Save(epoch, set, measured, RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>Removes the checkpoint of an epoch. One that is not there is no error.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <exception cref="RecordException">The disk failed.</exception>
    public void Delete(int epoch) => Core.Checkpoints.deleteNow(core, epoch).OrThrow();

    /// <summary>Removes the checkpoint of an epoch on another thread. One that is not there is no error.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="cancellationToken">Stops it before it begins.</param>
    /// <exception cref="RecordException">The disk failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Task DeleteAsync(int epoch, CancellationToken cancellationToken = default) =>
        Task.Run(() => Delete(epoch), cancellationToken);

    private bool Save(int epoch, CheckpointSet set, FSharpMap<string, double> metrics, Core.Watch watch) =>
        Core.Checkpoints.saveNow(core, watch, epoch, metrics, ListModule.OfSeq(set.Parts(core.Recorder))).OrThrow();

    private static FSharpMap<string, double> Metrics(IReadOnlyList<(string Name, double Value)>? metrics) =>
        new((metrics ?? []).Select(metric => System.Tuple.Create(metric.Name, metric.Value)));

    private TCheckpoint Restored<TCheckpoint>(int epoch, CheckpointPlan<TCheckpoint> plan, Core.Watch watch)
    {
        var documents = Core.Checkpoints.restoreNow(core, watch, epoch, plan.Wishes).OrThrow();
        return plan.Decode(documents).OrThrow()(epoch, []);
    }

    private TCheckpoint? Newest<TCheckpoint>(CheckpointPlan<TCheckpoint> plan, Core.Watch watch) where TCheckpoint : class
    {
        var decode = FuncConvert.FromFunc<FSharpList<Core.Document>, FSharpResult<Func<int, IReadOnlyList<SkippedCheckpoint>, TCheckpoint>, Core.RecordError>>(plan.Decode);
        var found = Core.Checkpoints.restoreLatestNow(core, watch, plan.Wishes, decode).OrThrow();
        return found?.Value is { } latest
            ? latest.Value(latest.Epoch, [.. latest.Skipped.Select(skipped => new SkippedCheckpoint(skipped.Item1, RecordProblem.Of(skipped.Item2)))])
            : null;
    }
}
