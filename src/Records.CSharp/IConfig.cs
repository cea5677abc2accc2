namespace Records;

/// <summary>What the generated half of a config gives. Implemented explicitly, so that a config shows none of it.</summary>
/// <typeparam name="TSelf">The config itself.</typeparam>
public interface IConfig<TSelf> where TSelf : IConfig<TSelf>
{
    /// <summary>The config at the reader's place. What does not fit is told to the reader; the result counts only when nothing was.</summary>
    /// <param name="reader">The place to read.</param>
    static abstract TSelf Read(ConfigReader reader);

    /// <summary>Writes the fields, or the case, of this config.</summary>
    /// <param name="writer">The place to write to.</param>
    void Write(ConfigWriter writer);
}
