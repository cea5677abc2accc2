namespace Records;

/// <summary>The schemas that layers' older layouts are made of.</summary>
internal static class LayerSchemas
{
    /// <summary>A number, or anything else that is one constant.</summary>
    internal static RecordSchema Constant { get; } = RecordSchema.Constant(ConstantRecord.Single);

    /// <summary>A number for each of two axes.</summary>
    internal static RecordSchema Pair { get; } =
        RecordSchema.Constant(ConstantRecord.Fixed(ConstantRecord.Single, ConstantRecord.Single));

    /// <summary>A number that may be absent.</summary>
    internal static RecordSchema OptionalConstant { get; } = RecordSchema.Constant(ConstantRecord.Optional(ConstantRecord.Single));

    /// <summary>A parameter that may be absent.</summary>
    internal static RecordSchema OptionalParam { get; } = RecordSchema.Option(RecordSchema.Param);

    /// <summary>A constant under each name.</summary>
    internal static IEnumerable<(string Name, RecordSchema Schema)> Constants(params string[] names) =>
        names.Select(name => (name, Constant));

    /// <summary>Another record under each name.</summary>
    internal static IEnumerable<(string Name, RecordSchema Schema)> Each<TRecord>(params string[] names) where TRecord : IRecord<TRecord> =>
        names.Select(name => (name, RecordSchema.Of<TRecord>()));
}
