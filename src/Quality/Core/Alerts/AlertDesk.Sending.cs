using System.Runtime.ExceptionServices;
using DataPlatform.Quality.Diagnostics;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Quality.Alerts;

/// <summary>The way out: claim, send, note.</summary>
public sealed partial class AlertDesk
{
    private const int BatchMax = 500;

    /// <summary>Sends what is due: single messages, those of a digest together, and together what is beyond a channel's rate.</summary>
    /// <param name="cancellationToken">Stops between two messages; what is claimed by then is sent when the claim has run out.</param>
    /// <returns>How many messages were sent.</returns>
    /// <remarks>
    /// A notifier that fails in another way than it may, or a store that cannot be reached, ends its own channel's round; the exception is thrown once
    /// all channels had theirs.
    /// </remarks>
    public async ValueTask<int> SendDueAsync(CancellationToken cancellationToken = default)
    {
        // One round at a time in this process: what one round claims the next need not look at.
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var sent = 0;
            ExceptionDispatchInfo? failure = null;
            foreach (var channel in _channels)
            {
                try
                {
                    sent += await SendDueAsync(channel, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    LogRoundFailed(channel.Name, e);
                    failure ??= ExceptionDispatchInfo.Capture(e);
                }
            }

            failure?.Throw();
            return sent;
        }
        finally
        {
            _sending.Release();
        }
    }

    private async ValueTask<int> SendDueAsync(AlertChannel channel, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var claimed = await _store.ClaimAsync(channel.Name, now, now + _policy.ClaimFor, BatchMax, cancellationToken).ConfigureAwait(false);
        var wanted = channel.After == TimeSpan.Zero ? claimed : await StillWantedAsync(claimed, cancellationToken).ConfigureAwait(false);
        if (wanted.Count == 0)
        {
            return 0;
        }

        var apart = ChannelPlan.Of(wanted, int.MaxValue, _policy.ImmediateFrom).Count;
        var tokens = await _store.TakeAsync(channel.Name, apart, channel.Rate, now, cancellationToken).ConfigureAwait(false);
        if (tokens == 0)
        {
            await _store.PostponeAsync(wanted, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        return await SendAsync(channel, ChannelPlan.Of(wanted, tokens, _policy.ImmediateFrom), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<int> SendAsync(AlertChannel channel, IReadOnlyList<AlertMessage[]> batches, CancellationToken cancellationToken)
    {
        var sent = 0;
        for (var i = 0; i < batches.Count; i++)
        {
            if (!await TrySendAsync(channel, batches[i], cancellationToken).ConfigureAwait(false))
            {
                // A channel that is down takes the others no better: they go back as they are, and so does what they were allowed.
                await _store.PostponeAsync([.. batches.Skip(i + 1).SelectMany(b => b)], cancellationToken).ConfigureAwait(false);
                await _store.ReturnAsync(channel.Name, batches.Count - i - 1, channel.Rate, cancellationToken).ConfigureAwait(false);
                break;
            }

            sent += batches[i].Length;
        }

        return sent;
    }

    /// <summary>Escalations of alerts that somebody is on by now, or that are right again, are dropped.</summary>
    private async ValueTask<IReadOnlyList<AlertMessage>> StillWantedAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken)
    {
        List<AlertMessage> wanted = [];
        List<AlertMessage> dropped = [];
        foreach (var message in messages)
        {
            var isWanted = message.Kind == AlertMessageKind.Resolved
                || await _store.FindAsync(message.Key, cancellationToken).ConfigureAwait(false) is { State: AlertState.Open };
            (isWanted ? wanted : dropped).Add(message);
        }

        await _store.RemoveAsync(dropped, cancellationToken).ConfigureAwait(false);
        return wanted;
    }

    private async ValueTask<bool> TrySendAsync(AlertChannel channel, AlertMessage[] messages, CancellationToken cancellationToken)
    {
        try
        {
            await channel.Notifier.SendAsync(messages, cancellationToken).ConfigureAwait(false);
        }
        catch (QualityException e)
        {
            await GiveBackAsync(messages, e, cancellationToken).ConfigureAwait(false);
            return false;
        }

        await _store.RemoveAsync(messages, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask GiveBackAsync(AlertMessage[] messages, QualityException reason, CancellationToken cancellationToken)
    {
        List<AlertMessage> later = [];
        List<AlertMessage> givenUp = [];
        foreach (var message in messages)
        {
            var attempts = message.Attempts + 1;
            if (attempts >= _policy.AttemptsMax)
            {
                LogGivenUp(message.Id, message.Channel, attempts, reason.Message);
                QualityTelemetry.MessagesGivenUp.Add(1);
                givenUp.Add(message);
            }
            else
            {
                LogPostponed(message.Id, message.Channel, attempts, reason.Message);
                later.Add(message with { DueAt = _time.GetUtcNow() + _policy.WaitAfter(attempts), Attempts = attempts });
            }
        }

        await _store.PostponeAsync(later, cancellationToken).ConfigureAwait(false);
        await _store.RemoveAsync(givenUp, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 4012, Level = LogLevel.Error, Message = "Sending to {Channel} failed; what was claimed is sent when its claim has run out")]
    private partial void LogRoundFailed(string channel, Exception reason);

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "Message {Id} was not sent to {Channel} (attempt {Attempts}): {Reason}")]
    private partial void LogPostponed(string id, string channel, int attempts, string reason);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Error, Message = "Message {Id} to {Channel} is given up after {Attempts} attempts: {Reason}")]
    private partial void LogGivenUp(string id, string channel, int attempts, string reason);
}
