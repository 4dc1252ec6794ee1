using System.Runtime.CompilerServices;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Testing;

/// <summary>A store whose answers take their time, and which fails now and then, as the seed wills. A write that fails may have happened.</summary>
internal sealed class SimulatedStore(IObjectStore inner, SimulatedScheduler scheduler, Func<bool> failsNow) : IObjectStore
{
    public async ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default)
    {
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        return await inner.TryGetAsync(path, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default)
    {
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        return await inner.GetRangeAsync(path, offset, length, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
    {
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        return await inner.OpenReadAsync(path, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default) => inner.TryStatAsync(path, cancellationToken);

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await PauseAsync(prefix, cancellationToken).ConfigureAwait(false);
        await foreach (var info in inner.ListAsync(prefix, startAfter, cancellationToken).ConfigureAwait(false))
        {
            yield return info;
        }
    }

    public async ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        await inner.PutAsync(path, content, cancellationToken).ConfigureAwait(false);
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        var won = await inner.TryPutIfAbsentAsync(path, content, cancellationToken).ConfigureAwait(false);
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        return won;
    }

    public async ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default)
    {
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        return new Writer(this, path, await inner.OpenWriteAsync(path, cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        await PauseAsync(path, cancellationToken).ConfigureAwait(false);
        return await inner.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
    }

    public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);

    private async ValueTask PauseAsync(string path, CancellationToken cancellationToken)
    {
        await scheduler.PauseAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (failsNow())
        {
            throw new StorageException(ErrorKind.Unavailable, path, $"'{path}': the store does not answer (simulated).");
        }
    }

    private sealed class Writer(SimulatedStore store, string path, IObjectWriter inner) : IObjectWriter
    {
        public Stream Stream => inner.Stream;

        public async ValueTask<long> CompleteAsync(CancellationToken cancellationToken = default)
        {
            await store.PauseAsync(path, cancellationToken).ConfigureAwait(false);
            var length = await inner.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await store.PauseAsync(path, cancellationToken).ConfigureAwait(false);
            return length;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
