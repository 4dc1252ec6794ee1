namespace DataPlatform.Quality.Alerts;

/// <summary>The life of an alert. Pure: what a signal or a person does to it, and which message that makes.</summary>
public static class AlertMachine
{
    /// <summary>Applies a signal.</summary>
    /// <param name="current">The alert as it stands; null when there is none.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="policy">When messages are made.</param>
    /// <param name="now">The time of the signal.</param>
    /// <returns>The alert as it stands now, and the message to send; both null when nothing changes.</returns>
    public static (Alert? Alert, AlertMessage? Message) Apply(Alert? current, AlertSignal signal, AlertPolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(signal);
        ArgumentNullException.ThrowIfNull(policy);
        return signal.IsBad switch
        {
            true when current is null or { State: AlertState.Resolved } => Open(current, signal, policy, now),
            true => StillBad(current!, signal, policy, now),
            false when current is not null and not { State: AlertState.Resolved } => Resolve(current, signal.Detail, policy, now),
            _ => (null, null),
        };
    }

    /// <summary>Somebody is on it.</summary>
    /// <param name="alert">The alert.</param>
    public static Alert Acknowledge(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return alert.State == AlertState.Resolved ? alert : alert with { State = AlertState.Acknowledged, MutedUntil = null };
    }

    /// <summary>It is not to be spoken of for a while.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="until">Until when.</param>
    public static Alert Mute(Alert alert, DateTimeOffset until)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return alert.State == AlertState.Resolved ? alert : alert with { State = AlertState.Muted, MutedUntil = until };
    }

    /// <summary>Somebody says that it is over; it is opened anew when it is seen to be wrong again.</summary>
    /// <param name="alert">The alert.</param>
    public static Alert Resolve(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return alert.State == AlertState.Resolved ? alert : alert with { State = AlertState.Resolved, MutedUntil = null, Sequence = alert.Sequence + 1 };
    }

    private static (Alert, AlertMessage) Open(Alert? before, AlertSignal signal, AlertPolicy policy, DateTimeOffset now)
    {
        var alert = new Alert(
            signal.Key, signal.Title, signal.Severity, AlertState.Open, signal.Detail, now, now, now,
            Sequence: (before?.Sequence ?? 0) + 1, Column: signal.Column, Revision: before?.Revision ?? 0);
        return (alert, Message(alert, AlertMessageKind.Opened, policy, now));
    }

    private static (Alert, AlertMessage?) StillBad(Alert alert, AlertSignal signal, AlertPolicy policy, DateTimeOffset now)
    {
        var isWorse = signal.Severity > alert.Severity;
        var seen = alert with
        {
            LastSeenAt = now,
            Occurrences = alert.Occurrences + 1,
            Detail = signal.Detail,
            Severity = signal.Severity,
            Title = signal.Title,
            Column = signal.Column,
        };
        var endsMute = seen.State == AlertState.Muted && seen.MutedUntil <= now;
        if (endsMute)
        {
            seen = seen with { State = AlertState.Open, MutedUntil = null };
        }

        var reminds = seen.State == AlertState.Open && (isWorse || endsMute || now - seen.LastNotifiedAt >= policy.RemindAfter);
        if (!reminds)
        {
            return (seen, null);
        }

        seen = seen with { LastNotifiedAt = now, Sequence = seen.Sequence + 1 };
        return (seen, Message(seen, AlertMessageKind.Reminded, policy, now));
    }

    private static (Alert, AlertMessage?) Resolve(Alert alert, string detail, AlertPolicy policy, DateTimeOffset now)
    {
        var wasMuted = alert.State == AlertState.Muted && alert.MutedUntil > now;
        var resolved = alert with
        {
            State = AlertState.Resolved,
            Detail = detail,
            MutedUntil = null,
            Sequence = alert.Sequence + 1,
            LastNotifiedAt = wasMuted ? alert.LastNotifiedAt : now,
        };
        return (resolved, wasMuted ? null : Message(resolved, AlertMessageKind.Resolved, policy, now));
    }

    private static AlertMessage Message(Alert alert, AlertMessageKind kind, AlertPolicy policy, DateTimeOffset now)
        => new(
            FormattableString.Invariant($"{alert.Key}#{alert.Sequence}"), alert.Key, kind, alert.Title, alert.Severity, alert.Detail, now,
            policy.DueAt(alert.Severity, now));
}
