using Microsoft.FSharp.Core;

namespace Records;

/// <summary>Nulls as the core's options.</summary>
internal static class Options
{
    internal static FSharpOption<T>? ToOption<T>(this T? value) where T : struct =>
        value is { } some ? FSharpOption<T>.Some(some) : null;

    internal static FSharpOption<T>? ToOption<T>(this T value) where T : class => FSharpOption<T>.Some(value);
}
