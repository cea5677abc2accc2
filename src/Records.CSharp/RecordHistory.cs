using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>What files of a record may look like, whichever version of it and of those inside wrote them. Found once.</summary>
internal static class RecordHistory<TRecord> where TRecord : IRecord<TRecord>
{
    private static readonly RecordSchema Whole = RecordSchema.Of<TRecord>();

    // The one asked for last, as most files of a program are of one Burn. Threads see this pair or an older one: it is one object, and never changed.
    private static Tuple<Core.BurnVersion, Core.Schema>? last;

    /// <summary>What a newly written file says of its versions: nothing, when there never were others.</summary>
    internal static FSharpMap<string, string> Annex { get; } = Versions();

    internal static Core.Schemas Schemas { get; } = Annex.IsEmpty
        ? Core.Schemas.NewFixed(FuncConvert.FromFunc<Core.BurnVersion, Core.Schema>(Fixed))
        : Core.Schemas.NewVersioned(
            FuncConvert.FromFunc<FSharpMap<string, string>, FSharpResult<FSharpFunc<Core.BurnVersion, Core.Schema>, Core.RecordError>>(Of));

    private static Core.Schema Fixed(Core.BurnVersion burn)
    {
        var known = last;
        if (known is null || !known.Item1.Equals(burn))
            last = known = new(burn, TRecord.Schema.At(burn));
        return known.Item2;
    }

    private static FSharpMap<string, string> Versions()
    {
        var seen = new List<Tuple<FSharpList<string>, int>>();
        if (!TRecord.Schema.IsOpen)
            Whole.In(SchemaPlace.Newly(Core.BurnVersionModule.latest) with { Seen = seen });
        return Core.Versions.toAnnex(seen);
    }

    private static FSharpResult<FSharpFunc<Core.BurnVersion, Core.Schema>, Core.RecordError> Of(FSharpMap<string, string> annex)
    {
        Core.Schema At(Core.BurnVersion burn) => Whole.In(SchemaPlace.Newly(burn) with { Annex = annex });
        try
        {
            // A version that is not known is told before anything is read.
            At(Core.BurnVersionModule.latest);
            return FSharpResult<FSharpFunc<Core.BurnVersion, Core.Schema>, Core.RecordError>.NewOk(
                FuncConvert.FromFunc<Core.BurnVersion, Core.Schema>(At));
        }
        catch (RecordException unknown)
        {
            return FSharpResult<FSharpFunc<Core.BurnVersion, Core.Schema>, Core.RecordError>.NewError(unknown.Fault);
        }
    }
}
