using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>What a module's parameters are, for a file that has them in another dtype.</summary>
internal sealed class ModuleDtypes
{
    private readonly Lazy<Dictionary<FSharpList<string>, Core.Dtype>> byPath;

    private ModuleDtypes(Func<Dictionary<FSharpList<string>, Core.Dtype>> find) => byPath = new(find);

    internal static ModuleDtypes Of<TModule, TRecord>(IModule<TModule, TRecord> module)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord> =>
        new(() =>
        {
            var found = new Dictionary<FSharpList<string>, Core.Dtype>();
            RecordWriter.Walk(module.ToRecord(), (path, param) => found[ListModule.Reverse(path)] = param.CoreDtype);
            return found;
        });

    /// <summary>
    /// The tensor in the dtype of the module's parameter at this path, its innermost name first, converted when it is read; as it is where
    /// there is none, or no conversion. Most files and modules are F32: then nothing is looked up.
    /// </summary>
    internal Core.TensorData AsWanted(FSharpList<string> path, Core.TensorData data) =>
        !data.Dtype.IsF32
        && byPath.Value.TryGetValue(path, out var dtype)
        && Core.Cast.tensor(ListModule.Reverse(path), false, dtype, data) is { IsOk: true } cast
            ? cast.ResultValue
            : data;
}
