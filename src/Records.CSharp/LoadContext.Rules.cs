using System.Globalization;
using Microsoft.FSharp.Collections;

namespace Records;

// What must match, and what is said when it does not.
public sealed partial class LoadContext
{
    private Param Load(Param module, Param record)
    {
        if (!module.Shape.SequenceEqual(record.Shape))
        {
            Fault(Core.RecordError.NewMismatch(Path, Text(module), Text(record)));
            return module;
        }

        try
        {
            return Take(module, record);
        }
        catch (Core.RecordFault unreadable)
        {
            // A file that is read when asked for may fail only now.
            Fault(path.AsEnumerable().Reverse().Aggregate(unreadable.Data0, static (error, name) => Core.RecordErrorModule.under(name, error)));
            return module;
        }
    }

    private Param Take(Param module, Param record)
    {
        if (shared.Find(record, module.CoreDtype) is { } known)
            return known;
        var loaded = record;
        if (!record.CoreDtype.Equals(module.CoreDtype))
        {
            if (Convert(record.Data, module.CoreDtype) is not { } converted)
                return module;
            loaded = Records.Param.OfData(record.CoreId, converted);
        }

        shared.Add(record, module.CoreDtype, loaded);
        return loaded;
    }

    // The one place where a file's dtype becomes the module's.
    private Core.TensorData? Convert(Core.TensorData data, Core.Dtype target)
    {
        var cast = Core.Cast.tensor(Path, false, target, data);

        if (!cast.IsOk)
        {
            Fault(cast.ErrorValue);
            return null;
        }

        // From an open file it is converted when touched. In memory it is before the load ends, so that what does not fit is known before
        // anything has changed, and all of them together.
        if (!data.Bytes.Source.InMemory || Core.View.reserve(cast.ResultValue) is not { IsSome: true } room)
            return cast.ResultValue;
        rooms.Add(room.Value);
        return room.Value.Held;
    }

    private void Fill()
    {
        foreach (var error in Core.Pages.tryFill([.. rooms]))
            Fault(error);
    }

    private void Missing(FSharpList<string> place, Param param)
    {
        if (!options.AllowMissing)
            Fault(Core.RecordError.NewMissing(place, Text(param)));
    }

    private void Unused<TRecord>(TRecord record, Action<RecordWriter, TRecord> write)
    {
        if (record is null || probing || options.AllowUnused)
            return;
        var place = Path;
        RecordWriter.Walk(record, write, (inside, param) =>
            Fault(Core.RecordError.NewUnexpected(ListModule.Append(place, inside), Text(param))));
    }

    // Whether a nil leaves the module's value in place: as a fault, since dropping it is something that has to be asked for.
    private bool KeepsNil(object module)
    {
        if (options.AllowNilOptional)
            return false;
        Fault(Core.RecordError.NewMismatch(Path, module is Param param ? Text(param) : "a value", "nil"));
        return true;
    }

    private bool HoldsTensor<T, TRecord>(T module, TRecord record, Func<LoadContext, T, TRecord, T> apply)
    {
        (probing, probed) = (true, 0);
        apply(this, module, record);
        probing = false;
        return probed > 0;
    }

    private bool Surplus<T, TRecord>(
        IReadOnlyList<T> modules,
        IReadOnlyList<TRecord> records,
        int common,
        Func<LoadContext, T, TRecord, T> apply,
        Action<RecordWriter, TRecord> write)
    {
        bool found = false;
        for (int index = common; index < records.Count; index++)
            RecordWriter.Walk(records[index], write, (_, _) => found = true);
        for (int index = common; index < modules.Count && !found; index++)
            found = HoldsTensor(modules[index], default!, apply);
        return found;
    }

    private static string Text(Param param) => $"{Core.DtypeModule.name(param.CoreDtype)} [{string.Join(", ", param.Shape)}]";

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
