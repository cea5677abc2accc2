using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>The core's shapes from ours.</summary>
internal static class Shapes
{
    internal static Core.Shape Of(ReadOnlySpan<long> dims, string argument) =>
        Core.ShapeModule.create(ListModule.OfArray(dims.ToArray())).OrArgument(argument);

    internal static IReadOnlyList<long> ToFace(this Core.Shape shape) =>
        Array.AsReadOnly(ListModule.ToArray(Core.ShapeModule.dims(shape)));

    /// <summary>Rows and columns as Rust prints an array of them.</summary>
    internal static string Text((int Height, int Width) size) => FormattableString.Invariant($"[{size.Height}, {size.Width}]");

    /// <summary>The sizes of a volume as Rust prints an array of them.</summary>
    internal static string Text((int Depth, int Height, int Width) size) =>
        FormattableString.Invariant($"[{size.Depth}, {size.Height}, {size.Width}]");
}
