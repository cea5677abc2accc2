namespace Records;

/// <summary>A module's way to files and back.</summary>
public static class ModuleFiles
{
    extension<TModule, TRecord>(IModule<TModule, TRecord> module)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        /// <summary>Saves the module's state. Parameters not drawn yet are drawn.</summary>
        /// <param name="path">The file; the recorder adds its extension.</param>
        /// <param name="recorder">The way to save.</param>
        /// <exception cref="RecordException">The state does not fit the precision, or the disk failed. The file is the old one, unless the message says that the new one is there.</exception>
        public void SaveFile(string path, FileRecorder recorder)
        {
            ArgumentNullException.ThrowIfNull(recorder);
            recorder.Record(module.ToRecord(), path);
        }

        /// <summary>Saves the module's state on another thread. Cancelling leaves an older file as it was and no new one; folders made for it stay.</summary>
        /// <param name="path">The file; the recorder adds its extension.</param>
        /// <param name="recorder">The way to save.</param>
        /// <param name="progress">Told after each piece that is written.</param>
        /// <param name="cancellationToken">Stops the save.</param>
        /// <exception cref="RecordException">The state does not fit the precision, or the disk failed. The file is the old one, unless the message says that the new one is there.</exception>
        /// <exception cref="OperationCanceledException">The save was stopped.</exception>
        public Task SaveFileAsync(
            string path,
            FileRecorder recorder,
            IProgress<RecordProgress>? progress = null,
            CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(recorder);
            return recorder.RecordAsync(module.ToRecord(), path, progress, cancellationToken);
        }

        /// <summary>A module like this one with the state in the file. This one is as it was, and so is the disk.</summary>
        /// <param name="path">The file; the recorder adds its extension.</param>
        /// <param name="recorder">The way it was saved.</param>
        /// <param name="device">Where the tensors live.</param>
        /// <param name="options">What may differ; nothing, unless said.</param>
        /// <exception cref="RecordException">The file cannot be read, or does not match. Everything that does not is listed.</exception>
        public TModule LoadFile(string path, FileRecorder recorder, Device device, LoadOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(recorder);
            return module.LoadRecord(recorder.LoadFor(module, path, device, options ?? LoadOptions.Strict), options);
        }

        /// <summary>A module like this one with the state in the file, which is read on another thread. Nothing may differ.</summary>
        /// <param name="path">The file; the recorder adds its extension.</param>
        /// <param name="recorder">The way it was saved.</param>
        /// <param name="device">Where the tensors live.</param>
        /// <param name="progress">Told after each piece that is read.</param>
        /// <param name="cancellationToken">Stops the load.</param>
        /// <exception cref="RecordException">The file cannot be read, or does not match. Everything that does not is listed.</exception>
        /// <exception cref="OperationCanceledException">The load was stopped.</exception>
        public Task<TModule> LoadFileAsync(
            string path,
            FileRecorder recorder,
            Device device,
            IProgress<RecordProgress>? progress = null,
            CancellationToken cancellationToken = default) =>
            module.LoadFileAsync(path, recorder, device, LoadOptions.Strict, progress, cancellationToken);

        /// <summary>A module like this one with the state in the file, which is read on another thread.</summary>
        /// <param name="path">The file; the recorder adds its extension.</param>
        /// <param name="recorder">The way it was saved.</param>
        /// <param name="device">Where the tensors live.</param>
        /// <param name="options">What may differ.</param>
        /// <param name="progress">Told after each piece that is read.</param>
        /// <param name="cancellationToken">Stops the load.</param>
        /// <exception cref="RecordException">The file cannot be read, or does not match. Everything that does not is listed.</exception>
        /// <exception cref="OperationCanceledException">The load was stopped.</exception>
        public async Task<TModule> LoadFileAsync(
            string path,
            FileRecorder recorder,
            Device device,
            LoadOptions options,
            IProgress<RecordProgress>? progress = null,
            CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(recorder);
            ArgumentNullException.ThrowIfNull(options);
            var record = await recorder.LoadForAsync(module, path, device, options, progress, cancellationToken).ConfigureAwait(false);
            return module.LoadRecord(record, options);
        }
    }
}
