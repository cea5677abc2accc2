namespace Records;

/// <summary>Says that the length of an array or list is part of its type, as it is of Rust's <c>[T; 2]</c>.</summary>
/// <param name="length">The number of items, one or more.</param>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property, Inherited = false)]
public sealed class LengthAttribute(int length) : Attribute
{
    /// <summary>The number of items.</summary>
    public int Length => length;
}
