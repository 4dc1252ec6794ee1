namespace DataPlatform.Quality.Lineage;

/// <summary>Keeps a graph and a store in step: what changed here goes there, and what others kept comes here.</summary>
/// <remarks>Thread-safe. What could not be kept stays a change and is kept the next time.</remarks>
public sealed class LineageKeeper
{
    /// <summary>Following a store that changes all the time takes at most one part in so many of the time.</summary>
    private const int ShareOfTime = 20;

    private readonly LineageGraph _graph;
    private readonly ILineageStore _store;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Task<bool> _look = Task.FromResult(false);
    private string? _stamp;
    private long _readAt;
    private TimeSpan _reads;

    /// <summary>Makes a keeper.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="store">The store.</param>
    /// <param name="time">The clock that says how often a large graph may be read again; null for the system's.</param>
    public LineageKeeper(LineageGraph graph, ILineageStore store, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(store);
        (_graph, _store, _time) = (graph, store, time ?? TimeProvider.System);
    }

    /// <summary>Takes in what the store has.</summary>
    /// <param name="cancellationToken">Stops the reading; the graph is unchanged then.</param>
    public async ValueTask LoadAsync(CancellationToken cancellationToken = default) =>
        await ReadAsync(await _store.StampAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Takes in what others have kept since it last looked. Nothing is read while the store has not changed, and those who ask at once look once.</summary>
    /// <param name="cancellationToken">Stops waiting; the reading goes on.</param>
    /// <returns>Whether the store was read. A graph that takes long to read is read less often: twenty times as long lies between two.</returns>
    public async ValueTask<bool> RefreshAsync(CancellationToken cancellationToken = default)
    {
        Task<bool> look;
        lock (_gate)
        {
            look = _look = _look.IsCompleted ? Task.Run(LookAsync, CancellationToken.None) : _look;
        }

        return await look.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps what changed since the last time.</summary>
    /// <param name="cancellationToken">Before the write; the changes stay.</param>
    /// <returns>How many edges and annotations were kept.</returns>
    public async ValueTask<int> SaveAsync(CancellationToken cancellationToken = default)
    {
        var changes = _graph.TakeChanges();
        if (changes.IsEmpty)
        {
            return 0;
        }

        try
        {
            await _store.SaveAsync(changes, cancellationToken).ConfigureAwait(false);
            return changes.Edges.Count + changes.Annotations.Count;
        }
        catch
        {
            _graph.GiveBack(changes);
            throw;
        }
    }

    private async Task<bool> LookAsync()
    {
        if (_time.GetElapsedTime(_readAt) < _reads * ShareOfTime)
        {
            return false;
        }

        var stamp = await _store.StampAsync().ConfigureAwait(false);
        if (stamp is not null && stamp == _stamp)
        {
            return false;
        }

        await ReadAsync(stamp, CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    /// <summary>The stamp was taken before: what is kept during the reading is read again, and not missed.</summary>
    private async ValueTask ReadAsync(string? stamp, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        _graph.Restore(await _store.LoadAsync(cancellationToken).ConfigureAwait(false));
        (_stamp, _readAt, _reads) = (stamp, _time.GetTimestamp(), _time.GetElapsedTime(began));
    }
}
