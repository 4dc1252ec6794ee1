using DataPlatform.Kernel;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Takes what is found and tells people of incidents instead of single alerts: one message for a root and all that it explains.</summary>
/// <remarks>
/// Thread-safe, and safe beside other processes on the same stores. Each incident is an alert too, so it is acknowledged, muted, reminded of
/// and resolved as any other, under <see cref="Incident.AlertKey"/>. A process killed between keeping an incident and telling of it tells of
/// it at the next fold.
/// </remarks>
/// <param name="desk">Keeps alerts and sends messages.</param>
/// <param name="alerts">The desk's store.</param>
/// <param name="incidents">Where incidents are kept.</param>
/// <param name="graph">The lineage as it is now.</param>
/// <param name="options">How alerts are folded; the defaults when null.</param>
/// <param name="time">The clock; the system's when null.</param>
public sealed class IncidentDesk(
    AlertDesk desk,
    IAlertStore alerts,
    IIncidentStore incidents,
    Func<LineageIndex> graph,
    IncidentOptions? options = null,
    TimeProvider? time = null)
{
    private const int AttemptsMax = 20;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Takes signals and folds what is open.</summary>
    /// <param name="signals">The signals, with the columns they are about.</param>
    /// <param name="cancellationToken">Stops between two steps; the next fold goes on.</param>
    /// <returns>The open incidents.</returns>
    /// <exception cref="QualityException">Others kept changing the incidents.</exception>
    public async ValueTask<IReadOnlyList<Incident>> ObserveAsync(IEnumerable<AlertSignal> signals, CancellationToken cancellationToken = default)
    {
        await desk.RecordAsync(signals, cancellationToken).ConfigureAwait(false);
        return await FoldAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Folds what is open, as after a change of the lineage.</summary>
    /// <param name="cancellationToken">Stops between two steps; the next fold goes on.</param>
    /// <returns>The open incidents.</returns>
    /// <exception cref="QualityException">Others kept changing the incidents.</exception>
    public async ValueTask<IReadOnlyList<Incident>> FoldAsync(CancellationToken cancellationToken = default)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var known = await incidents.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            var open = await alerts.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            var decision = IncidentFold.Decide(graph(), open, known, _time.GetUtcNow(), options);
            if (decision.Revisions.Count == 0 || await incidents.TrySaveAsync(decision.Revisions, cancellationToken).ConfigureAwait(false))
            {
                await desk.ObserveAsync(Signals(decision.Open, open), cancellationToken).ConfigureAwait(false);
                return decision.Open;
            }
        }

        throw new QualityException(ErrorKind.Conflict, $"The incidents were changed by others {AttemptsMax} times in a row: fold again later.");
    }

    /// <summary>One signal per open incident, and one for each incident that is told of and no longer open.</summary>
    private List<AlertSignal> Signals(IReadOnlyList<Incident> open, IReadOnlyList<Alert> known)
    {
        var muted = known.Where(a => a.State == AlertState.Muted && a.MutedUntil > _time.GetUtcNow()).Select(a => a.Key).ToHashSet(StringComparer.Ordinal);
        var signals = open.Select(i => new AlertSignal(
            i.AlertKey, i.Title, i.Severity, i.Members.Where(m => m.IsOpen).All(m => muted.Contains(m.Key)) ? null : true, IncidentText.Detail(i), i.Root)).ToList();
        var isOpen = open.Select(i => i.AlertKey).ToHashSet(StringComparer.Ordinal);
        signals.AddRange(known
            .Where(a => a.Key.StartsWith(Incident.AlertKeyPrefix, StringComparison.Ordinal) && !isOpen.Contains(a.Key))
            .Select(a => new AlertSignal(a.Key, a.Title, a.Severity, false, "All that it explains is right again, or another incident explains it.", a.Column)));
        return signals;
    }
}
