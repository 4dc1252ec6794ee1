namespace DataPlatform.Quality.Alerts;

/// <summary>Keeps alerts and the messages still to be sent.</summary>
/// <remarks>Implementations are thread-safe. An alert and its message are kept together or not at all: that is what makes the outbox one.</remarks>
public interface IAlertStore
{
    /// <summary>An alert by its key; null when there is none.</summary>
    ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Keeps an alert and, with it, a message. A message whose id is known is not kept again.</summary>
    ValueTask SaveAsync(Alert alert, AlertMessage? message, CancellationToken cancellationToken = default);

    /// <summary>Alerts, newest first.</summary>
    /// <param name="includeResolved">Whether those that are right again are among them.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default);

    /// <summary>Messages that may be sent now, oldest first.</summary>
    ValueTask<IReadOnlyList<AlertMessage>> DueAsync(DateTimeOffset now, int messagesMax, CancellationToken cancellationToken = default);

    /// <summary>Takes a message out of the outbox.</summary>
    ValueTask RemoveMessageAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Puts a message off after a failed attempt.</summary>
    ValueTask PostponeAsync(string id, DateTimeOffset dueAt, int attempts, CancellationToken cancellationToken = default);
}
