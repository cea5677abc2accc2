namespace Records;

/// <summary>
/// A record whose tensors are still in their file: each is read whenever it is touched, and nothing is kept; what is used again and again
/// is better loaded. Dispose it when done; a tensor that is touched after that throws <see cref="ObjectDisposedException"/>, and so does one that
/// another thread is reading, between two of its parts. Those of compressed files and of JSON are in memory and stay.
/// </summary>
/// <typeparam name="TRecord">The record's type.</typeparam>
public sealed class OpenedRecord<TRecord> : IDisposable where TRecord : IRecord<TRecord>
{
    private readonly Core.Opened opened;

    internal OpenedRecord(Core.Opened opened, TRecord record)
    {
        this.opened = opened;
        Record = record;
        Metadata = RecordMetadata.Of(opened.Document.Metadata);
    }

    /// <summary>The record.</summary>
    public TRecord Record { get; }

    /// <summary>What the file says of itself.</summary>
    public RecordMetadata Metadata { get; }

    /// <summary>Closes the file.</summary>
    public void Dispose() => ((IDisposable)opened).Dispose();
}
