namespace Records;

/// <summary>How far a save or load has come.</summary>
/// <param name="Bytes">Bytes of the file that are done.</param>
/// <param name="TotalBytes">Bytes of the file; null where that is not known beforehand, as when it is compressed on the way.</param>
/// <param name="Path">The tensor in hand, names joined by dots; null between tensors.</param>
public readonly record struct RecordProgress(long Bytes, long? TotalBytes, string? Path);
