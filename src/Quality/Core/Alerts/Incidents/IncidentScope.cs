using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>
/// Reads what a decision about some alerts depends on, and no more: the open alerts that lineage connects with them, over one another and however far,
/// and the open incidents that any of these is in. What is left unread neither explains nor is explained by any of it.
/// </summary>
internal sealed class IncidentScope(LineageIndex graph, IAlertStore alerts, IIncidentStore incidents)
{
    private readonly Dictionary<string, Alert> _alerts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Incident> _incidents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Alert> _candidates = new(StringComparer.Ordinal);
    private readonly HashSet<string> _datasets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _keysSeen = new(StringComparer.Ordinal);
    private readonly HashSet<ColumnId> _columnsSeen = [];
    private readonly List<string> _keys = [];
    private readonly List<ColumnId> _columns = [];

    /// <summary>The alerts that are not resolved.</summary>
    public IReadOnlyCollection<Alert> Alerts => _alerts.Values;

    /// <summary>The open incidents.</summary>
    public IReadOnlyList<Incident> Incidents => [.. _incidents.Values];

    /// <summary>Reads.</summary>
    /// <param name="signals">What the decision is about.</param>
    /// <param name="cancellationToken">Stops between two queries.</param>
    public async ValueTask ReadAsync(IEnumerable<AlertSignal> signals, CancellationToken cancellationToken)
    {
        foreach (var signal in signals)
        {
            Add(signal.Key, signal.Column);
        }

        while (_keys.Count > 0 || _columns.Count > 0)
        {
            await ReadKeysAsync(cancellationToken).ConfigureAwait(false);
            await ReadColumnsAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ReadKeysAsync(CancellationToken cancellationToken)
    {
        string[] keys = [.. _keys];
        _keys.Clear();
        foreach (var some in keys.Chunk(AlertQuery.LimitMax))
        {
            foreach (var incident in await incidents.WithMembersAsync(some, cancellationToken).ConfigureAwait(false))
            {
                _incidents[incident.Id] = incident;
                foreach (var member in incident.Members)
                {
                    Add(member.Key, member.Column);
                }
            }

            foreach (var alert in await alerts.FindAsync(some.Where(k => !_alerts.ContainsKey(k)).ToArray(), cancellationToken).ConfigureAwait(false))
            {
                Include(alert);
            }
        }
    }

    private async ValueTask ReadColumnsAsync(CancellationToken cancellationToken)
    {
        if (_columns.Count == 0)
        {
            return;
        }

        var around = graph.Around([.. _columns]);
        _columns.Clear();
        foreach (var some in around.Datasets.Where(_datasets.Add).Chunk(AlertQuery.LimitMax))
        {
            foreach (var alert in await alerts.MatteringAsync(some, cancellationToken).ConfigureAwait(false))
            {
                _candidates[alert.Key] = alert;
            }
        }

        foreach (var alert in _candidates.Values.Where(a => around.Holds(a.Column!.Value)).ToList())
        {
            _candidates.Remove(alert.Key);
            Include(alert);
        }
    }

    private void Include(Alert alert)
    {
        if (alert.Key.StartsWith(Incident.AlertKeyPrefix, StringComparison.Ordinal))
        {
            return;
        }

        // One that is right again may still explain others, as a member of its incident, which its key leads to.
        Add(alert.Key, alert.Column);
        if (alert.State != AlertState.Resolved)
        {
            _alerts[alert.Key] = alert;
        }
    }

    private void Add(string key, ColumnId? column)
    {
        if (_keysSeen.Add(key))
        {
            _keys.Add(key);
        }

        if (column is { } about && _columnsSeen.Add(about))
        {
            _columns.Add(about);
        }
    }
}
