namespace DataPlatform.Quality.Alerts;

/// <summary>Alerts in memory, for tests and for hosts that need no history.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InMemoryAlertStore : IAlertStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Alert> _alerts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AlertMessage> _outbox = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_alerts.GetValueOrDefault(key));
        }
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(Alert alert, AlertMessage? message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        lock (_gate)
        {
            _alerts[alert.Key] = alert;
            if (message is not null && _known.Add(message.Id))
            {
                _outbox[message.Id] = message;
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<Alert>>(
                [.. _alerts.Values.Where(a => includeResolved || a.State != AlertState.Resolved).OrderByDescending(a => a.OpenedAt).ThenBy(a => a.Key, StringComparer.Ordinal)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AlertMessage>> DueAsync(DateTimeOffset now, int messagesMax, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<AlertMessage>>(
                [.. _outbox.Values.Where(m => m.DueAt <= now).OrderBy(m => m.At).ThenBy(m => m.Id, StringComparer.Ordinal).Take(messagesMax)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveMessageAsync(string id, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _outbox.Remove(id);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask PostponeAsync(string id, DateTimeOffset dueAt, int attempts, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_outbox.TryGetValue(id, out var message))
            {
                _outbox[id] = message with { DueAt = dueAt, Attempts = attempts };
            }
        }

        return ValueTask.CompletedTask;
    }
}
