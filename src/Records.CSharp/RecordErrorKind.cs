namespace Records;

/// <summary>What kind of thing went wrong between a record and its bytes.</summary>
public enum RecordErrorKind
{
    /// <summary>Nothing is at this place.</summary>
    NotFound,

    /// <summary>The bytes are another format than the one asked for.</summary>
    WrongFormat,

    /// <summary>The bytes break the rules of their format.</summary>
    Malformed,

    /// <summary>There is no value at this path and one is needed.</summary>
    Missing,

    /// <summary>There is a value at this path and no place for it.</summary>
    Unexpected,

    /// <summary>The value at this path has another dtype, shape, length or variant than the one needed.</summary>
    Mismatch,

    /// <summary>Values at this path do not fit the dtype they should become.</summary>
    OutOfRange,

    /// <summary>A declared size is above the limit.</summary>
    TooLarge,

    /// <summary>Correct, but not something that this format, version or recorder can do.</summary>
    Unsupported,

    /// <summary>The place failed.</summary>
    Io,

    /// <summary>Several problems, each as it would be reported alone.</summary>
    Several,
}
