using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Tests;

/// <summary>Thrown where a test lets the process die.</summary>
public sealed class CrashException(string where) : Exception($"crash {where}");

/// <summary>Counts the steps at which a process can die, and lets it die at a chosen one: from then on nothing has an effect any more.</summary>
public sealed class CrashPlan(int crashAt)
{
    private int _steps;
    private volatile bool _dead;

    public int Steps => Volatile.Read(ref _steps);

    public bool Crashed => _dead;

    public void Step(string what)
    {
        if (_dead || Interlocked.Increment(ref _steps) == crashAt)
        {
            _dead = true;
            throw new CrashException(what);
        }
    }
}

/// <summary>A store that dies before or after any of its writes.</summary>
public sealed class FaultyStore(IObjectStore inner, CrashPlan plan) : IObjectStore
{
    public ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default) => inner.TryGetAsync(path, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default)
        => inner.GetRangeAsync(path, offset, length, cancellationToken);

    public ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default) => inner.OpenReadAsync(path, cancellationToken);

    public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default) => inner.TryStatAsync(path, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
        => inner.ListAsync(prefix, startAfter, cancellationToken);

    public async ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        plan.Step($"before put {path}");
        await inner.PutAsync(path, content, cancellationToken);
        plan.Step($"after put {path}");
    }

    public async ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        plan.Step($"before put {path}");
        var won = await inner.TryPutIfAbsentAsync(path, content, cancellationToken);
        plan.Step($"after put {path}");
        return won;
    }

    public async ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default)
    {
        plan.Step($"before write {path}");
        return new Writer(await inner.OpenWriteAsync(path, cancellationToken), plan, path);
    }

    public async ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        plan.Step($"before delete {path}");
        return await inner.DeleteAsync(path, cancellationToken);
    }

    public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);

    private sealed class Writer(IObjectWriter inner, CrashPlan plan, string path) : IObjectWriter
    {
        public Stream Stream => inner.Stream;

        public async ValueTask<long> CompleteAsync(CancellationToken cancellationToken = default)
        {
            plan.Step($"before completing {path}");
            var length = await inner.CompleteAsync(cancellationToken);
            plan.Step($"after completing {path}");
            return length;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
