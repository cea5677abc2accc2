using Microsoft.FSharp.Core;

namespace Records;

/// <summary>Results of the core as values or exceptions.</summary>
internal static class Results
{
    /// <summary>The value; an error is the fault of the caller who passed this argument.</summary>
    internal static T OrArgument<T>(this FSharpResult<T, Core.RecordError> result, string argument) =>
        result.IsOk
            ? result.ResultValue
            : throw new ArgumentException(Core.RecordErrorModule.message(Core.RecordErrorModule.under(argument, result.ErrorValue)), argument);
}
