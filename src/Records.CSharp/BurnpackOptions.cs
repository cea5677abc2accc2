using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>What a burnpack recorder reads and writes beyond the plain. Immutable: <c>BurnpackOptions.Strict with { … }</c>.</summary>
public sealed record BurnpackOptions
{
    /// <summary>Reads what Burn's writer writes, in all its versions, and writes what Burn reads.</summary>
    public static BurnpackOptions Strict { get; } = new();

    /// <summary>
    /// Where given, files that break the rules are read as far as that can be done without a guess: names twice, tensors on the same bytes,
    /// holes, bytes after the end, starts off the grid, shapes that are not those of the bytes, version 0, changes beside the tensors of a
    /// sealed file. It is told each thing forgiven.
    /// </summary>
    public Action<RecordProblem>? Forgive { get; init; }

    /// <summary>User metadata that is written to each file. Burn shows it and asks for none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Bytes of metadata that are written at most. Burn reads no more than 100 MiB.</summary>
    public long MetadataBytes { get; init; } = Core.Burnpack.burnLimits.MetadataBytes;

    /// <summary>Tensors that are written or read at most. Burn reads no more than 100,000.</summary>
    public int Tensors { get; init; } = Core.Burnpack.burnLimits.Tensors;

    /// <summary>Bytes of one tensor that are written at most. Burn reads no more than 10 GiB.</summary>
    public long TensorBytes { get; init; } = Core.Burnpack.burnLimits.TensorBytes;

    /// <summary>Bytes of a file that are written at most. Burn reads no more than 100 GiB.</summary>
    public long FileBytes { get; init; } = Core.Burnpack.burnLimits.FileBytes;

    internal Core.Recorder ToCore()
    {
        var report = Forgive is { } forgive
            ? FSharpOption<FSharpFunc<Core.RecordError, Unit>>.Some(
                FuncConvert.FromAction<Core.RecordError>(error => forgive(RecordProblem.Of(error))))
            : null;
        var recorder = Core.RecorderModule.burnpackWith(new(MetadataBytes, Tensors, TensorBytes, FileBytes), report);
        return Metadata.Count == 0
            ? recorder
            : Core.RecorderModule.burnpackMetadata(MapModule.OfSeq(Metadata.Select(entry => Tuple.Create(entry.Key, entry.Value))), recorder);
    }
}
