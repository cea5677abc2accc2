using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>A record that could not be saved or loaded. <see cref="Error"/> says why; nothing was changed.</summary>
public sealed class RecordException : Exception
{
    internal RecordException(Core.RecordError error)
        : base(Core.RecordErrorModule.message(error), (error as Core.RecordError.Io)?.Cause) => (Fault, Error) = (error, RecordProblem.Of(error));

    /// <summary>The core's error.</summary>
    internal Core.RecordError Fault { get; }

    /// <summary>What is wrong, to switch on.</summary>
    public RecordProblem Error { get; }

    /// <summary>Each problem alone, when there are several; otherwise the one.</summary>
    public IReadOnlyList<RecordProblem> Problems => Error.Problems;

    /// <summary>Several faults as one exception, or the only one as itself.</summary>
    internal static RecordException Of(IReadOnlyList<Core.RecordError> faults) =>
        new(faults.Count == 1 ? faults[0] : Core.RecordError.NewMany(ListModule.OfSeq(faults)));
}

internal static class ResultExtensions
{
    /// <summary>The value, or the error as an exception: the one place where a result becomes a throw.</summary>
    internal static T OrThrow<T>(this FSharpResult<T, Core.RecordError> result) =>
        result.IsOk ? result.ResultValue : throw new RecordException(result.ErrorValue);
}
