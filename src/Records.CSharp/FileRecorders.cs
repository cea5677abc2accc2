using static Records.Core.RecorderModule;

namespace Records;

/// <summary>Named MessagePack: <c>mpk</c>. Burn's default.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class NamedMpkFileRecorder<TSettings>() : FileRecorder(precision(TSettings.Precision.ToCore(), namedMsgPack))
    where TSettings : IPrecisionSettings;

/// <summary>Named MessagePack in gzip: <c>mpk.gz</c>.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class NamedMpkGzFileRecorder<TSettings>() : FileRecorder(gzip(precision(TSettings.Precision.ToCore(), namedMsgPack)))
    where TSettings : IPrecisionSettings;

/// <summary>What Burn takes when it is not told: named MessagePack, <c>mpk</c>, under that recorder's name.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class DefaultFileRecorder<TSettings>() : FileRecorder(precision(TSettings.Precision.ToCore(), namedMsgPack))
    where TSettings : IPrecisionSettings;

/// <summary>bincode: <c>bin</c>. The smallest; it does not describe itself and is read with the record's type.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class BinFileRecorder<TSettings>() : FileRecorder(precision(TSettings.Precision.ToCore(), bincode))
    where TSettings : IPrecisionSettings;

/// <summary>bincode in gzip: <c>bin.gz</c>.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class BinGzFileRecorder<TSettings>() : FileRecorder(gzip(precision(TSettings.Precision.ToCore(), bincode)))
    where TSettings : IPrecisionSettings;

/// <summary>JSON with indentation: <c>json</c>. To look at: a byte of a tensor takes a line.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class PrettyJsonFileRecorder<TSettings>() : FileRecorder(precision(TSettings.Precision.ToCore(), prettyJson))
    where TSettings : IPrecisionSettings;

/// <summary>JSON without indentation, in gzip: <c>json.gz</c>.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class JsonGzFileRecorder<TSettings>() : FileRecorder(gzip(precision(TSettings.Precision.ToCore(), prettyJson)))
    where TSettings : IPrecisionSettings;

/// <summary>Burnpack: <c>bpk</c>, what Burn writes since 0.22. Tensors keep their dtypes, and only tensors are written.</summary>
/// <param name="options">What more may be read and written; nothing, unless said.</param>
public sealed class BurnpackFileRecorder(BurnpackOptions? options = null) : FileRecorder((options ?? BurnpackOptions.Strict).ToCore());

/// <summary>Burnpack whose floats and integers are saved at a precision: <c>bpk</c>.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
/// <param name="options">What more may be read and written; nothing, unless said.</param>
public sealed class BurnpackFileRecorder<TSettings>(BurnpackOptions? options = null)
    : FileRecorder(precision(TSettings.Precision.ToCore(), (options ?? BurnpackOptions.Strict).ToCore()))
    where TSettings : IPrecisionSettings;

/// <summary>Short for <c>NamedMpkFileRecorder&lt;FullPrecisionSettings&gt;</c>.</summary>
public sealed class DefaultRecorder() : FileRecorder(namedMsgPack);

/// <summary>Short for <c>NamedMpkFileRecorder&lt;HalfPrecisionSettings&gt;</c>: half the size.</summary>
public sealed class CompactRecorder() : FileRecorder(precision(Core.Precision.Half, namedMsgPack));

/// <summary>Short for <c>BinGzFileRecorder&lt;HalfPrecisionSettings&gt;</c>: the smallest there is.</summary>
public sealed class SensitiveCompactRecorder() : FileRecorder(gzip(precision(Core.Precision.Half, bincode)));

/// <summary>Short for <c>BinFileRecorder&lt;FullPrecisionSettings&gt;</c>: what a model is trained with where there is no standard library.</summary>
public sealed class NoStdTrainingRecorder() : FileRecorder(bincode);

/// <summary>Short for <c>PrettyJsonFileRecorder&lt;FullPrecisionSettings&gt;</c>: to look at.</summary>
public sealed class DebugRecorder() : FileRecorder(prettyJson);
