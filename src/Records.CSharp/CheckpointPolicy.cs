using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>
/// Which checkpoints stay when another is saved. A checkpoint that its policy would not keep is not saved in the first place. Checkpoints of
/// later epochs are of another run, and stay whatever the policy is.
/// </summary>
public sealed class CheckpointPolicy
{
    private CheckpointPolicy(Core.KeepPolicy core) => Inner = core;

    internal Core.KeepPolicy Inner { get; }

    /// <summary>What Burn's learner does unless told otherwise: the last two checkpoints, and the one with the lowest <c>Loss</c>.</summary>
    public static CheckpointPolicy Default { get; } = new(Core.KeepPolicyModule.burn);

    /// <summary>All checkpoints stay.</summary>
    public static CheckpointPolicy KeepAll { get; } = new(Core.KeepPolicy.All);

    /// <summary>The newest checkpoints stay: those of the largest epochs.</summary>
    /// <param name="count">How many, one or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">None would stay.</exception>
    public static CheckpointPolicy KeepLast(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new(Core.KeepPolicy.NewLast(count));
    }

    /// <summary>
    /// The checkpoint with the best value of a metric stays, the earlier one of two that are equal. NaN and infinity are never the best. Where
    /// no checkpoint has the metric, the newest stays; one that was not saved by a checkpointer may be the best, and stays.
    /// </summary>
    /// <param name="metric">The metric's name, as it is given to <c>Save</c>.</param>
    /// <param name="direction">Which values are better.</param>
    public static CheckpointPolicy KeepBest(string metric = "Loss", MetricDirection direction = MetricDirection.Lowest)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var better = direction == MetricDirection.Highest ? Core.MetricDirection.Highest : Core.MetricDirection.Lowest;
        return new(Core.KeepPolicy.NewBest(metric, better));
    }

    /// <summary>Whatever one of several policies keeps stays.</summary>
    /// <param name="policies">The policies, one or more.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static CheckpointPolicy Composed(params IReadOnlyList<CheckpointPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        if (policies.Count == 0)
            throw new ArgumentException("A policy is composed of one or more.", nameof(policies));
        return new(Core.KeepPolicy.NewComposed(ListModule.OfSeq(policies.Select(policy => policy.Inner))));
    }
}
