using DataPlatform.Quality.Alerts.Incidents;

namespace DataPlatform.Quality.Alerts;

/// <summary>Alerts in memory, for tests and for hosts that need no history.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="incidents">The incidents that speak for some of the alerts; none when null.</param>
public sealed class InMemoryAlertStore(InMemoryIncidentStore? incidents = null) : IAlertStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TokenBucket> _rates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Alert> _alerts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Id, string Channel), Kept> _outbox = [];

    /// <inheritdoc/>
    public ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_alerts.GetValueOrDefault(key));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TrySaveAsync(Alert alert, IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        ArgumentNullException.ThrowIfNull(messages);
        lock (_gate)
        {
            if ((_alerts.GetValueOrDefault(alert.Key)?.Revision ?? 0) != alert.Revision)
            {
                return ValueTask.FromResult(false);
            }

            _alerts[alert.Key] = alert with { Revision = alert.Revision + 1 };
            foreach (var message in messages)
            {
                _outbox.TryAdd((message.Id, message.Channel), new Kept(message));
            }

            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> FindAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<Alert>>([.. keys.Distinct().Select(k => _alerts.GetValueOrDefault(k)).OfType<Alert>()]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> MatteringAsync(IReadOnlyCollection<string> datasets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(datasets.Count, AlertQuery.LimitMax);
        var wanted = datasets.ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<Alert>>(
                [.. _alerts.Values.Where(a => a.Column is { } column && wanted.Contains(column.Dataset) && (a.State != AlertState.Resolved || IsHeld(a)))]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Alert>> PageAsync(AlertQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var all = await ListAsync(query.IncludeResolved, cancellationToken).ConfigureAwait(false);
        return [.. all.Where(a => IsAfter(a, query.After) && (!query.OutsideIncidents || IsOutside(a))).Take(query.Limit)];
    }

    /// <inheritdoc/>
    public ValueTask<int> TakeAsync(string channel, int wanted, ChannelRate rate, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var bucket = _rates.TryGetValue(channel, out var known) ? known : TokenBucket.Full(rate, now);
            (_rates[channel], var taken) = bucket.Take(wanted, rate, now);
            return ValueTask.FromResult(taken);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReturnAsync(string channel, int unused, ChannelRate rate, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_rates.TryGetValue(channel, out var known))
            {
                _rates[channel] = known.Return(unused, rate);
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<Alert>>(
                [.. _alerts.Values.Where(a => includeResolved || a.State != AlertState.Resolved)
                    .OrderByDescending(a => a.OpenedAt).ThenBy(a => a.Key, StringComparer.Ordinal)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AlertMessage>> ClaimAsync(
        string channel, DateTimeOffset now, DateTimeOffset until, int messagesMax, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var due = _outbox.Values
                .Where(k => !k.IsSent && k.Message.Channel == channel && k.Message.DueAt <= now && !(k.ClaimedUntil > now))
                .OrderBy(k => k.Message.At).ThenBy(k => k.Message.Id, StringComparer.Ordinal).Take(messagesMax).Select(k => k.Message).ToList();
            foreach (var message in due)
            {
                _outbox[(message.Id, channel)] = new Kept(message, until);
            }

            return ValueTask.FromResult<IReadOnlyList<AlertMessage>>(due);
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        lock (_gate)
        {
            foreach (var message in messages)
            {
                // The id stays, so that the same message is not made twice.
                _outbox[(message.Id, message.Channel)] = new Kept(message, IsSent: true);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask PostponeAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        lock (_gate)
        {
            foreach (var message in messages.Where(m => _outbox.GetValueOrDefault((m.Id, m.Channel)) is { IsSent: false }))
            {
                _outbox[(message.Id, message.Channel)] = new Kept(message);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var alerts = _alerts.Values.Where(a => a.State == AlertState.Resolved && a.LastSeenAt < before).Take(rowsMax).Select(a => a.Key).ToList();
            alerts.ForEach(key => _alerts.Remove(key));
            var sent = _outbox.Where(k => k.Value.IsSent && k.Value.Message.At < before).Take(rowsMax - alerts.Count).Select(k => k.Key).ToList();
            sent.ForEach(key => _outbox.Remove(key));
            return ValueTask.FromResult(alerts.Count + sent.Count);
        }
    }

    private static bool IsAfter(Alert alert, AlertCursor? after) => after is not { } cursor
        || alert.OpenedAt < cursor.OpenedAt
        || (alert.OpenedAt == cursor.OpenedAt && string.CompareOrdinal(alert.Key, cursor.Key) > 0);

    // Where nothing is known of incidents, any alert may be in one.
    private bool IsHeld(Alert alert) => incidents?.Holds(alert.Key, isResolved: false) ?? true;

    private bool IsOutside(Alert alert) => !alert.Key.StartsWith(Incident.AlertKeyPrefix, StringComparison.Ordinal)
        && incidents?.Holds(alert.Key, alert.State == AlertState.Resolved) is not true;

    private sealed record Kept(AlertMessage Message, DateTimeOffset? ClaimedUntil = null, bool IsSent = false);
}
