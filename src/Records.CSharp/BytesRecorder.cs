namespace Records;

/// <summary>
/// Saves records to bytes in memory and loads them from there: a model can be embedded in a program. Recorders are immutable, and safe
/// to use from several threads.
/// </summary>
public abstract class BytesRecorder
{
    private readonly Core.Recorder core;

    private protected BytesRecorder(Core.Recorder core) => this.core = core;

    /// <summary>What floats and integers become when saved.</summary>
    public Precision Precision => core.Precision.ToFace();

    /// <summary>The record as bytes.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">What to save.</param>
    /// <exception cref="RecordException">The record lacks a value, does not fit the precision, or is larger than an array can be.</exception>
    public byte[] Record<TRecord>(TRecord record) where TRecord : IRecord<TRecord> => Record(record, null, CancellationToken.None);

    /// <summary>The record as bytes, made on another thread.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="record">What to save.</param>
    /// <param name="progress">Told after each piece that is written.</param>
    /// <param name="cancellationToken">Stops the save.</param>
    /// <exception cref="RecordException">The record lacks a value, does not fit the precision, or is larger than an array can be.</exception>
    /// <exception cref="OperationCanceledException">The save was stopped.</exception>
    public Task<byte[]> RecordAsync<TRecord>(
        TRecord record,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TRecord : IRecord<TRecord> =>
        Task.Run(() => Record(record, progress, cancellationToken), cancellationToken);

    /// <summary>The record that these bytes are. Its tensors stay in the array, which must not be changed any more.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="bytes">The bytes.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">The bytes are another format, or broken.</exception>
    public TRecord Load<TRecord>(byte[] bytes, Device device) where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Load<TRecord>(new ReadOnlyMemory<byte>(bytes), device);
    }

    /// <summary>The record that these bytes are. Its tensors stay in the memory, which must neither be changed nor given back any more.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="bytes">The bytes.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">The bytes are another format, or broken.</exception>
    public TRecord Load<TRecord>(ReadOnlyMemory<byte> bytes, Device device) where TRecord : IRecord<TRecord> =>
        Load<TRecord>(Core.Memory.source(bytes), device, null, CancellationToken.None);

    /// <summary>
    /// The record that is the rest of this stream, such as an embedded resource; the stream stays open. From a stream that can seek, each
    /// tensor is copied once, straight to where it stays.
    /// </summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="stream">The stream, which nobody else uses meanwhile.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="RecordException">The bytes are another format, or broken, or the stream failed.</exception>
    public TRecord Load<TRecord>(Stream stream, Device device) where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Load<TRecord>(Core.Memory.ofStream(stream).OrThrow(), device, null, CancellationToken.None);
    }

    /// <summary>The record that these bytes are, read on another thread. Its tensors stay in the memory, which must neither be changed nor given back any more.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="bytes">The bytes.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">The bytes are another format, or broken.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<TRecord> LoadAsync<TRecord>(
        ReadOnlyMemory<byte> bytes,
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TRecord : IRecord<TRecord> =>
        Task.Run(() => Load<TRecord>(Core.Memory.source(bytes), device, progress, cancellationToken), cancellationToken);

    /// <summary>The record that is the rest of this stream, read on another thread; the stream stays open.</summary>
    /// <typeparam name="TRecord">The record's type.</typeparam>
    /// <param name="stream">The stream, which nobody else uses meanwhile.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="progress">Told after each piece that is read.</param>
    /// <param name="cancellationToken">Stops the load.</param>
    /// <exception cref="RecordException">The bytes are another format, or broken, or the stream failed.</exception>
    /// <exception cref="OperationCanceledException">The load was stopped.</exception>
    public Task<TRecord> LoadAsync<TRecord>(
        Stream stream,
        Device device,
        IProgress<RecordProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Task.Run(
            () => Load<TRecord>(Core.Memory.ofStream(stream).OrThrow(), device, progress, cancellationToken),
            cancellationToken);
    }

    /// <summary>This recorder, writing as that Burn did and reading its layout alone: <c>ForBurn("0.20")</c>.</summary>
    /// <param name="version">The version of Burn.</param>
    /// <exception cref="ArgumentException">This is not a version.</exception>
    public BytesRecorder ForBurn(string version) => new Configured(Core.RecorderModule.forBurn(RecorderCore.Version(version), core));

    /// <summary>
    /// This recorder, which writes exactly Burn's bytes: without the seal by which damage is noticed when they are read. Burn reads
    /// either. Bytes that have a seal are checked all the same.
    /// </summary>
    public BytesRecorder Unsealed() => new Configured(Core.RecorderModule.unsealed(core));

    /// <summary>This recorder, which writes infinity for a float that is too large for the precision, as Burn does, in place of an error.</summary>
    public BytesRecorder AllowOverflow() => new Configured(Core.RecorderModule.allowOverflow(core));

    /// <summary>
    /// This recorder with what a <see cref="RecordTree"/> is: bincode cannot be read without, and what describes itself shows more with it.
    /// Other records bring their own.
    /// </summary>
    /// <param name="schema">The schema.</param>
    public BytesRecorder WithSchema(RecordSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new Configured(RecorderCore.WithSchema(core, schema));
    }

    /// <summary>This recorder with other limits for what bytes may ask for.</summary>
    /// <param name="limits">The limits.</param>
    public BytesRecorder WithLimits(RecordLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new Configured(Core.RecorderModule.limits(limits.ToCore(), core));
    }

    /// <summary>The recorder's name in Burn, and its precision.</summary>
    public override string ToString() => $"{core.Name}<{core.Precision}>";

    private byte[] Record<TRecord>(TRecord record, IProgress<RecordProgress>? progress, CancellationToken cancellationToken)
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(record);
        var watch = RecorderCore.Watch(progress, cancellationToken);
        return Core.RecorderModule.toArray(core.For<TRecord>(), watch, RecorderCore.Document(core, record)).OrThrow();
    }

    private TRecord Load<TRecord>(
        Core.ISource source,
        Device device,
        IProgress<RecordProgress>? progress,
        CancellationToken cancellationToken)
        where TRecord : IRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(device);
        return RecorderCore.Load<TRecord>(core, Core.Memory.place(source), RecorderCore.Watch(progress, cancellationToken));
    }

    private sealed class Configured(Core.Recorder core) : BytesRecorder(core);
}
