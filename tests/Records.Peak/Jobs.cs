using Microsoft.FSharp.Core;

namespace Records.Peak;

/// <summary>What is measured: each job gives what it leaves in memory, so that this is still held when the peak is read.</summary>
internal static class Jobs
{
    /// <summary>The job on a state of any size: save, load, load-module, open, or convert to another format.</summary>
    public static Func<Size, object?> Of(string job, string format, string folder, Size[] sizes, string[] more)
    {
        string File(Size size) => Path.Combine(folder, size.Name);
        var recorder = Recorders(format);

        if (more.Contains("half"))
            recorder = recorder.HalfPrecision();
        switch (job)
        {
            case "save":
                var models = sizes.ToDictionary(size => size, size => Drawn(size.Make()));
                return size =>
                {
                    models[size].SaveFile(File(size), recorder);
                    return null;
                };
            case "load":
                return size => recorder.Load<StateRecord>(File(size), Device.Cpu);
            case "load-module":
                var modules = sizes.ToDictionary(size => size, size => size.Make());
                return size => modules[size].LoadFile(File(size), recorder, Device.Cpu);
            case "open":
                return size =>
                {
                    var opened = recorder.Open<StateRecord>(File(size), Device.Cpu);
                    var touched = opened.Record.Layers![^1]!;
                    return (opened, (touched.Bias ?? touched.Weight)!.Value.ToArray<float>());
                };
            case "convert":
                return size => Convert($"{File(size)}.{format}", $"{File(size)}.{more[0]}", more[0]);
            default:
                throw new ArgumentException($"no job is called {job}");
        }
    }

    /// <summary>The recorder whose files end like this.</summary>
    public static Recorder Recorders(string format)
    {
        string[] parts = format.Split('.');
        var recorder = parts[0] switch
        {
            "mpk" => Recorder.NamedMessagePack(),
            "bin" => Recorder.Bincode(),
            "json" => Recorder.PrettyJson(),
            "bpk" => Recorder.Burnpack(),
            _ => throw new ArgumentException($"no recorder writes {format}"),
        };
        return parts.Length > 1 ? recorder.Gzip() : recorder;
    }

    /// <summary>The state, its numbers there: drawing them is no part of saving.</summary>
    private static State Drawn(State state)
    {
        foreach (var layer in state.Layers)
        {
            _ = layer.Weight.Value;
            _ = layer.Bias?.Value;
        }

        return state;
    }

    /// <summary>As the command line does it.</summary>
    private static object? Convert(string source, string target, string format)
    {
        var limits = Core.RecorderModule.defaultLimits;
        var schema = Core.SchemaJson.toSchema(limits, StateRecord.Schema.ToJson()).ResultValue;
        var conversion = new Core.Conversion(
            format,
            precision: null,
            FuncConvert.FromFunc<Core.BurnVersion, Core.Schema>(_ => schema),
            burn: null,
            fromBurn: null,
            scheduler: null,
            strict: false,
            unsealed: false,
            parallelism: Environment.ProcessorCount,
            limits);
        var converted = Core.ConvertFile.run(conversion, source, target, true, new(null, CancellationToken.None));
        return converted.IsOk
            ? converted.ResultValue
            : throw new InvalidOperationException(Core.RecordErrorModule.message(converted.ErrorValue));
    }
}
