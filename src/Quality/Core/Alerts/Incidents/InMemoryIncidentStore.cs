namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Incidents in memory, for tests and for hosts that need no history beyond their life.</summary>
/// <remarks>Thread-safe. Closed incidents beyond <see cref="ClosedMax"/> are let go, those closed first.</remarks>
public sealed class InMemoryIncidentStore : IIncidentStore
{
    /// <summary>Closed incidents kept at most.</summary>
    public const int ClosedMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Incident> _incidents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<IncidentChange>> _history = new(StringComparer.Ordinal);
    private readonly Queue<string> _closed = [];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Incident>> ListAsync(
        bool includeClosed = false, int incidentsMax = 10_000, IncidentCursor? after = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<Incident>>(
                [.. _incidents.Values.Where(i => (includeClosed || i.State == IncidentState.Open) && IsAfter(i, after))
                    .OrderByDescending(i => i.OpenedAt).ThenBy(i => i.Id, StringComparer.Ordinal).Take(incidentsMax)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Incident?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_incidents.GetValueOrDefault(id));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Incident>> WithMembersAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, AlertQuery.LimitMax);
        var wanted = keys.ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<Incident>>(
                [.. _incidents.Values.Where(i => i.State == IncidentState.Open && i.Members.Any(m => wanted.Contains(m.Key)))]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IncidentChange>> HistoryAsync(string id, int changesMax = 1_000, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<IncidentChange>>([.. (_history.GetValueOrDefault(id) ?? []).TakeLast(changesMax)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TrySaveAsync(IReadOnlyList<IncidentRevision> revisions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(revisions);
        lock (_gate)
        {
            if (revisions.Any(r => r.Incident.Sequence != (_incidents.GetValueOrDefault(r.Incident.Id)?.Sequence ?? 0) + 1) || OwnsTwice(revisions))
            {
                return ValueTask.FromResult(false);
            }

            foreach (var (incident, changes) in revisions)
            {
                Keep(incident, changes);
            }

            return ValueTask.FromResult(true);
        }
    }

    /// <summary>Whether an alert is in an open incident; one that is right again, whether it was in any.</summary>
    internal bool Holds(string key, bool isResolved)
    {
        lock (_gate)
        {
            return _incidents.Values.Any(i => (isResolved || i.State == IncidentState.Open) && i.Members.Any(m => m.Key == key));
        }
    }

    private static bool IsAfter(Incident incident, IncidentCursor? after) => after is not { } cursor
        || incident.OpenedAt < cursor.OpenedAt
        || (incident.OpenedAt == cursor.OpenedAt && string.CompareOrdinal(incident.Id, cursor.Id) > 0);

    private void Keep(Incident incident, IReadOnlyList<IncidentChange> changes)
    {
        _incidents[incident.Id] = incident;
        _history.TryAdd(incident.Id, []);
        _history[incident.Id].AddRange(changes);
        if (incident.State == IncidentState.Open)
        {
            return;
        }

        _closed.Enqueue(incident.Id);
        if (_closed.Count > ClosedMax)
        {
            var oldest = _closed.Dequeue();
            _incidents.Remove(oldest);
            _history.Remove(oldest);
        }
    }

    /// <summary>Whether an alert would be in two open incidents.</summary>
    private bool OwnsTwice(IReadOnlyList<IncidentRevision> revisions)
    {
        var revised = revisions.Select(r => r.Incident.Id).ToHashSet(StringComparer.Ordinal);
        var all = _incidents.Values.Where(i => !revised.Contains(i.Id)).Concat(revisions.Select(r => r.Incident));
        var keys = new HashSet<string>(StringComparer.Ordinal);
        return all.Where(i => i.State == IncidentState.Open).SelectMany(i => i.Members).Any(m => !keys.Add(m.Key));
    }
}
