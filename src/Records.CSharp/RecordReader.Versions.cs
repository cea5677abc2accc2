using Microsoft.FSharp.Collections;

namespace Records;

// Records of older versions, and the way to the newest.
public sealed partial class RecordReader
{
    /// <summary>What the file says of its versions; null where everything is of its newest one.</summary>
    internal FSharpMap<string, string>? Annex => annex;

    /// <summary>The record of a version, made the newest one.</summary>
    internal TRecord? At<TRecord>(int found) where TRecord : IRecord<TRecord>
    {
        var versions = TRecord.Versions;
        if (found == versions.Number)
            return TRecord.Read(version is null ? this : new(this, raw, null));
        if (versions.StepFrom(found) is { } step)
            return step.Read<TRecord>(this, found);
        // A version that is no number has been told.
        if (found > 0)
            Fault(Core.Versions.later(Path, versions.NameOf<TRecord>(), found, versions.Number));
        return default;
    }

    /// <summary>This place with another record in it, which a migration made.</summary>
    internal RecordReader Instead(RecordTree tree) => new(this, tree.Root, version);

    /// <summary>What a migration makes of what is read, or null when either of the two goes wrong, which is told.</summary>
    internal TNew? Migrated<TOld, TNew>(Func<TOld?> read, Func<TOld, TNew> migrate)
        where TOld : class
        where TNew : class
    {
        int before = faults.Count;
        var old = read();
        if (old is null || faults.Count > before)
            return null;
        try
        {
            return migrate(old);
        }
        catch (RecordException wrong)
        {
            Fault(Path.Reverse().Aggregate(wrong.Fault, static (error, name) => Core.RecordErrorModule.under(name, error)));
            return null;
        }
    }

    private FSharpList<string> AnnexPath
    {
        get
        {
            var path = FSharpList<string>.Empty;
            for (var reader = this; reader.parent is not null; reader = reader.parent)
                path = FSharpList<string>.Cons(reader.annexed, path);
            return path;
        }
    }

    private int VersionOf<TRecord>() where TRecord : IRecord<TRecord>
    {
        if (version is { } said)
            return said;
        if (annex is null || TRecord.Schema.IsOpen)
            return TRecord.Versions.Number;
        // what most files have: no path is put together to find nothing under it
        if (annex.IsEmpty)
            return 1;
        var found = Core.Versions.at(AnnexPath, annex);
        if (found.IsOk)
            return found.ResultValue;
        Fault(found.ErrorValue);
        return 0;
    }

    private string Spelled(string name, string[] former) =>
        Find(name) is null && System.Array.Find(former, other => Find(other) is not null) is { } other ? other : name;
}
