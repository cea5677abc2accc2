namespace Records;

/// <summary>
/// A file recorder said fluently: <c>Recorder.NamedMessagePack().HalfPrecision().Gzip()</c>. Every step gives a new recorder, which goes
/// wherever a named one goes.
/// </summary>
public sealed class Recorder : FileRecorder
{
    private readonly Core.FileOptions options;

    internal Recorder(Core.Recorder core, Core.FileOptions? options = null)
        : base(core, options) => this.options = options ?? Core.File.defaults;

    /// <summary>Named MessagePack, Burn's default: <c>mpk</c>.</summary>
    public static Recorder NamedMessagePack() => new(Core.RecorderModule.namedMsgPack);

    /// <summary>bincode, the smallest; it does not describe itself and is read with the record's type: <c>bin</c>.</summary>
    public static Recorder Bincode() => new(Core.RecorderModule.bincode);

    /// <summary>JSON with indentation, to look at: <c>json</c>.</summary>
    public static Recorder PrettyJson() => new(Core.RecorderModule.prettyJson);

    /// <summary>Burnpack, what Burn writes since 0.22: <c>bpk</c>. Tensors keep their dtypes unless a precision is said.</summary>
    /// <param name="options">What more may be read and written; nothing, unless said.</param>
    public static Recorder Burnpack(BurnpackOptions? options = null) => new((options ?? BurnpackOptions.Strict).ToCore());

    /// <summary>Floats are saved as F32, integers as I32: the default of all but burnpack.</summary>
    public Recorder FullPrecision() => With(Precision.Full);

    /// <summary>Floats are saved as F16, integers as I16.</summary>
    public Recorder HalfPrecision() => With(Precision.Half);

    /// <summary>Floats are saved as F64, integers as I64.</summary>
    public Recorder DoublePrecision() => With(Precision.Double);

    /// <summary>In one gzip member: <c>.gz</c> after the extension. JSON loses its indentation with it, as in Burn.</summary>
    public Recorder Gzip() => new(Core.RecorderModule.gzip(Inner), options);

    private Recorder With(Precision precision) => new(Core.RecorderModule.precision(precision.ToCore(), Inner), options);
}
