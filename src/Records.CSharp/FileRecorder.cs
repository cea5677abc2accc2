namespace Records;

/// <summary>
/// Saves records to files and loads them. The names of files follow one rule: a path that ends with the recorder's extension is taken
/// as it is, to any other is appended what it lacks of that (<c>model.mpk</c> becomes <c>model.mpk.gz</c>); folders are created. When loading finds
/// nothing there, the very path is tried. An empty path, one that ends with a separator, and <c>..</c> name no file.
/// Recorders are immutable, and safe to use from several threads.
/// </summary>
public abstract class FileRecorder
{
    private readonly Core.FileOptions options;

    private protected FileRecorder(Core.Recorder core, Core.FileOptions? options = null) =>
        (Inner, this.options) = (core, options ?? Core.File.defaults);

    /// <summary>The recorder behind the face.</summary>
    private protected Core.Recorder Inner { get; }

    /// <summary>The same for the rest of the face, with how files are named, written and read.</summary>
    internal (Core.Recorder Recorder, Core.FileOptions Options) Parts => (Inner, options);

    /// <summary>What the names of its files end with, without the dot: <c>mpk.gz</c>.</summary>
    public string Extension => Core.RecorderModule.extension(Inner);

    /// <summary>What floats and integers become when saved.</summary>
    public Precision Precision => Inner.Precision.ToFace();

    /// <summary>Saves a record. The file is the old one or the new one, whole, whatever happens.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">What to save.</param>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <exception cref="RecordException">The record lacks a value, does not fit the precision, or the disk failed.</exception>
    public void Record<TRecord>(TRecord record, string path) where TRecord : IRecord<TRecord> =>
        RecorderCore.Save(Inner, record, Place(path), RecorderCore.Watch(null, CancellationToken.None));

