namespace Records.Bench.Compare;

/// <summary>Recorders by what their files end with.</summary>
internal static class Recorders
{
    public static FileRecorder Of(string format, string settings, string durability)
    {
        var recorder = format switch
        {
            "mpk" or "mpk.gz" => Recorder.NamedMessagePack(),
            "bin" or "bin.gz" => Recorder.Bincode(),
            "json" or "json.gz" => Recorder.PrettyJson(),
            "bpk" => Recorder.Burnpack(),
            _ => throw new ArgumentException($"no recorder writes {format}"),
        };
        recorder = settings switch
        {
            "half" => recorder.HalfPrecision(),
            "double" => recorder.DoublePrecision(),
            _ => recorder,
        };
        if (format.EndsWith(".gz", StringComparison.Ordinal))
            recorder = recorder.Gzip().Parallelism(Environment.ProcessorCount);
        return recorder.Durability(durability == "flushed" ? Durability.Flushed : Durability.Renamed);
    }
}
