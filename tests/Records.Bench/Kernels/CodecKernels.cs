using BenchmarkDotNet.Attributes;
using Microsoft.FSharp.Core;
using Records.Bench.Compare;

namespace Records.Bench.Kernels;

/// <summary>One encoder layer of three quarters of a MiB as each format, in memory. What is decoded leaves its tensors where they are, but for JSON's.</summary>
public class CodecKernels
{
    private Core.Document document = null!;
    private Core.Recorder recorder = null!;
    private byte[] bytes = null!;

    [Params("mpk", "bin", "json", "bpk")]
    public string Format { get; set; } = "mpk";

    [GlobalSetup]
    public void Prepare()
    {
        byte[] saved = new NamedMpkBytesRecorder<FullPrecisionSettings>().Record(new Filler().Make(new Size(1, 128, 512)).IntoRecord());
        document = Core.RecorderModule.decode(Core.RecorderModule.namedMsgPack, Input(saved)).ResultValue;
        var named = Format switch
        {
            "mpk" => Core.RecorderModule.namedMsgPack,
            "bin" => Core.RecorderModule.bincode,
            "json" => Core.RecorderModule.prettyJson,
            _ => Core.RecorderModule.burnpack,
        };
        recorder = Core.RecorderModule.schema(Core.SchemaModule.ofRecord(document.Root), named);
        bytes = Encode();
        Decode();
    }

    [Benchmark]
    public byte[] Encode() => Good(Core.RecorderModule.toArray(recorder, new Core.Watch(null, CancellationToken.None), document));

    [Benchmark]
    public object Decode() => Good(Core.RecorderModule.decode(recorder, Input(bytes)));

    private static Core.Input Input(byte[] bytes) => Core.Forward.input(Core.Memory.source(bytes));

    private static T Good<T>(FSharpResult<T, Core.RecordError> result) =>
        result.IsOk ? result.ResultValue : throw new InvalidOperationException(Core.RecordErrorModule.message(result.ErrorValue));
}
