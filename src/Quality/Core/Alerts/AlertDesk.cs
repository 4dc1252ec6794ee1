using DataPlatform.Kernel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Quality.Alerts;

/// <summary>Takes what is found, keeps alerts, and sends what is due.</summary>
/// <remarks>
/// Thread-safe, and safe beside desks of other processes on the same store. A message is sent to each channel at least once: a process killed
/// between sending and noting it leaves it to be sent again, under the same id, when its claim has run out.
/// </remarks>
public sealed partial class AlertDesk : IDisposable
{
    private const int AttemptsMax = 100;
    private readonly IAlertStore _store;
    private readonly AlertPolicy _policy;
    private readonly IReadOnlyList<AlertChannel> _channels;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _sending = new(1, 1);

    /// <summary>Makes a desk.</summary>
    /// <param name="store">Where alerts and messages are kept.</param>
    /// <param name="channels">Where messages are sent; each gets all that it wants to be told of.</param>
    /// <param name="policy">When; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="logger">Where failures to send are logged; nowhere when null.</param>
    /// <exception cref="ArgumentException">Two channels have one name.</exception>
    public AlertDesk(
        IAlertStore store, IReadOnlyList<AlertChannel> channels, AlertPolicy? policy = null, TimeProvider? time = null, ILogger<AlertDesk>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(channels);
        if (channels.GroupBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two channels are named '{twice.Key}'; the outbox tells them apart by name.", nameof(channels));
        }

        _store = store;
        _channels = [.. channels];
        _policy = policy ?? new AlertPolicy();
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<AlertDesk>.Instance;
    }

    /// <summary>Takes signals and makes messages of them.</summary>
    /// <param name="signals">The signals.</param>
    /// <param name="cancellationToken">Stops between two signals.</param>
    /// <returns>How many alerts there is something to say about.</returns>
    /// <exception cref="QualityException">Others kept changing an alert.</exception>
    public ValueTask<int> ObserveAsync(IEnumerable<AlertSignal> signals, CancellationToken cancellationToken = default)
        => TakeAsync(signals, isSilent: false, cancellationToken);

    /// <summary>Takes signals and makes no messages: somebody else tells of them, as an incident does of its members.</summary>
    /// <param name="signals">The signals.</param>
    /// <param name="cancellationToken">Stops between two signals.</param>
    /// <exception cref="QualityException">Others kept changing an alert.</exception>
    public async ValueTask RecordAsync(IEnumerable<AlertSignal> signals, CancellationToken cancellationToken = default)
        => await TakeAsync(signals, isSilent: true, cancellationToken).ConfigureAwait(false);

    /// <summary>Changes an alert by hand, see <see cref="AlertMachine.Acknowledge"/> and <see cref="AlertMachine.Mute"/>.</summary>
    /// <param name="key">The alert.</param>
    /// <param name="change">The change; it may be asked more than once, when somebody else changes the alert meanwhile.</param>
    /// <param name="cancellationToken">Before the change is kept.</param>
    /// <exception cref="QualityException">There is no such alert, or others kept changing it.</exception>
    public async ValueTask<Alert> ChangeAsync(string key, Func<Alert, Alert> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var current = await _store.FindAsync(key, cancellationToken).ConfigureAwait(false)
                ?? throw new QualityException(ErrorKind.Invalid, $"There is no alert '{key}'.");
            var changed = change(current);
            if (await _store.TrySaveAsync(changed, [], cancellationToken).ConfigureAwait(false))
            {
                return changed;
            }
        }

        throw TooBusy(key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Dispose();
        _sending.Dispose();
    }

    private async ValueTask<int> TakeAsync(IEnumerable<AlertSignal> signals, bool isSilent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signals);
        var made = 0;
        foreach (var signal in signals)
        {
            // One signal at a time in this process, so that attempts are lost to other processes only.
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                made += await TakeAsync(signal, isSilent, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
            finally
            {
                _gate.Release();
            }
        }

        return made;
    }

    private async ValueTask<bool> TakeAsync(AlertSignal signal, bool isSilent, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var current = await _store.FindAsync(signal.Key, cancellationToken).ConfigureAwait(false);
            var (alert, message) = AlertMachine.Apply(current, signal, _policy, _time.GetUtcNow());
            if (alert is null)
            {
                return false;
            }

            var messages = message is null || isSilent ? [] : _channels.Select(c => ForChannel(c, message, current)).OfType<AlertMessage>().ToList();
            if (await _store.TrySaveAsync(alert, messages, cancellationToken).ConfigureAwait(false))
            {
                return messages.Count > 0;
            }
        }

        throw TooBusy(signal.Key);
    }

    /// <summary>A message as a channel is to be sent it; null when it is not told.</summary>
    private static AlertMessage? ForChannel(AlertChannel channel, AlertMessage message, Alert? before)
    {
        if (message.Severity < channel.From)
        {
            return null;
        }

        var own = message with { Channel = channel.Name };
        if (channel.After == TimeSpan.Zero)
        {
            return own;
        }

        // An escalation is told late, and of reminders and the end only where it was told before.
        var wasTold = before is { State: AlertState.Open } && message.At - before.OpenedAt >= channel.After;
        return message.Kind == AlertMessageKind.Opened
            ? own with { DueAt = own.DueAt > own.At + channel.After ? own.DueAt : own.At + channel.After }
            : wasTold ? own : null;
    }

    private static QualityException TooBusy(string key)
        => new(ErrorKind.Conflict, $"Alert '{key}' was changed by others {AttemptsMax} times in a row: try again.");
}
