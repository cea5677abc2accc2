using System.Text;
using Microsoft.FSharp.Core;

namespace Records;

/// <summary>A config's way to its file and back, for code that does not know which config it is. The file has exactly the name it is given.</summary>
public static class ConfigFiles
{
    /// <summary>Saves a config. The file is the old one or the new one, whole, whatever happens; folders are created.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="config">What to save.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="RecordException">A value cannot be written as JSON, each of them is listed, or the disk failed.</exception>
    public static void Save<TConfig>(TConfig config, string path) where TConfig : IConfig<TConfig> =>
        Core.ConfigFile.saveNow(Place(path), CancellationToken.None, ConfigWriter.Write(config)).OrThrow();

    /// <summary>Saves a config on another thread. Cancelling leaves an older file as it was and no new one; folders made for it stay.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="config">What to save.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <exception cref="RecordException">A value cannot be written as JSON, each of them is listed, or the disk failed.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public static async Task SaveAsync<TConfig>(TConfig config, string path, CancellationToken cancellationToken = default)
        where TConfig : IConfig<TConfig> =>
        (await Core.ConfigFile.save(Place(path), cancellationToken, ConfigWriter.Write(config)).ConfigureAwait(false)).OrThrow();

    /// <summary>Loads a config.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="path">The file.</param>
    /// <exception cref="RecordException">There is no such file, it is no JSON, or not this config; everything that does not fit is listed.</exception>
    public static TConfig Load<TConfig>(string path) where TConfig : IConfig<TConfig> =>
        ConfigReader.Read<TConfig>(Core.ConfigFile.loadNow(Core.RecorderModule.defaultLimits, Place(path)).OrThrow());

    /// <summary>Loads a config on another thread.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops the load before it begins.</param>
    /// <exception cref="RecordException">There is no such file, it is no JSON, or not this config; everything that does not fit is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public static async Task<TConfig> LoadAsync<TConfig>(string path, CancellationToken cancellationToken = default)
        where TConfig : IConfig<TConfig>
    {
        var loaded = await Core.ConfigFile.load(Core.RecorderModule.defaultLimits, cancellationToken, Place(path)).ConfigureAwait(false);
        return ConfigReader.Read<TConfig>(loaded.OrThrow());
    }

    /// <summary>Loads a config from the bytes of its file.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="RecordException">They are no JSON, or not this config; everything that does not fit is listed.</exception>
    public static TConfig Load<TConfig>(ReadOnlyMemory<byte> bytes) where TConfig : IConfig<TConfig>
    {
        var place = Core.Memory.place(Core.Memory.source(bytes));
        return ConfigReader.Read<TConfig>(Core.ConfigFile.loadNow(Core.RecorderModule.defaultLimits, place).OrThrow());
    }

    /// <summary>The text of a config's file.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="config">The config.</param>
    /// <exception cref="RecordException">A value cannot be written as JSON; each of them is listed.</exception>
    public static string ToJson<TConfig>(TConfig config) where TConfig : IConfig<TConfig> => Text(ConfigWriter.Write(config));

    /// <summary>The config for people: its file, with null for a number that JSON does not have.</summary>
    /// <typeparam name="TConfig">The config's type.</typeparam>
    /// <param name="config">The config.</param>
    public static string Print<TConfig>(TConfig config) where TConfig : IConfig<TConfig> => Text(ConfigWriter.Print(config));

    private static string Text(Core.Record tree) =>
        Encoding.UTF8.GetString(ResultModule.Bind(
            FuncConvert.FromFunc<Core.Payload, FSharpResult<byte[], Core.RecordError>>(Core.Memory.toArray),
            Core.Config.encode(tree)).OrThrow());

    private static Core.IPlace Place(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Core.File.exactly(Core.File.defaults, path);
    }
}
