using DataPlatform.Kernel.Storage;

namespace DataPlatform.Orchestrator.Tests;

/// <summary>A store that does not remove what lies below a prefix.</summary>
internal sealed class StubbornStore(IObjectStore inner, string prefix) : IObjectStore
{
    public ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        inner.PutAsync(path, content, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default) => inner.TryGetAsync(path, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default) =>
        inner.GetRangeAsync(path, offset, length, cancellationToken);

    public ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default) => inner.OpenReadAsync(path, cancellationToken);

    public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default) => inner.TryStatAsync(path, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string under, string? startAfter = null, CancellationToken cancellationToken = default) =>
        inner.ListAsync(under, startAfter, cancellationToken);

    public ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        inner.TryPutIfAbsentAsync(path, content, cancellationToken);

    public ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default) => inner.OpenWriteAsync(path, cancellationToken);

    public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);

    public ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default) =>
        path.StartsWith(prefix, StringComparison.Ordinal) ? throw new IOException("read-only") : inner.DeleteAsync(path, cancellationToken);
}
