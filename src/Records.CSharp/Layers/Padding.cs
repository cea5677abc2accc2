namespace Records;

/// <summary>What surrounds a row before a kernel moves along it.</summary>
[Constant]
public sealed record PaddingConfig1d
{
    private PaddingConfig1d(Core.Padding core) => Core = core;

    /// <summary>Nothing.</summary>
    public static PaddingConfig1d Valid { get; } = new(Records.Core.Padding.Valid);

    /// <summary>As much as makes the result as long as the input, divided by the stride; an odd one goes to the right.</summary>
    public static PaddingConfig1d Same { get; } = new(Records.Core.Padding.Same);

    internal Core.Padding Core { get; }

    /// <summary>So many on either side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static PaddingConfig1d Explicit(int size) => Explicit(size, size);

    /// <summary>So many on each side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static PaddingConfig1d Explicit(int left, int right)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        return new(Records.Core.Padding.NewExplicit(left, right));
    }

    /// <summary>As Burn prints it.</summary>
    public override string ToString() => Core is Core.Padding.Explicit sides
        ? FormattableString.Invariant($"Explicit({sides.Before}, {sides.After})")
        : Core.IsSame ? nameof(Same) : nameof(Valid);
}

/// <summary>What surrounds an image before a kernel moves over it.</summary>
[Constant]
public sealed record PaddingConfig2d
{
    private PaddingConfig2d(Core.Padding vertical, Core.Padding horizontal) => (Vertical, Horizontal) = (vertical, horizontal);

    /// <summary>Nothing.</summary>
    public static PaddingConfig2d Valid { get; } = new(Core.Padding.Valid, Core.Padding.Valid);

    /// <summary>
    /// As much as makes the result as large as the input, divided by the stride; an odd one goes to the bottom and the right.
    /// </summary>
    public static PaddingConfig2d Same { get; } = new(Core.Padding.Same, Core.Padding.Same);

    internal Core.Padding Vertical { get; }

    internal Core.Padding Horizontal { get; }

    /// <summary>So many rows above and below, so many columns on either side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static PaddingConfig2d Explicit(int height, int width) => Explicit(height, width, height, width);

    /// <summary>So many on each side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static PaddingConfig2d Explicit(int top, int left, int bottom, int right)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(bottom);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        return new(Core.Padding.NewExplicit(top, bottom), Core.Padding.NewExplicit(left, right));
    }

    /// <summary>As Burn prints it: top, left, bottom, right.</summary>
    public override string ToString() => (Vertical, Horizontal) is (Core.Padding.Explicit rows, Core.Padding.Explicit columns)
        ? FormattableString.Invariant($"Explicit({rows.Before}, {columns.Before}, {rows.After}, {columns.After})")
        : Vertical.IsSame ? nameof(Same) : nameof(Valid);
}
