using static Records.Core.RecorderModule;

namespace Records;

/// <summary>bincode in memory: what is embedded in a program, and what <see cref="BinFileRecorder{TSettings}"/> wrote to a file.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class BinBytesRecorder<TSettings>()
    : BytesRecorder(inMemory("BinBytesRecorder", precision(TSettings.Precision.ToCore(), bincode)))
    where TSettings : IPrecisionSettings;

/// <summary>Named MessagePack in memory, as <see cref="NamedMpkFileRecorder{TSettings}"/> writes it to a file.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
public sealed class NamedMpkBytesRecorder<TSettings>()
    : BytesRecorder(inMemory("NamedMpkBytesRecorder", precision(TSettings.Precision.ToCore(), namedMsgPack)))
    where TSettings : IPrecisionSettings;

/// <summary>Burnpack in memory, as <see cref="BurnpackFileRecorder"/> writes it to a file.</summary>
/// <param name="options">What more may be read and written; nothing, unless said.</param>
public sealed class BurnpackBytesRecorder(BurnpackOptions? options = null)
    : BytesRecorder(inMemory("BurnpackBytesRecorder", (options ?? BurnpackOptions.Strict).ToCore()));

/// <summary>Burnpack in memory, floats and integers at a precision.</summary>
/// <typeparam name="TSettings">The precision.</typeparam>
/// <param name="options">What more may be read and written; nothing, unless said.</param>
public sealed class BurnpackBytesRecorder<TSettings>(BurnpackOptions? options = null)
    : BytesRecorder(inMemory("BurnpackBytesRecorder", precision(TSettings.Precision.ToCore(), (options ?? BurnpackOptions.Strict).ToCore())))
    where TSettings : IPrecisionSettings;

/// <summary>Short for <c>BinBytesRecorder&lt;FullPrecisionSettings&gt;</c>: what a model runs with where there is no file system.</summary>
public sealed class NoStdInferenceRecorder() : BytesRecorder(inMemory("BinBytesRecorder", bincode));
