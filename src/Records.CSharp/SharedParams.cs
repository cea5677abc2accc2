namespace Records;

/// <summary>The parameters that one load has taken from a record: what the record shares, the module shares.</summary>
internal sealed class SharedParams
{
    private readonly Dictionary<string, List<(Param Source, Core.Dtype Dtype, Param Loaded)>> byId = [];

    /// <summary>What was loaded before from the same parameter, or from one of the same id and value.</summary>
    internal Param? Find(Param source, Core.Dtype dtype)
    {
        if (!byId.TryGetValue(source.CoreId.Item, out var known))
            return null;
        foreach (var (other, otherDtype, loaded) in known)
        {
            if (otherDtype.Equals(dtype) && (ReferenceEquals(other, source) || SameValue(other, source)))
                return loaded;
        }

        return null;
    }

    internal void Add(Param source, Core.Dtype dtype, Param loaded)
    {
        if (!byId.TryGetValue(source.CoreId.Item, out var known))
            byId.Add(source.CoreId.Item, known = []);
        known.Add((source, dtype, loaded));
    }

    // A file holds a shared parameter once for each path. Copies of one module have its ids too, and may have been trained apart:
    // only equal bytes make them one again. Files of other frameworks have no ids, and nothing is shared for that.
    private static bool SameValue(Param one, Param other) =>
        one.CoreId.Item.Length > 0
        && one.IsInitialised && other.IsInitialised
        && one.CoreDtype.Equals(other.CoreDtype)
        && one.Shape.SequenceEqual(other.Shape)
        && SameBytes(one.Data.Bytes, other.Data.Bytes);

    private static bool SameBytes(Core.Slice one, Core.Slice other)
    {
        if (one.Length != other.Length)
            return false;
        if (ReferenceEquals(one.Source, other.Source) && one.Offset == other.Offset)
            return true;
        const int step = 1 << 20;
        for (long start = 0; start < one.Length; start += step)
        {
            int length = (int)Math.Min(step, one.Length - start);
            var left = one.Source.Read(one.Offset + start, length);
            var right = other.Source.Read(other.Offset + start, length);
            if (!left.Span.SequenceEqual(right.Span))
                return false;
        }

        return true;
    }
}
