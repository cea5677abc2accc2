using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>What a checkpoint is to give back: which files, and what becomes of them.</summary>
/// <typeparam name="TCheckpoint">What becomes of them.</typeparam>
internal sealed class CheckpointPlan<TCheckpoint>
{
    private readonly Func<Decoder, Func<int, IReadOnlyList<SkippedCheckpoint>, TCheckpoint>> make;

    internal CheckpointPlan(Func<Decoder, Func<int, IReadOnlyList<SkippedCheckpoint>, TCheckpoint>> make, params IEnumerable<Core.CheckpointWish> wishes) =>
        (this.make, Wishes) = (make, ListModule.OfSeq(wishes));

    internal FSharpList<Core.CheckpointWish> Wishes { get; }

    /// <summary>The typed records in the documents, or everything that is wrong with any of them.</summary>
    internal FSharpResult<Func<int, IReadOnlyList<SkippedCheckpoint>, TCheckpoint>, Core.RecordError> Decode(FSharpList<Core.Document> documents)
    {
        var decoder = new Decoder(Wishes, documents);
        var made = make(decoder);
        return decoder.Faults.Count == 0
            ? FSharpResult<Func<int, IReadOnlyList<SkippedCheckpoint>, TCheckpoint>, Core.RecordError>.NewOk(made)
            : FSharpResult<Func<int, IReadOnlyList<SkippedCheckpoint>, TCheckpoint>, Core.RecordError>.NewError(
                Core.RecordErrorModule.ofList(ListModule.OfSeq(decoder.Faults)));
    }

    /// <summary>Reads the documents one after the other.</summary>
    internal sealed class Decoder(FSharpList<Core.CheckpointWish> wishes, FSharpList<Core.Document> documents)
    {
        internal List<Core.RecordError> Faults { get; } = [];

        internal TRecord Read<TRecord>(int index) where TRecord : IRecord<TRecord>
        {
            try
            {
                return RecordReader.Read<TRecord>(documents[index].Root, documents[index].Annex);
            }
            catch (RecordException exception)
            {
                Faults.Add(Core.RecordErrorModule.under(Core.CheckpointKindModule.name(wishes[index].Kind), exception.Fault));
                return default!;
            }
        }
    }
}

/// <summary>The plans there are.</summary>
internal static class CheckpointPlan
{
    internal static CheckpointPlan<Checkpoint<TModel>> Of<TModel>() where TModel : IRecord<TModel> =>
        new(
            static decoder =>
            {
                var model = decoder.Read<TModel>(0);
                return (epoch, skipped) => new(epoch, model) { Skipped = skipped };
            },
            Wish<TModel>(Core.CheckpointKind.Model));

    internal static CheckpointPlan<Checkpoint<TModel, TOptim>> Of<TModel, TOptim>()
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim> =>
        new(
            static decoder =>
            {
                var (model, optim) = (decoder.Read<TModel>(0), decoder.Read<TOptim>(1));
                return (epoch, skipped) => new(epoch, model, optim) { Skipped = skipped };
            },
            Wish<TModel>(Core.CheckpointKind.Model),
            Wish<TOptim>(Core.CheckpointKind.Optim));

    internal static CheckpointPlan<Checkpoint<TModel, TOptim, TScheduler>> Of<TModel, TOptim, TScheduler>()
        where TModel : IRecord<TModel>
        where TOptim : IRecord<TOptim>
        where TScheduler : IRecord<TScheduler> =>
        new(
            static decoder =>
            {
                var (model, optim, scheduler) = (decoder.Read<TModel>(0), decoder.Read<TOptim>(1), decoder.Read<TScheduler>(2));
                return (epoch, skipped) => new(epoch, model, optim, scheduler) { Skipped = skipped };
            },
            Wish<TModel>(Core.CheckpointKind.Model),
            Wish<TOptim>(Core.CheckpointKind.Optim),
            Wish<TScheduler>(Core.CheckpointKind.Scheduler));

    private static Core.CheckpointWish Wish<TRecord>(Core.CheckpointKind kind) where TRecord : IRecord<TRecord> =>
        new(kind, RecorderCore.SchemaOf<TRecord>());
}
