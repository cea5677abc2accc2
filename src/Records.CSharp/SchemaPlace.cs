using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>Where and for what a schema is asked.</summary>
/// <param name="Burn">The Burn that wrote the file.</param>
/// <param name="Annex">What the file says of its versions; null for one that is newly written.</param>
/// <param name="Path">The place as the annex names it.</param>
/// <param name="Seen">Takes the version of each record that is come by, when someone wants them.</param>
internal sealed record SchemaPlace(
    Core.BurnVersion Burn,
    FSharpMap<string, string>? Annex,
    FSharpList<string> Path,
    List<Tuple<FSharpList<string>, int>>? Seen)
{
    internal static SchemaPlace Newly(Core.BurnVersion burn) => new(burn, null, FSharpList<string>.Empty, null);

    internal SchemaPlace Under(string name) => this with { Path = ListModule.Append(Path, ListModule.Singleton(name)) };
}
