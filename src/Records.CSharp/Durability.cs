namespace Records;

/// <summary>How far a save goes before it says that it is done. Either way the file is the old one or the new one, whole.</summary>
public enum Durability
{
    /// <summary>Bytes and name are on the disk: a power failure leaves the new file.</summary>
    Flushed,

    /// <summary>
    /// The system writes the bytes out when it likes: a crash of the program is outlived, a power failure may leave the old file
    /// or an empty one.
    /// </summary>
    Renamed,
}
