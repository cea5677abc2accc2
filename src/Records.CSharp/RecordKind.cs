namespace Records;

/// <summary>What a node of a record is.</summary>
public enum RecordKind
{
    /// <summary>Named fields.</summary>
    Struct,

    /// <summary>Any number of items.</summary>
    List,

    /// <summary>Items whose number is part of the type.</summary>
    Array,

    /// <summary>Items each of its own type.</summary>
    Tuple,

    /// <summary>A value that may be absent, and is.</summary>
    None,

    /// <summary>One variant of several.</summary>
    Enum,

    /// <summary>Values by text.</summary>
    Map,

    /// <summary>A tensor with an id.</summary>
    Param,

    /// <summary>A tensor without one.</summary>
    Tensor,

    /// <summary>A number, text or truth value.</summary>
    Scalar,

    /// <summary>A constant, whose value is in no file.</summary>
    Constant,
}
