using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Records;

/// <summary>
/// What an optimizer records: the state of each parameter by its id, in the order of the file. Only parameters that had a gradient are
/// there. Immutable; another one is made of changed entries.
/// </summary>
/// <typeparam name="TState">What is kept for one parameter.</typeparam>
public abstract class OptimizerRecord<TState> : IReadOnlyDictionary<ParamId, TState>
    where TState : class, IOptimizerState<TState>
{
    // The most dimensions that Burn's optimizers have a case for.
    private const int MaxRank = 8;

    private readonly OrderedDictionary<ParamId, TState> states = [];

    private protected OptimizerRecord(IEnumerable<KeyValuePair<ParamId, TState>> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        foreach (var (id, state) in states)
        {
            ArgumentNullException.ThrowIfNull(state, nameof(states));
            this.states.Add(id, state);
        }
    }

    /// <inheritdoc/>
    public int Count => states.Count;

    /// <summary>The ids, in the order of the file.</summary>
    public IEnumerable<ParamId> Keys => states.Keys;

    /// <summary>The states, in the order of the file.</summary>
    public IEnumerable<TState> Values => states.Values;

    /// <inheritdoc/>
    public TState this[ParamId key] => states[key];

    /// <inheritdoc/>
    public bool ContainsKey(ParamId key) => states.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(ParamId key, [MaybeNullWhen(false)] out TState value) => states.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<ParamId, TState>> GetEnumerator() => states.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The type and the number of states.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{GetType().Name} of {Count}");

    // {"<id>": {"V1": {"Rank2": state}}}. Rank0 came with Burn 0.13, and moved the numbers of all others.
    private protected static RecordSchema Layout(RecordSchema state) => RecordSchema.Map(RecordSchema.Enum(("V1", RecordSchema.Versioned(
        ("0.7", RecordSchema.Enum([.. Enumerable.Range(1, MaxRank).Select(rank => (Case(rank), state))])),
        ("0.13", RecordSchema.Enum([.. Enumerable.Range(0, MaxRank + 1).Select(rank => (Case(rank), state))]))))));

    private protected static IEnumerable<KeyValuePair<ParamId, TState>> ReadStates(RecordReader reader)
    {
        var found = reader.MapById(static r => r.Required("an optimizer's state", static r => ReadState(r)));
        return reader.Failed || found is null ? [] : found;
    }

    private protected void WriteStates(RecordWriter writer) => writer.Whole(states, static (w, v) => w.Map(v, static (w, state) =>
    {
        if (state.Rank > MaxRank)
            w.Fault(Core.RecordError.NewUnsupported(w.Path, $"Burn's optimizers keep states of at most {MaxRank} dimensions"));
        w.Case(0, "V1", state, static (w, state) => w.Case(state.Rank, Case(state.Rank), state, static (w, state) => w.Record(state)));
    }));

    private static TState? ReadState(RecordReader reader)
    {
        string? version = reader.Case(out var versioned);
        if (version is not "V1")
            return reader.OtherCase<TState>(version, "V1");
        string? found = versioned.Case(out var payload);
        int rank = Enumerable.Range(0, MaxRank + 1).FirstOrDefault(rank => Case(rank) == found, -1);
        if (rank < 0)
            return found is null ? versioned.Required<TState>("a rank", static _ => null) : versioned.OtherCase<TState>(found, Case(0), "...", Case(MaxRank));
        var state = payload.Required("a state", static r => r.Record<TState>());
        if (payload.Failed)
            return null;
        return state.OfRank(rank) ?? payload.OtherCase<TState>(string.Create(CultureInfo.InvariantCulture, $"of rank {state.Rank}"), Case(rank));
    }

    private static string Case(int rank) => string.Create(CultureInfo.InvariantCulture, $"Rank{rank}");
}
