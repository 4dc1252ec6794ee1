using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>
/// Many who wait for rows of the store look together: one statement a look, however many wait, so that they do not take the store from those they
/// wait for. Looks at once for whoever comes, at each pulse, and by itself ever more seldom. Thread-safe.
/// </summary>
/// <param name="find">Gives what is there of the numbers that are waited for.</param>
/// <param name="wake">Beats when there may be something.</param>
internal sealed class SharedLook<T>(
    Func<IReadOnlyCollection<long>, CancellationToken, ValueTask<IReadOnlyDictionary<long, T>>> find, Pulse wake)
{
    /// <summary>Between two looks, whatever beats.</summary>
    private static readonly TimeSpan PauseLeast = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseMost = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, (TaskCompletionSource<T> Source, int Waiters)> _waiting = [];
    private readonly Pulse _came = new();
    private bool _isLooking;
    private OrchestratorException? _closed;

    /// <summary>Waits until there is something.</summary>
    /// <exception cref="DataPlatformException">The store could not be asked, or nobody looks any more.</exception>
    public async Task<T> WaitAsync(long id, CancellationToken cancellationToken)
    {
        var source = Enter(id);
        try
        {
            return await source.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(id, source);
        }
    }

    /// <summary>Those who wait, now or later, are told why nobody looks any more.</summary>
    public void Close(OrchestratorException reason)
    {
        List<TaskCompletionSource<T>> waiting;
        lock (_gate)
        {
            _closed ??= reason;
            waiting = [.. _waiting.Values.Select(entry => entry.Source)];
        }

        waiting.ForEach(source => source.TrySetException(reason));
        _came.Beat();
    }

    private TaskCompletionSource<T> Enter(long id)
    {
        lock (_gate)
        {
            if (_closed is { } reason)
            {
                throw reason;
            }

            var (source, waiters) = _waiting.GetValueOrDefault(id);
            source ??= new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[id] = (source, waiters + 1);
            if (!_isLooking)
            {
                _isLooking = true;
                _ = Task.Run(LookAsync);
            }

            _came.Beat();
            return source;
        }
    }

    private void Leave(long id, TaskCompletionSource<T> source)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(id, out var entry) && entry.Source == source)
            {
                _waiting[id] = entry with { Waiters = entry.Waiters - 1 };
                if (entry.Waiters == 1)
                {
                    _waiting.Remove(id);
                }
            }
        }
    }

    /// <summary>Works as long as anybody waits.</summary>
    private async Task LookAsync()
    {
        for (var pause = PauseFirst; ; pause = pause * 2 < PauseMost ? pause * 2 : PauseMost)
        {
            var (came, beat) = (_came.Next, wake.Next);
            if (Waited() is not { Length: > 0 } ids)
            {
                return;
            }

            await FindAsync(ids).ConfigureAwait(false);
            await Task.Delay(PauseLeast, TimeProvider.System).ConfigureAwait(false);
            await Pulse.WaitAsync(Task.WhenAny(came, beat), pause, CancellationToken.None).ConfigureAwait(false);
            pause = came.IsCompleted ? PauseFirst / 2 : pause;
        }
    }

    private long[] Waited()
    {
        lock (_gate)
        {
            // What was told waits only to be taken.
            long[] ids = [.. _waiting.Where(entry => !entry.Value.Source.Task.IsCompleted).Select(entry => entry.Key)];
            _isLooking = ids.Length > 0;
            return ids;
        }
    }

    private async Task FindAsync(long[] ids)
    {
        try
        {
            foreach (var (id, value) in await find(ids, CancellationToken.None).ConfigureAwait(false))
            {
                Tell([id], source => source.TrySetResult(value));
            }
        }
#pragma warning disable CA1031 // Each of those who wait gets it, and decides.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Tell(ids, source => source.TrySetException(exception));
        }
    }

    /// <summary>Whoever comes after that waits for something new.</summary>
    private void Tell(long[] ids, Action<TaskCompletionSource<T>> how)
    {
        foreach (var id in ids)
        {
            TaskCompletionSource<T>? source;
            lock (_gate)
            {
                source = _waiting.Remove(id, out var entry) ? entry.Source : null;
            }

            if (source is not null)
            {
                how(source);
            }
        }
    }
}
