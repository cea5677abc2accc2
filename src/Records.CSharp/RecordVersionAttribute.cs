namespace Records;

/// <summary>
/// The version of a type's layout, counted from 1, which needs no attribute. For every older one there must be a way to this one, marked
/// <see cref="RecordMigrationAttribute"/>.
/// </summary>
/// <param name="version">The version.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RecordVersionAttribute(int version) : Attribute
{
    /// <summary>The version.</summary>
    public int Version { get; } = version;
}
