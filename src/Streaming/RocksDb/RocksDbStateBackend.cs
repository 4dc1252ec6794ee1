using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>
/// Keyed state in RocksDB: it may be far larger than memory, and a checkpoint uploads only the files that are new since the last. Entries
/// in use
/// are kept as objects in front of the database and written when they are pushed out, and at each barrier.
/// </summary>
/// <remarks>
/// Thread-safe. One instance serves all subtasks of a job; dispose it after the job to remove its working folder at once, or leave that to
/// the next process.
/// </remarks>
public sealed class RocksDbStateBackend : StateBackend, IDisposable
{
    internal const string BackendName = "rocksdb";

    private readonly Lazy<WorkingFolder> _folder;

    /// <summary>Makes a back end.</summary>
    /// <param name="options">Its settings; defaults when null.</param>
    public RocksDbStateBackend(RocksDbStateOptions? options = null)
    {
        Options = options ?? new RocksDbStateOptions();
        Options.Validate();
        _folder = new Lazy<WorkingFolder>(() => new WorkingFolder(Options.LocalFolder));
    }

    /// <inheritdoc/>
    public override string Name => BackendName;

    /// <summary>How many objects of the native library the process holds: databases, iterators, batches and what they need.</summary>
    public static long NativeHandles => Native.NativeHandle.Live;

    internal RocksDbStateOptions Options { get; }

    internal RocksDbMemory Memory => Options.Memory ?? RocksDbMemory.Shared;

    internal WorkingFolder Folder => _folder.Value;

    /// <summary>Removes the working folder. The jobs that use the back end must have ended.</summary>
    public void Dispose()
    {
        if (_folder.IsValueCreated)
        {
            _folder.Value.Dispose();
        }
    }

    internal override StateStore<TKey> Open<TKey>(OperatorContext context, IStateSerializer<TKey> keySerializer, RestoredOperator? restored)
        => new RocksDbStore<TKey>(this, context, keySerializer, restored);

    internal override async ValueTask<FetchedDatabase> FetchAsync(
        CheckpointStorage storage, string jobName, string uid, StateDatabase database, CancellationToken cancellationToken)
    {
        if (!database.Backend.Equals(BackendName, StringComparison.Ordinal))
        {
            throw new StreamJobException(
                ErrorKind.Invalid,
                $"The checkpoint of job '{jobName}' holds state of operator '{uid}' in the files of back end '{database.Backend}', which '{BackendName}' does not read. Restore it with that back end and take a savepoint, which any back end reads.");
        }

        var folder = Directory.CreateDirectory(Folder.Next("db")).FullName;
        try
        {
            foreach (var file in database.Files)
            {
                await storage.FetchAsync(
                    uid, file, Path.Combine(folder, Path.GetFileName(file.Name)), cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            Remove(folder);
            throw;
        }

        return new FetchedDatabase(database, folder, IsClaimed: true);
    }

    /// <summary>Removes a folder of a database that has been closed.</summary>
    internal static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
