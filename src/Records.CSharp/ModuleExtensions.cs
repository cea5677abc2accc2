using Microsoft.FSharp.Collections;

namespace Records;

/// <summary>What a module can do. Every verb gives a new module: the old one is as it was.</summary>
public static class ModuleExtensions
{
    extension<TModule, TRecord>(IModule<TModule, TRecord> module)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        /// <summary>The module's state. No parameter is initialised by asking.</summary>
        public TRecord IntoRecord() => module.ToRecord();

        /// <summary>A module with the record's state and parameter ids. No initialiser runs.</summary>
        /// <param name="record">The state to take.</param>
        /// <param name="options">What may differ; nothing, unless said.</param>
        /// <exception cref="RecordException">Something does not match. Everything that does not is listed, and nothing has changed.</exception>
        public TModule LoadRecord(TRecord record, LoadOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(record);
            var context = new LoadContext(options ?? LoadOptions.Strict);
            return context.Finish(module.Apply(record, context));
        }

        /// <summary>The number of trainable values, by the shapes alone. What is shared counts wherever it is.</summary>
        public long NumParams
        {
            get
            {
                long count = 0;
                RecordWriter.Walk(module.ToRecord(), (_, param) => count += Elements(param));
                return count;
            }
        }

        /// <summary>Shows each parameter, in the order of the file. Those not drawn yet are drawn.</summary>
        /// <param name="visit">Takes the path (<c>encoder.0.weight</c>), the id and the value.</param>
        public void Visit(Action<string, ParamId, Tensor> visit)
        {
            ArgumentNullException.ThrowIfNull(visit);
            RecordWriter.Walk(module.ToRecord(), (path, param) => visit(string.Join('.', path), param.Id, param.Value));
        }

        /// <summary>A module with other values under the same ids. A parameter at several paths is asked for once and stays shared.</summary>
        /// <param name="map">Takes the path, the id and the value, and gives the new value, of the same shape.</param>
        /// <exception cref="RecordException">A shape changed. Every such path is listed.</exception>
        public TModule Map(Func<string, ParamId, Tensor, Tensor> map)
        {
            ArgumentNullException.ThrowIfNull(map);
            var known = new Dictionary<Param, Param>();
            var context = new LoadContext(LoadOptions.Strict, (place, param) =>
            {
                if (!known.TryGetValue(param, out var mapped))
                    known.Add(param, mapped = Mapped(place, param, map));
                return mapped;
            });
            return context.Finish(module.Apply(module.ToRecord(), context));
        }
    }

    private static Param Mapped(LoadContext context, Param param, Func<string, ParamId, Tensor, Tensor> map)
    {
        var value = map(string.Join('.', context.Path), param.Id, param.Value);
        if (value.Shape.SequenceEqual(param.Shape))
            return param.WithValue(value);
        string expected = $"{Core.DtypeModule.name(param.CoreDtype)} [{string.Join(", ", param.Shape)}]";
        context.Fault(Core.RecordError.NewMismatch(context.Path, expected, Core.TensorDataModule.text(value.Data)));
        return param;
    }

    internal static long Elements(Param param) => param.Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
}
