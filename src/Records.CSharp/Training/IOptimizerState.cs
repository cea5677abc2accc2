namespace Records;

/// <summary>What an optimizer keeps for one parameter.</summary>
/// <typeparam name="TSelf">The state itself.</typeparam>
public interface IOptimizerState<TSelf> : IRecord<TSelf> where TSelf : class, IOptimizerState<TSelf>
{
    /// <summary>The number of dimensions of the parameter, by which Burn files the state.</summary>
    int Rank { get; }

    /// <summary>This state for a parameter of so many dimensions; null when its tensors have another number.</summary>
    /// <param name="rank">The number of dimensions.</param>
    TSelf? OfRank(int rank);
}
