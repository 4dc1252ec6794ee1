using DataPlatform.Kernel.Storage;

namespace DataPlatform.Orchestrator.Tests;

/// <summary>A store whose first writes fail.</summary>
internal sealed class FailingStore(IObjectStore inner, int failures) : IObjectStore
{
    private int _left = failures;

    public ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        => Interlocked.Decrement(ref _left) >= 0 ? throw new IOException("full") : inner.PutAsync(path, content, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default) => inner.TryGetAsync(path, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default)
        => inner.GetRangeAsync(path, offset, length, cancellationToken);

    public ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default) => inner.OpenReadAsync(path, cancellationToken);

    public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default) => inner.TryStatAsync(path, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
        => inner.ListAsync(prefix, startAfter, cancellationToken);

    public ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        => inner.TryPutIfAbsentAsync(path, content, cancellationToken);

    public ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default) => inner.OpenWriteAsync(path, cancellationToken);

    public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);

    public ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default) => inner.DeleteAsync(path, cancellationToken);
}
