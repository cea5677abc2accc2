namespace Records;

/// <summary>A way from an older version of a record.</summary>
internal abstract class RecordStep
{
    /// <summary>The newest version that it starts from.</summary>
    internal abstract int Version { get; }

    /// <summary>Whether it takes the versions before that, too.</summary>
    internal abstract bool TakesOlder { get; }

    /// <summary>What a file of that version looks like.</summary>
    internal abstract Core.Schema At(SchemaPlace place, int version);

    /// <summary>The newest record of what the reader stands on; null when something is wrong, which has been told.</summary>
    internal abstract TRecord? Read<TRecord>(RecordReader reader, int version) where TRecord : IRecord<TRecord>;

    internal sealed class Typed<TOld, TNew>(Func<TOld, TNew> migrate) : RecordStep
        where TOld : class, IRecord<TOld>
        where TNew : class, IRecord<TNew>
    {
        internal override int Version => TOld.Versions.Number;

        internal override bool TakesOlder => true;

        internal override Core.Schema At(SchemaPlace place, int version) => RecordSchema.Of<TOld>(place, version);

        internal override TRecord? Read<TRecord>(RecordReader reader, int version) where TRecord : default =>
            reader.Migrated(() => reader.At<TOld>(version), migrate) is { } migrated ? (TRecord)(object)migrated : default;
    }

    internal sealed class Tree(int version, RecordSchema schema, Func<RecordTree, RecordTree> migrate) : RecordStep
    {
        internal override int Version => version;

        internal override bool TakesOlder => false;

        internal override Core.Schema At(SchemaPlace place, int found) => schema.In(place);

        internal override TRecord? Read<TRecord>(RecordReader reader, int found) where TRecord : default =>
            reader.Migrated(() => RecordTree.OfCore(reader.Tree()), migrate) is { } migrated ? reader.Instead(migrated).At<TRecord>(found + 1) : default;
    }
}
