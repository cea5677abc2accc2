namespace Records;

/// <summary>
/// A static method that leads from an older version: from the older type's record to this type's (a <c>[Record]</c> type is its own), or,
/// with a version and a schema, from that version's tree to the next one's.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordMigrationAttribute : Attribute
{
    /// <summary>The method takes the record of an older type.</summary>
    public RecordMigrationAttribute()
    {
    }

    /// <summary>The method takes a <see cref="RecordTree"/> of that version and gives one of the next.</summary>
    /// <param name="version">The version it starts from.</param>
    /// <param name="schema">The name of a static property with that version's <see cref="RecordSchema"/>.</param>
    public RecordMigrationAttribute(int version, string schema) => (Version, Schema) = (version, schema);

    /// <summary>The version that a tree is of, or 0 where the method's parameter says it.</summary>
    public int Version { get; }

    /// <summary>The name of the property with the tree's schema.</summary>
    public string? Schema { get; }
}
