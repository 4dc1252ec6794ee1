using DataPlatform.Quality.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Quality.Alerts;

/// <summary>Takes what is found, keeps alerts, and sends what is due.</summary>
/// <remarks>
/// Thread-safe. A message is sent at least once: a process killed between sending and noting it sends it again, under the same id. One desk
/// at a time should send from a store.
/// </remarks>
public sealed partial class AlertDesk : IDisposable
{
    private const int BatchMax = 200;
    private readonly IAlertStore _store;
    private readonly AlertPolicy _policy;
    private readonly IReadOnlyList<INotifier> _notifiers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Makes a desk.</summary>
    /// <param name="store">Where alerts and messages are kept.</param>
    /// <param name="notifiers">Where messages are sent; each gets all of them.</param>
    /// <param name="policy">When; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="logger">Where failures to send are logged; nowhere when null.</param>
    public AlertDesk(IAlertStore store, IReadOnlyList<INotifier> notifiers, AlertPolicy? policy = null, TimeProvider? time = null, ILogger<AlertDesk>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(notifiers);
        _store = store;
        _notifiers = [.. notifiers];
        _policy = policy ?? new AlertPolicy();
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<AlertDesk>.Instance;
    }

    /// <summary>Takes signals.</summary>
    /// <param name="signals">The signals.</param>
    /// <param name="cancellationToken">Stops between two signals.</param>
    /// <returns>How many messages they made.</returns>
    public async ValueTask<int> ObserveAsync(IEnumerable<AlertSignal> signals, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(signals);
        var made = 0;
        foreach (var signal in signals)
        {
            // One signal at a time: two looks at one alert would otherwise both see it closed and both open it.
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var current = await _store.FindAsync(signal.Key, cancellationToken).ConfigureAwait(false);
                var (alert, message) = AlertMachine.Apply(current, signal, _policy, _time.GetUtcNow());
                if (alert is not null)
                {
                    await _store.SaveAsync(alert, message, cancellationToken).ConfigureAwait(false);
                    made += message is null ? 0 : 1;
                }
            }
            finally
            {
                _gate.Release();
            }
        }

        return made;
    }

    /// <summary>Changes an alert by hand, see <see cref="AlertMachine.Acknowledge"/> and <see cref="AlertMachine.Mute"/>.</summary>
    /// <param name="key">The alert.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Before the change is kept.</param>
    /// <exception cref="QualityException">There is no such alert.</exception>
    public async ValueTask<Alert> ChangeAsync(string key, Func<Alert, Alert> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var current = await _store.FindAsync(key, cancellationToken).ConfigureAwait(false)
                ?? throw new QualityException(Kernel.ErrorKind.Invalid, $"There is no alert '{key}'.");
            var changed = change(current);
            await _store.SaveAsync(changed, null, cancellationToken).ConfigureAwait(false);
            return changed;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Sends what is due: single messages, and those of a digest together.</summary>
    /// <param name="cancellationToken">Stops between two messages.</param>
    /// <returns>How many messages were sent.</returns>
    public async ValueTask<int> SendDueAsync(CancellationToken cancellationToken = default)
    {
        var due = await _store.DueAsync(_time.GetUtcNow(), BatchMax, cancellationToken).ConfigureAwait(false);
        var sent = 0;
        foreach (var batch in due.GroupBy(m => m.Severity < _policy.ImmediateFrom ? "digest" : m.Id))
        {
            sent += await SendAsync([.. batch], cancellationToken).ConfigureAwait(false);
        }

        return sent;
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask<int> SendAsync(AlertMessage[] messages, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var notifier in _notifiers)
            {
                await notifier.SendAsync(messages, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (QualityException e)
        {
            await PostponeAsync(messages, e, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        foreach (var message in messages)
        {
            await _store.RemoveMessageAsync(message.Id, cancellationToken).ConfigureAwait(false);
        }

        return messages.Length;
    }

    private async ValueTask PostponeAsync(AlertMessage[] messages, QualityException reason, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
        {
            var attempts = message.Attempts + 1;
            if (attempts >= _policy.AttemptsMax)
            {
                LogGivenUp(message.Id, attempts, reason.Message);
                QualityTelemetry.MessagesGivenUp.Add(1);
                await _store.RemoveMessageAsync(message.Id, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                LogPostponed(message.Id, attempts, reason.Message);
                await _store.PostponeAsync(message.Id, _time.GetUtcNow() + _policy.WaitAfter(attempts), attempts, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "Message {Id} was not sent (attempt {Attempts}): {Reason}")]
    private partial void LogPostponed(string id, int attempts, string reason);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Error, Message = "Message {Id} is given up after {Attempts} attempts: {Reason}")]
    private partial void LogGivenUp(string id, int attempts, string reason);
}
