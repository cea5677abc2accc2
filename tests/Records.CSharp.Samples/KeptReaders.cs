namespace Records.Samples;

/// <summary>A record that keeps the readers of its places, and reads them when it has them all.</summary>
public sealed record KeptReaders(Param? First, Param? Second, string? Case, Param? Payload, Param? Item) : IRecord<KeptReaders>
{
    public static RecordSchema Schema { get; } = RecordSchema.Struct(
        ("first", RecordSchema.Struct(("weight", RecordSchema.Param))),
        ("act", RecordSchema.Enum(("Dense", RecordSchema.Param))),
        ("second", RecordSchema.Struct(("weight", RecordSchema.Param))),
        ("items", RecordSchema.Tuple(RecordSchema.Param, RecordSchema.Param)));

    public static KeptReaders Read(RecordReader reader)
    {
        reader = reader.AsStruct();
        var first = reader.Field("first", static r => r.AsStruct());
        RecordReader payload = null!;
        string? found = reader.Field("act", r => r.Case(out payload));
        var second = reader.Field("second", static r => r.AsStruct());
        var items = reader.Field("items", static r => r.Tuple(2));
        var last = items!.Item(1, static r => r);
        items.Item(0, static r => r.Param());
        return new(
            first.Field("weight", static r => r.Param()),
            second.Field("weight", static r => r.Param()),
            found,
            payload.Param(),
            last.Param());
    }

    public void Write(RecordWriter writer) => throw new NotSupportedException("It is read alone.");
}