    /// <summary>Writes a record to a stream, which stays open. What is written when something fails cannot be taken back.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">What to save.</param>
    /// <param name="stream">Where to write.</param>
    /// <exception cref="RecordException">The record lacks a value, does not fit the precision, or the stream failed.</exception>
    public void Record<TRecord>(TRecord record, Stream stream) where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(stream);
        var place = Core.Memory.sinkPlace(Core.Memory.streamSink(stream));
        RecorderCore.Save(Inner, record, place, RecorderCore.Watch(null, CancellationToken.None));
    }

    /// <summary>Saves a record on another thread. Cancelling leaves an older file as it was and no new one; folders made for it stay.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">What to save.</param>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <param name="progress">Told after each piece that is written.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <exception cref="RecordException">The record lacks a value, does not fit the precision, or the disk failed.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task RecordAsync<TRecord>(
        TRecord record,
        string path,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TRecord : IRecord<TRecord>
    {
        var place = Place(path);
        return Task.Run(() => RecorderCore.Save(Inner, record, place, RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>Writes a record to a stream, which stays open, on another thread. What is written when it is stopped cannot be taken back.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">What to save.</param>
    /// <param name="stream">Where to write.</param>
    /// <param name="progress">Told after each piece that is written.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <exception cref="RecordException">The record lacks a value, does not fit the precision, or the stream failed.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task RecordAsync<TRecord>(
        TRecord record,
        Stream stream,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(stream);
        var place = Core.Memory.sinkPlace(Core.Memory.streamSink(stream));
        return Task.Run(() => RecorderCore.Save(Inner, record, place, RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>Loads a record: reads everything and closes the file. What the file lacks is null in a module's record.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">There is no such file, it is another format or broken, or it is another record: all that does not fit is listed.</exception>
    public TRecord Load<TRecord>(string path, Device device) where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(device);
        return RecorderCore.Load<TRecord>(Inner, Place(path), RecorderCore.Watch(null, CancellationToken.None));
    }

    // The record for a module, its parameters in the module's dtypes where the file has others.
    internal TRecord LoadFor<TModule, TRecord>(IModule<TModule, TRecord> module, string path, Device device, LoadOptions options)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(device);
        return RecorderCore.LoadFor(module, Inner, Place(path), RecorderCore.Watch(null, CancellationToken.None), options.AllowUnused);
    }

    internal Task<TRecord> LoadForAsync<TModule, TRecord>(
        IModule<TModule, TRecord> module,
        string path,
        Device device,
        LoadOptions options,
        IProgress<RecordProgress>? progress,
        CancellationToken cancellationToken)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(device);
        var place = Place(path);
        return Task.Run(
            () => RecorderCore.LoadFor(module, Inner, place, RecorderCore.Watch(progress, cancellationToken), options.AllowUnused),
            cancellationToken);
    }

    /// <summary>Loads a record on another thread.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">There is no such file, it is another format or broken, or it is another record: all that does not fit is listed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<TRecord> LoadAsync<TRecord>(
        string path,
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(device);
        var place = Place(path);
        return Task.Run(() => RecorderCore.Load<TRecord>(Inner, place, RecorderCore.Watch(progress, cancellationToken)), cancellationToken);
    }

    /// <summary>Opens a record: its tensors are read when they are touched. Compressed files and JSON are read at once.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="mapped">
    /// Maps the file, so that reading copies nothing. Only for files that nobody cuts short meanwhile: that would kill the process, and
    /// nothing can catch it. What is changed in place is not noticed. The file is let go when the record is disposed and no memory of its tensors
    /// can be reached any more.
    /// </param>
    /// <exception cref="RecordException">There is no such file, it is another format, its structure is broken, or it is another record.</exception>
    public OpenedRecord<TRecord> Open<TRecord>(string path, Device device, bool mapped = false) where TRecord : IRecord<TRecord> =>
        OpenAt<TRecord>(Place(path, mapped), device, CancellationToken.None);

    /// <summary>Opens a record on another thread.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="mapped">Maps the file; see <see cref="Open{TRecord}(string, Device, bool)"/> for when not to.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="RecordException">There is no such file, it is another format, its structure is broken, or it is another record.</exception>
    /// <exception cref="OperationCanceledException">The opening was stopped.</exception>
    public Task<OpenedRecord<TRecord>> OpenAsync<TRecord>(
        string path,
        Device device,
        bool mapped = false,
        CancellationToken cancellationToken = default)
        where TRecord : IRecord<TRecord>
    {
        var place = Place(path, mapped);
        return Task.Run(() => OpenAt<TRecord>(place, device, cancellationToken), cancellationToken);
    }

    /// <summary>What a file says of itself, without its tensors.</summary>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <exception cref="RecordException">There is no such file, it is another format, or it begins broken.</exception>
    public RecordMetadata ReadMetadata(string path) =>
        RecordMetadata.Of(Core.RecorderModule.metadata(Inner, Place(path)).OrThrow());

    /// <summary>What a file says of itself, read on another thread.</summary>
    /// <param name="path">The file; see the class for its extension.</param>
    /// <param name="cancellationToken">Stops the reading before it begins.</param>
    /// <exception cref="RecordException">There is no such file, it is another format, or it begins broken.</exception>
    public Task<RecordMetadata> ReadMetadataAsync(string path, CancellationToken cancellationToken = default) =>
        Task.Run(() => ReadMetadata(path), cancellationToken);

    /// <summary>This recorder, writing as that Burn did and reading its layout alone: <c>ForBurn("0.20")</c>.</summary>
    /// <param name="version">The version of Burn.</param>
    /// <exception cref="ArgumentException">This is not a version.</exception>
    public Recorder ForBurn(string version) => new(Core.RecorderModule.forBurn(RecorderCore.Version(version), Inner), options);

    /// <summary>This recorder with Burn's rule for names: what follows the last dot of a name is replaced by the extension.</summary>
    public Recorder BurnPaths() => new(Inner, new(options.Durability, burnPaths: true, options.Mapped));

    /// <summary>This recorder, which saves that far; <see cref="Records.Durability.Flushed"/> unless said.</summary>
    /// <param name="durability">How far.</param>
    public Recorder Durability(Durability durability)
    {
        var far = durability == Records.Durability.Renamed ? Core.Durability.Renamed : Core.Durability.Flushed;
        return new(Inner, new(far, options.BurnPaths, options.Mapped));
    }

    /// <summary>
    /// This recorder, which writes exactly Burn's bytes: without the seal by which damage is noticed when a file is read. Burn reads
    /// either. Files that have a seal are checked all the same.
    /// </summary>
    public Recorder Unsealed() => new(Core.RecorderModule.unsealed(Inner), options);

    /// <summary>
    /// This recorder, which reads back what it has saved and holds it against its seal, before it takes the place of an older file. What
    /// does not match is an error, and the older file stays. Not for streams, and not for <see cref="Unsealed"/>.
    /// </summary>
    public Recorder ReadBack() => new(Core.RecorderModule.readBack(Inner), options);

    /// <summary>This recorder, which writes infinity for a float that is too large for the precision, as Burn does, in place of an error.</summary>
    public Recorder AllowOverflow() => new(Core.RecorderModule.allowOverflow(Inner), options);

    /// <summary>
    /// This recorder, which compresses so many pieces of 1 MiB at a time on the threads of the pool, and inflates as many of files that were
    /// written in pieces; others are inflated ahead of what decodes them. It loads as many stretches of tensors at a time, too. File and record
    /// are the same whatever the number. Never more than there are processors, and never more than eight pieces: they take less than 32 MiB while saving
    /// and 64 while loading files of up to 16 GiB, and up to 17 more the one of somebody else's file that is waited for.
    /// </summary>
    /// <param name="degree">How many at most; 1, the default, is the calling thread alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public Recorder Parallelism(int degree)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degree);
        return new(Core.RecorderModule.parallelism(degree, Inner), options);
    }

    /// <summary>
    /// This recorder with what a <see cref="RecordTree"/> is: bincode cannot be read without, and what describes itself shows more with it.
    /// Other records bring their own.
    /// </summary>
    /// <param name="schema">The schema.</param>
    public Recorder WithSchema(RecordSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new(RecorderCore.WithSchema(Inner, schema), options);
    }

    /// <summary>This recorder with other limits for what a file may ask for.</summary>
    /// <param name="limits">The limits.</param>
    public Recorder WithLimits(RecordLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new(Core.RecorderModule.limits(limits.ToCore(), Inner), options);
    }

    /// <summary>The recorder's name in Burn, and its precision.</summary>
    public override string ToString() => $"{Inner.Name}<{Inner.Precision}>";

    private OpenedRecord<TRecord> OpenAt<TRecord>(Core.IPlace place, Device device, CancellationToken cancellationToken)
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(device);
        var opened = Core.RecorderModule
            .openNow(Inner.For<TRecord>(), RecorderCore.Watch(null, cancellationToken), place)
            .OrThrow();
        try
        {
            return new(opened, RecorderCore.Read<TRecord>(Inner, opened.Document, allowUnused: false));
        }
        catch
        {
            ((IDisposable)opened).Dispose();
            throw;
        }
    }

    private Core.IPlace Place(string path, bool mapped = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Core.File.place(new(options.Durability, options.BurnPaths, mapped), path);
    }
}
