namespace Records;

/// <summary>The version of a record's layout and the ways to it: what <see cref="RecordVersionAttribute"/> comes to.</summary>
public sealed class RecordVersions
{
    private readonly IReadOnlyList<RecordStep> steps;

    private RecordVersions(string name, int number, IReadOnlyList<RecordStep> steps) => (Name, Number, this.steps) = (name, number, steps);

    /// <summary>Version 1, as which everything begins.</summary>
    public static RecordVersions First { get; } = new("", 1, []);

    internal string Name { get; }

    internal int Number { get; }

    internal string NameOf<TRecord>() => Name.Length > 0 ? Name : typeof(TRecord).Name;

    /// <summary>A version with no way to it yet.</summary>
    /// <param name="name">What the type is called in messages.</param>
    /// <param name="version">The version.</param>
    public static RecordVersions Of(string name, int version) => new(name, version, []);

    /// <summary>The same, with a way from an older type's version and, through it, from those before.</summary>
    /// <typeparam name="TOld">The older type's record.</typeparam>
    /// <typeparam name="TNew">This type's record.</typeparam>
    /// <param name="migrate">Makes this type's record of the older one.</param>
    public RecordVersions From<TOld, TNew>(Func<TOld, TNew> migrate)
        where TOld : class, IRecord<TOld>
        where TNew : class, IRecord<TNew> =>
        With(new RecordStep.Typed<TOld, TNew>(migrate));

    /// <summary>The same, with a way from the tree of a version to the tree of the next.</summary>
    /// <param name="version">The version it starts from.</param>
    /// <param name="schema">What a record of that version looks like.</param>
    /// <param name="migrate">Makes the tree of the next version.</param>
    public RecordVersions FromTree(int version, RecordSchema schema, Func<RecordTree, RecordTree> migrate) =>
        With(new RecordStep.Tree(version, schema, migrate));

    /// <summary>The step to take from that version: the one that starts there, else the one through the nearest type after it.</summary>
    internal RecordStep? StepFrom(int version) =>
        version >= Number ? null
        : steps.FirstOrDefault(step => step.Version == version)
            ?? steps.Where(step => step.TakesOlder && step.Version > version).MinBy(step => step.Version);

    private RecordVersions With(RecordStep step) => new(Name, Number, [.. steps, step]);
}
