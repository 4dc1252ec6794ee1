using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>
/// A store that dies at the n-th step: before the step takes effect, or after it took effect and before the caller hears of it. From then
/// on every call fails, as for a killed process. Reads count as steps too.
/// </summary>
internal sealed class FaultingStore(IObjectStore inner, int dieAtStep, bool afterEffect) : IObjectStore
{
    private int _steps;

    public bool IsDead { get; private set; }

    public async ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default)
        => await StepAsync(() => inner.TryGetAsync(path, cancellationToken));

    public async ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(
        string path, long offset, int length, CancellationToken cancellationToken = default)
        => await StepAsync(() => inner.GetRangeAsync(path, offset, length, cancellationToken));

    public async ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
        => await StepAsync(() => inner.OpenReadAsync(path, cancellationToken));

    public async ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default)
        => await StepAsync(() => inner.TryStatAsync(path, cancellationToken));

    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix, string? startAfter = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await StepAsync(() => ValueTask.FromResult(0));
        await foreach (var info in inner.ListAsync(prefix, startAfter, cancellationToken))
        {
            yield return info;
        }
    }

    public async ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        => await StepAsync(async () =>
        {
            await inner.PutAsync(path, content, cancellationToken);
            return 0;
        });

    public async ValueTask<bool> TryPutIfAbsentAsync(
        string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        => await StepAsync(() => inner.TryPutIfAbsentAsync(path, content, cancellationToken));

    public async ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default)
        => new Writer(this, await StepAsync(() => inner.OpenWriteAsync(path, cancellationToken)));

    public async ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
        => await StepAsync(() => inner.DeleteAsync(path, cancellationToken));

    public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);

    private async ValueTask<T> StepAsync<T>(Func<ValueTask<T>> act)
    {
        var dies = Interlocked.Increment(ref _steps) == dieAtStep;
        if (IsDead || (dies && !afterEffect))
        {
            IsDead = true;
            throw Dead();
        }

        var result = await act();
        if (dies)
        {
            IsDead = true;
            throw Dead();
        }

        return result;
    }

    private static StorageException Dead() => new(ErrorKind.Unavailable, "*", "The process was killed here by the test.");

    private sealed class Writer(FaultingStore store, IObjectWriter writer) : IObjectWriter
    {
        public Stream Stream => writer.Stream;

        public ValueTask<long> CompleteAsync(CancellationToken cancellationToken = default)
            => store.StepAsync(() => writer.CompleteAsync(cancellationToken));

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
