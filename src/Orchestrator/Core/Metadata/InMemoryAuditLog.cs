namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Keeps the newest entries in memory.</summary>
internal sealed class InMemoryAuditLog : IAuditLog
{
    /// <summary>Entries kept; older ones are forgotten.</summary>
    private const int EntriesMax = 100_000;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, AuditEntry> _entries = [];
    private long _last;

    public ValueTask<long> BeginAsync(AuditEntry entry, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _entries.Add(++_last, entry with { Id = _last, Outcome = AuditOutcome.Begun, Result = null });
            _entries.Remove(_last - EntriesMax);
            return new(_last);
        }
    }

    public ValueTask EndAsync(long id, AuditOutcome outcome, string result, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(id, out var entry) && entry.Outcome == AuditOutcome.Begun)
            {
                _entries[id] = entry with { Outcome = outcome, Result = AuditText.Cut(result, AuditEntry.ResultLengthMax) };
            }
        }

        return default;
    }

    /// <summary>Forgets entries from before an instant. Gives how many.</summary>
    public int Remove(DateTimeOffset before, int limit)
    {
        lock (_gate)
        {
            var gone = _entries.Values.Where(entry => entry.At < before).Take(limit).Select(entry => entry.Id).ToList();
            gone.ForEach(id => _entries.Remove(id));
            return gone.Count;
        }
    }

    public ValueTask<IReadOnlyList<AuditEntry>> ListAsync(AuditQuery query, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return new(
            [
                .. _entries.Values.Reverse()
                    .Where(entry => query.DagId is null || entry.DagId == query.DagId)
                    .Where(entry => query.RunId is null || entry.RunId == query.RunId)
                    .Where(entry => query.Actor is null || entry.Actor == query.Actor)
                    .Where(entry => query.BeforeId is null || entry.Id < query.BeforeId)
                    .Take(query.Limit),
            ]);
        }
    }
}
