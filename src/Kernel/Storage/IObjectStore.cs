namespace DataPlatform.Kernel.Storage;

/// <summary>A flat namespace of immutable-by-convention objects: a folder on disk, memory, or a bucket.</summary>
/// <remarks>
/// Paths are relative, <c>/</c>-separated, see <see cref="ObjectPath"/>. A write is visible whole or not at all, and durable when the call
/// returns. Implementations are thread-safe. A cancelled write may or may not have become visible, but never in part.
/// </remarks>
public interface IObjectStore
{
    /// <summary>Reads a whole object.</summary>
    /// <returns>The bytes, or null when there is no such object.</returns>
    /// <exception cref="StorageException">The store did not answer.</exception>
    ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="offset"/>.</summary>
    /// <exception cref="StorageException">No such object, or it is shorter than the range.</exception>
    ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default);

    /// <summary>Opens an object for reading; the stream can seek.</summary>
    /// <exception cref="StorageException">No such object.</exception>
    ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Size and time of an object, or null when there is none.</summary>
    ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Lists objects whose path begins with a prefix, in ordinal order of the path.</summary>
    /// <param name="prefix">The prefix; empty for all.</param>
    /// <param name="startAfter">Only paths ordinally above this one; null for all.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default);

    /// <summary>Writes an object, replacing one of that name.</summary>
    ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Writes an object only where there is none: the one primitive that decides races.</summary>
    /// <returns>False when an object of that name was there; it is left as it was.</returns>
    ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Begins an object that is too large to hold in memory. It becomes visible on <see cref="IObjectWriter.CompleteAsync"/>.</summary>
    ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Removes an object.</summary>
    /// <returns>False when there was none.</returns>
    ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>The file behind an object, for native readers that want one.</summary>
    /// <returns>False where objects are not files on this machine; the file need not exist.</returns>
    bool TryGetLocalPath(string path, out string localPath);
}

/// <summary>An object being written. Disposing it without completing leaves no trace.</summary>
public interface IObjectWriter : IAsyncDisposable
{
    /// <summary>Where to write; it can seek where the store allows it. Closing it is left to this writer.</summary>
    Stream Stream { get; }

    /// <summary>Makes the object durable and visible, replacing one of that name.</summary>
    /// <returns>Its length in bytes.</returns>
    ValueTask<long> CompleteAsync(CancellationToken cancellationToken = default);
}
