using System.ComponentModel;

namespace Records;

/// <summary>What generated code does to each item of a list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RecordItems
{
    /// <summary>Each item as something else, in one array.</summary>
    /// <typeparam name="TItem">What the items are.</typeparam>
    /// <typeparam name="TResult">What they become.</typeparam>
    /// <param name="items">The items.</param>
    /// <param name="select">What becomes of one.</param>
    public static TResult[] Select<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, TResult> select)
    {
        var results = new TResult[items.Count];
        for (int index = 0; index < results.Length; index++)
            results[index] = select(items[index]);
        return results;
    }

    /// <summary>The items where they can be counted and indexed without being changed.</summary>
    /// <typeparam name="TItem">What the items are.</typeparam>
    /// <param name="items">The items.</param>
    public static IReadOnlyList<TItem>? Indexed<TItem>(IList<TItem>? items) => items is null ? null : [.. items];
}
