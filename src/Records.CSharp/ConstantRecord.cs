using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>
/// What a constant is made of. Its value stays the module's; Burn up to 0.20 wrote a none for each part of it, so the parts are kept.
/// </summary>
public sealed class ConstantRecord : IEquatable<ConstantRecord>
{
    internal ConstantRecord(Core.Constant layout) => Layout = layout;

    internal Core.Constant Layout { get; }

    /// <summary>One value: a number, a text, a type that is a constant as a whole.</summary>
    public static ConstantRecord Single { get; } = new(Core.Constant.Single);

    /// <summary>A tuple, or an array whose length is part of its type.</summary>
    /// <param name="parts">What each item is made of.</param>
    public static ConstantRecord Fixed(params IReadOnlyList<ConstantRecord> parts) => new(Core.Constant.NewFixed(Layouts(parts)));

    /// <summary>A list. In a schema it has one part, the item's.</summary>
    /// <param name="items">What each item is made of.</param>
    public static ConstantRecord Listed(params IReadOnlyList<ConstantRecord> items) => new(Core.Constant.NewListed(Layouts(items)));

    /// <summary>A value that may be absent.</summary>
    /// <param name="item">What the value is made of, or null when it is absent.</param>
    public static ConstantRecord Optional(ConstantRecord? item) =>
        new(Core.Constant.NewOptional(item is null ? FSharpOption<Core.Constant>.None : FSharpOption<Core.Constant>.Some(item.Layout)));

    /// <summary>Whether the other is made of the same parts.</summary>
    /// <param name="other">The other constant.</param>
    public bool Equals(ConstantRecord? other) => other is not null && Layout.Equals(other.Layout);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConstantRecord);

    /// <inheritdoc/>
    public override int GetHashCode() => Layout.GetHashCode();

    /// <summary>The parts, as a schema names them.</summary>
    public override string ToString() => Core.SchemaJson.ofSchema(Core.Schema.NewConstant(Layout));

    private static FSharpList<Core.Constant> Layouts(IReadOnlyList<ConstantRecord> parts) =>
        ListModule.OfSeq(parts.Select(part => part.Layout));
}
