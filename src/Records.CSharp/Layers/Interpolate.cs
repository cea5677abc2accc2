namespace Records;

/// <summary>How values between others are found.</summary>
public enum InterpolateMode
{
    /// <summary>The nearest one.</summary>
    Nearest,

    /// <summary>On the line between the two around it, in each axis.</summary>
    Linear,

    /// <summary>On a cubic through the four around it, in each axis.</summary>
    Cubic,

    /// <summary>By Lanczos's window of six.</summary>
    Lanczos,
}

/// <summary>Rows made longer or shorter. It holds a model's numbers, and cannot be run.</summary>
/// <param name="OutputSize">The length of the result; null where the factor says it.</param>
/// <param name="ScaleFactor">How much longer the result is; null where the length says it.</param>
/// <param name="Mode">How values between others are found.</param>
/// <param name="AlignCorners">Whether the ends meet.</param>
[Constant]
public sealed record Interpolate1d(
    int? OutputSize = null, float? ScaleFactor = null, InterpolateMode Mode = InterpolateMode.Nearest, bool AlignCorners = true);

/// <summary>Images made larger or smaller. It holds a model's numbers, and cannot be run.</summary>
/// <param name="OutputSize">The size of the result; null where the factor says it.</param>
/// <param name="ScaleFactor">How much larger the result is; null where the size says it.</param>
/// <param name="Mode">How values between others are found.</param>
/// <param name="AlignCorners">Whether the corners meet.</param>
[Constant]
public sealed record Interpolate2d(
    (int Height, int Width)? OutputSize = null,
    (float Height, float Width)? ScaleFactor = null,
    InterpolateMode Mode = InterpolateMode.Nearest,
    bool AlignCorners = true);
