namespace Records;

/// <summary>What surrounds a volume before a kernel moves through it.</summary>
[Constant]
public sealed record PaddingConfig3d
{
    private PaddingConfig3d(Core.Padding deep, Core.Padding vertical, Core.Padding horizontal) =>
        (Deep, Vertical, Horizontal) = (deep, vertical, horizontal);

    /// <summary>Nothing.</summary>
    public static PaddingConfig3d Valid { get; } = new(Core.Padding.Valid, Core.Padding.Valid, Core.Padding.Valid);

    /// <summary>
    /// As much as makes the result as large as the input, divided by the stride; an odd one goes to the end of its axis.
    /// </summary>
    public static PaddingConfig3d Same { get; } = new(Core.Padding.Same, Core.Padding.Same, Core.Padding.Same);

    internal Core.Padding Deep { get; }

    internal Core.Padding Vertical { get; }

    internal Core.Padding Horizontal { get; }

    /// <summary>So many on both sides of each axis.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static PaddingConfig3d Explicit(int depth, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        return new(
            Core.Padding.NewExplicit(depth, depth),
            Core.Padding.NewExplicit(height, height),
            Core.Padding.NewExplicit(width, width));
    }

    /// <summary>As Burn prints it: depth, height, width.</summary>
    public override string ToString() =>
        (Deep, Vertical, Horizontal) is (Core.Padding.Explicit deep, Core.Padding.Explicit rows, Core.Padding.Explicit columns)
            ? FormattableString.Invariant($"Explicit({deep.Before}, {rows.Before}, {columns.Before})")
            : Deep.IsSame ? nameof(Same) : nameof(Valid);
}
