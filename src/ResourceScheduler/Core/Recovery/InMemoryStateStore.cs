using System.Runtime.CompilerServices;
using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>Keeps a scheduler's log in memory: for tests, and for several managers in one process. Thread-safe.</summary>
/// <remarks>A claim does not wait: it deposes whoever leads.</remarks>
public sealed class InMemoryStateStore : IStateStore
{
    private readonly Lock _gate = new();
    private readonly List<LogRecord> _records = [];
    private SavedState? _state;
    private long _epoch;

    /// <summary>Records kept now; those that a saved state replaces are dropped.</summary>
    public int RecordCount
    {
        get
        {
            lock (_gate)
            {
                return _records.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(++_epoch);
        }
    }

    /// <inheritdoc/>
    public ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_state);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRecord> ReadLogAsync(
        long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        LogRecord[] records;
        lock (_gate)
        {
            records = [.. _records.Where(record => record.Sequence > afterSequence)];
        }

        foreach (var record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            EnsureLeads(record.Epoch);
            var last = _records.Count > 0 ? _records[^1].Sequence : _state?.Sequence ?? 0;
            if (record.Sequence != last + 1)
            {
                throw new SchedulerException(ErrorKind.Conflict, $"Record {record.Sequence} does not follow record {last}.");
            }

            _records.Add(record);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            EnsureLeads(state.Epoch);
            _state = state;
            _records.RemoveAll(record => record.Sequence <= state.Sequence);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void EnsureLeads(long epoch)
    {
        if (epoch != _epoch)
        {
            throw new SchedulerException(ErrorKind.Conflict, $"Epoch {epoch} is over: epoch {_epoch} leads now.");
        }
    }
}
