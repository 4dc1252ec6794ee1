using System.Runtime.CompilerServices;

namespace DataPlatform.Kernel.Storage;

/// <summary>Objects in memory, for tests and for data that need not outlive the process.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="time">The clock of <see cref="ObjectInfo.LastModified"/>; the system's when null.</param>
public sealed class InMemoryObjectStore(TimeProvider? time = null) : IObjectStore
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (ReadOnlyMemory<byte> Content, DateTimeOffset LastModified)> _objects = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default)
    {
        ObjectPath.Validate(path);
        lock (_gate)
        {
            return ValueTask.FromResult<ReadOnlyMemory<byte>?>(_objects.TryGetValue(path, out var found) ? found.Content : (ReadOnlyMemory<byte>?)null);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default)
    {
        var content = await GetAsync(path, cancellationToken).ConfigureAwait(false);
        if (offset < 0 || length < 0 || offset > content.Length - length)
        {
            throw new StorageException(ErrorKind.Corrupt, path, $"'{path}' has {content.Length} bytes; {length} from {offset} were asked for.");
        }

        return content.Slice((int)offset, length);
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var content = await GetAsync(path, cancellationToken).ConfigureAwait(false);
        return new MemoryStream(content.ToArray(), writable: false);
    }

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default)
    {
        ObjectPath.Validate(path);
        lock (_gate)
        {
            return ValueTask.FromResult<ObjectInfo?>(
                _objects.TryGetValue(path, out var found) ? new ObjectInfo(path, found.Content.Length, found.LastModified) : null);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectPath.ValidatePrefix(prefix);
        List<ObjectInfo> found = [];
        lock (_gate)
        {
            foreach (var (path, entry) in _objects)
            {
                if (path.StartsWith(prefix, StringComparison.Ordinal) && (startAfter is null || string.CompareOrdinal(path, startAfter) > 0))
                {
                    found.Add(new ObjectInfo(path, entry.Content.Length, entry.LastModified));
                }
            }
        }

        foreach (var info in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return info;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ObjectPath.Validate(path);
        lock (_gate)
        {
            _objects[path] = (content.ToArray(), _time.GetUtcNow());
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ObjectPath.Validate(path);
        lock (_gate)
        {
            return ValueTask.FromResult(_objects.TryAdd(path, (content.ToArray(), _time.GetUtcNow())));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default)
    {
        ObjectPath.Validate(path);
        return ValueTask.FromResult<IObjectWriter>(new Writer(this, path));
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        ObjectPath.Validate(path);
        lock (_gate)
        {
            return ValueTask.FromResult(_objects.Remove(path));
        }
    }

    /// <inheritdoc/>
    public bool TryGetLocalPath(string path, out string localPath)
    {
        localPath = string.Empty;
        return false;
    }

    private async ValueTask<ReadOnlyMemory<byte>> GetAsync(string path, CancellationToken cancellationToken)
        => await TryGetAsync(path, cancellationToken).ConfigureAwait(false) ?? throw StorageException.NotFound(path, "the in-memory store");

    private sealed class Writer(InMemoryObjectStore store, string path) : IObjectWriter
    {
        private readonly MemoryStream _buffer = new();

        public Stream Stream => _buffer;

        public async ValueTask<long> CompleteAsync(CancellationToken cancellationToken = default)
        {
            await store.PutAsync(path, _buffer.ToArray(), cancellationToken).ConfigureAwait(false);
            return _buffer.Length;
        }

        public ValueTask DisposeAsync() => _buffer.DisposeAsync();
    }
}
