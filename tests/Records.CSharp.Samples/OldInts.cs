namespace Records.Samples;

/// <summary>A module of integers.</summary>
[Module]
public sealed partial record Counter(Param Steps);

/// <summary>Integers in the files of Burn up to 0.13, which do not say that they are.</summary>
public static class OldInts
{
    /// <summary>Saved for an older Burn and loaded again.</summary>
    public static int[] Through<TSettings>(string burn, bool bincode) where TSettings : IPrecisionSettings
    {
        BytesRecorder recorder = bincode ? new BinBytesRecorder<TSettings>() : new NamedMpkBytesRecorder<TSettings>();
        byte[] bytes = recorder.ForBurn(burn).Record(new Counter(Weights.Ints([3, -1, 300], 3)).IntoRecord());
        var record = recorder.Load<CounterRecord>(bytes, Device.Cpu);
        return new Counter(Weights.Ints([0, 0, 0], 3)).LoadRecord(record).Steps.Value.ToArray<int>();
    }
}
