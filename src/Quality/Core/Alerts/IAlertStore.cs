namespace DataPlatform.Quality.Alerts;

/// <summary>Keeps alerts and the messages still to be sent.</summary>
/// <remarks>Implementations are thread-safe. An alert and its messages are kept together or not at all: that is what makes the outbox one.</remarks>
public interface IAlertStore
{
    /// <summary>An alert by its key; null when there is none.</summary>
    ValueTask<Alert?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Keeps an alert and, with it, messages. A message whose id and channel are known is not kept again.</summary>
    /// <param name="alert">The alert, with the revision it was read with; 0 for a new one.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="cancellationToken">Before the write.</param>
    /// <returns>False when it was changed by somebody else since it was read: read it and decide again.</returns>
    ValueTask<bool> TrySaveAsync(Alert alert, IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Alerts by their keys; keys without one are passed over.</summary>
    /// <param name="keys">The keys, at most <see cref="AlertQuery.LimitMax"/>.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    ValueTask<IReadOnlyList<Alert>> FindAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>
    /// Alerts about columns of some datasets that still matter: those that are not resolved, and those in an open incident of the same store, which
    /// explain others for a while after.
    /// </summary>
    /// <param name="datasets">The datasets, at most <see cref="AlertQuery.LimitMax"/>.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    ValueTask<IReadOnlyList<Alert>> MatteringAsync(IReadOnlyCollection<string> datasets, CancellationToken cancellationToken = default);

    /// <summary>A page of alerts, newest first, then by key.</summary>
    ValueTask<IReadOnlyList<Alert>> PageAsync(AlertQuery query, CancellationToken cancellationToken = default);

    /// <summary>All alerts, newest first: to fold them. Lists for people are read by page.</summary>
    /// <param name="includeResolved">Whether those that are right again are among them.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<Alert>> ListAsync(bool includeResolved = false, CancellationToken cancellationToken = default);

    /// <summary>Claims messages that may be sent now: nobody else gets them until the claim runs out.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">When the claim runs out; what was neither removed nor postponed by then is claimed again, by whomever.</param>
    /// <param name="messagesMax">At most so many.</param>
    /// <param name="cancellationToken">Before the claim.</param>
    /// <returns>The messages, oldest first.</returns>
    ValueTask<IReadOnlyList<AlertMessage>> ClaimAsync(
        string channel, DateTimeOffset now, DateTimeOffset until, int messagesMax, CancellationToken cancellationToken = default);

    /// <summary>Takes from what a channel may send now. All who use the store take from the same, so that together they hold the channel's rate.</summary>
    /// <param name="channel">The channel; one that never sent is full.</param>
    /// <param name="wanted">How many messages are to be sent.</param>
    /// <param name="rate">The channel's rate.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Before the write.</param>
    /// <returns>How many may be sent, 0 to <paramref name="wanted"/>.</returns>
    ValueTask<int> TakeAsync(string channel, int wanted, ChannelRate rate, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Gives back what was taken and not sent.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="unused">How many.</param>
    /// <param name="rate">The channel's rate.</param>
    /// <param name="cancellationToken">Before the write.</param>
    ValueTask ReturnAsync(string channel, int unused, ChannelRate rate, CancellationToken cancellationToken = default);

    /// <summary>Takes messages out of the outbox: they were sent, or are given up.</summary>
    ValueTask RemoveAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Puts messages back, with the times and attempts they have here, and ends the claims on them.</summary>
    ValueTask PostponeAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Removes resolved alerts last seen before an instant, and messages sent before it.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="rowsMax">Rows removed at most.</param>
    /// <param name="cancellationToken">Before the removal.</param>
    /// <returns>How many rows were removed; fewer than <paramref name="rowsMax"/> when none is left.</returns>
    ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int rowsMax, CancellationToken cancellationToken = default);
}
