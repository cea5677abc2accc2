namespace Records;

/// <summary>A typed, immutable tree of values. Its static members let a recorder load it knowing nothing but the type.</summary>
/// <typeparam name="TSelf">The record itself.</typeparam>
public interface IRecord<TSelf> where TSelf : IRecord<TSelf>
{
    /// <summary>What the record looks like in a file.</summary>
    static abstract RecordSchema Schema { get; }

    /// <summary>The version of that layout and the ways to it from older ones. Version 1, unless said otherwise.</summary>
    static virtual RecordVersions Versions => RecordVersions.First;

    /// <summary>The record at the reader's place. What does not fit is told to the reader; nothing is thrown.</summary>
    /// <param name="reader">The place to read; of no use once this has returned.</param>
    static abstract TSelf Read(RecordReader reader);

    /// <summary>Writes the fields, or the case, of this record.</summary>
    /// <param name="writer">The place to write to.</param>
    void Write(RecordWriter writer);
}
