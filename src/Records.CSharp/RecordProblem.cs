using System.Globalization;
using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>One thing that is wrong with a record or its file, or several of them together.</summary>
public sealed class RecordProblem
{
    private RecordProblem(RecordErrorKind kind, Core.RecordError error)
    {
        Kind = kind;
        Message = Core.RecordErrorModule.message(error);
        Problems = [this];
    }

    /// <summary>What kind of thing went wrong.</summary>
    public RecordErrorKind Kind { get; }

    /// <summary>Where in the record, names joined by dots: <c>encoder.0.weight</c>; null where no path is known.</summary>
    public string? Path { get; private init; }

    /// <summary>Which file or place; null where it is not about one.</summary>
    public string? Location { get; private init; }

    /// <summary>The byte in the file, where that is known.</summary>
    public long? Offset { get; private init; }

    /// <summary>What was needed there.</summary>
    public string? Expected { get; private init; }

    /// <summary>What was there.</summary>
    public string? Actual { get; private init; }

    /// <summary>One sentence a person can act on; a line for each of several problems.</summary>
    public string Message { get; }

    /// <summary>Each problem alone: this one itself, unless the kind is <see cref="RecordErrorKind.Several"/>.</summary>
    public IReadOnlyList<RecordProblem> Problems { get; private init; }

    /// <inheritdoc/>
    public override string ToString() => Message;

    internal static RecordProblem Of(Core.RecordError error) => error switch
    {
        Core.RecordError.NotFound e => new(RecordErrorKind.NotFound, error) { Location = e.Location },
        Core.RecordError.WrongFormat e => new(RecordErrorKind.WrongFormat, error) { Location = e.Location, Expected = e.Expected, Actual = e.Actual },
        Core.RecordError.Malformed e => new(RecordErrorKind.Malformed, error) { Path = Dotted(e.Path), Offset = e.Offset, Expected = e.Expected, Actual = e.Actual },
        Core.RecordError.Missing e => new(RecordErrorKind.Missing, error) { Path = Dotted(e.Path), Expected = e.Expected },
        Core.RecordError.Unexpected e => new(RecordErrorKind.Unexpected, error) { Path = Dotted(e.Path), Actual = e.Actual },
        Core.RecordError.Mismatch e => new(RecordErrorKind.Mismatch, error) { Path = Dotted(e.Path), Expected = e.Expected, Actual = e.Actual },
        Core.RecordError.OutOfRange e => new(RecordErrorKind.OutOfRange, error) { Path = Dotted(e.Path), Expected = e.Target, Actual = e.Value },
        Core.RecordError.TooLarge e => new(RecordErrorKind.TooLarge, error) { Path = Dotted(e.Path), Expected = AtMost(e.Limit), Actual = Number(e.Actual) },
        Core.RecordError.Unsupported e => new(RecordErrorKind.Unsupported, error) { Path = Dotted(e.Path) },
        Core.RecordError.Io e => new(RecordErrorKind.Io, error) { Location = e.Location },
        Core.RecordError.Many e => new(RecordErrorKind.Several, error) { Problems = [.. e.Problems.SelectMany(problem => Of(problem).Problems)] },
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    private static string? Dotted(FSharpList<string> path) => path.IsEmpty ? null : string.Join('.', path);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string AtMost(long limit) => "at most " + Number(limit);
}
