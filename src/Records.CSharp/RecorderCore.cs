using System.Globalization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>The core's recorder by C# means: the bridge that both kinds of recorder stand on.</summary>
internal static class RecorderCore
{
    internal static Core.Precision ToCore(this Precision precision) => precision switch
    {
        Precision.Full => Core.Precision.Full,
        Precision.Half => Core.Precision.Half,
        Precision.Double => Core.Precision.Double,
        Precision.Kept => Core.Precision.Kept,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "No such precision."),
    };

    internal static Precision ToFace(this Core.Precision precision) =>
        precision switch
        {
            { IsHalf: true } => Precision.Half,
            { IsDouble: true } => Precision.Double,
            { IsKept: true } => Precision.Kept,
            _ => Precision.Full,
        };

    internal static Core.BurnVersion Version(string version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return Core.BurnVersionModule.tryParse(version)?.Value
            ?? throw new ArgumentException($"'{version}' is not a version of Burn, such as 0.21.", nameof(version));
    }

    // Burnpack names the number of a scheduler, and the record's type says whose it is.
    private static readonly Dictionary<Type, Core.SchedulerKind> schedulers = new()
    {
        [typeof(ConstantLrRecord)] = Core.SchedulerKind.Constant,
        [typeof(NoamLrRecord)] = Core.SchedulerKind.Noam,
        [typeof(LinearLrRecord)] = Core.SchedulerKind.Linear,
        [typeof(CosineAnnealingLrRecord)] = Core.SchedulerKind.Cosine,
        [typeof(ExponentialLrRecord)] = Core.SchedulerKind.Exponential,
        [typeof(StepLrRecord)] = Core.SchedulerKind.Step,
        [typeof(ComposedLrRecord)] = Core.SchedulerKind.Composed,
    };

    internal static Core.Recorder For<TRecord>(this Core.Recorder recorder) where TRecord : IRecord<TRecord>
    {
        if (recorder.Codec.Name == Core.Burnpack.codec.Name && schedulers.TryGetValue(typeof(TRecord), out var kind))
            return Core.RecorderModule.withCodec(Core.SchedulerFlat.codec(kind, recorder.Codec), recorder);
        return TRecord.Schema.IsOpen
            ? recorder
            : Core.RecorderModule.schemas(RecordHistory<TRecord>.Schemas, recorder);
    }

    internal static Core.Recorder WithSchema(Core.Recorder recorder, RecordSchema schema) =>
        Core.RecorderModule.schemaFor(FuncConvert.FromFunc<Core.BurnVersion, Core.Schema>(version => schema.At(version)), recorder);

    internal static Core.Document Document<TRecord>(Core.Recorder recorder, TRecord record) where TRecord : IRecord<TRecord>
    {
        var root = RecordWriter.Write(record);

        // For a Burn that is named the core does it. A record read from an old file may have what the newest has no field for.
        if (recorder.Burn is null && !TRecord.Schema.IsOpen)
            root = Core.Conform.toSchema(TRecord.Schema.At(Core.BurnVersionModule.latest), root).OrThrow();
        var annex = record is RecordTree tree ? tree.Annex : RecordHistory<TRecord>.Annex;
        return new(Core.DocumentModule.ofRecord(root).Metadata, annex, root);
    }

    internal static FSharpOption<Core.Schemas> SchemaOf<TRecord>() where TRecord : IRecord<TRecord> =>
        TRecord.Schema.IsOpen ? FSharpOption<Core.Schemas>.None : FSharpOption<Core.Schemas>.Some(RecordHistory<TRecord>.Schemas);

    internal static Core.Watch Watch(IProgress<RecordProgress>? progress, CancellationToken cancellationToken)
    {
        var report = progress is null
            ? null
            : FuncConvert.FromAction<Core.Progress>(step => progress.Report(new(
                step.Bytes,
                step.Total?.Value,
                step.Path is { } path ? string.Join('.', path.Value) : null)));
        return new(report is null ? null : FSharpOption<FSharpFunc<Core.Progress, Unit>>.Some(report), cancellationToken);
    }

    internal static void Save<TRecord>(Core.Recorder recorder, TRecord record, Core.IPlace place, Core.Watch watch)
        where TRecord : IRecord<TRecord> =>
        Core.RecorderModule.saveNow(recorder.For<TRecord>(), place, watch, Document(recorder, record)).OrThrow();

    internal static TRecord Load<TRecord>(Core.Recorder recorder, Core.IPlace place, Core.Watch watch, bool allowUnused = false)
        where TRecord : IRecord<TRecord> =>
        Read<TRecord>(recorder, Core.RecorderModule.loadNow(recorder.For<TRecord>(), watch, place).OrThrow(), allowUnused);

    // For a module: what it has in another dtype than the file is converted while it is read, and not held twice.
    internal static TRecord LoadFor<TModule, TRecord>(
        IModule<TModule, TRecord> module,
        Core.Recorder recorder,
        Core.IPlace place,
        Core.Watch watch,
        bool allowUnused)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        var dtypes = ModuleDtypes.Of(module);
        var wanted = FuncConvert.FromFunc<FSharpList<string>, Core.TensorData, Core.TensorData>(dtypes.AsWanted);
        var loaded = Core.Loading.loadAs(wanted, recorder.For<TRecord>(), watch, place);

        // A value that does not fit is told by the module, together with everything else that does not.
        return loaded is { IsError: true, ErrorValue.IsOutOfRange: true }
            ? Load<TRecord>(recorder, place, watch, allowUnused)
            : Read<TRecord>(recorder, loaded.OrThrow(), allowUnused);
    }

    // A typed record has no place for what else a flat file holds, so that is told here.
    internal static TRecord Read<TRecord>(Core.Recorder recorder, Core.Document document, bool allowUnused)
        where TRecord : IRecord<TRecord>
    {
        var record = RecordReader.Read<TRecord>(document.Root, document.Annex);
        var unused = Core.RecorderModule.unplaced(recorder.For<TRecord>(), document);
        return allowUnused || unused.IsEmpty ? record : throw RecordException.Of([.. unused]);
    }
}
