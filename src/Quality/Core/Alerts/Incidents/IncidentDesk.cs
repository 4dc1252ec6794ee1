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
    private readonly IncidentOptions _options = options ?? new IncidentOptions();
    private long _allDueTicks;

    /// <summary>
    /// Takes signals and folds what they have to do with: what is read grows with that, and not with all that is open. A desk's first fold is of
    /// everything, and so is one every <see cref="IncidentOptions.FoldAllEvery"/>.
    /// </summary>
    /// <param name="signals">The signals, with the columns they are about.</param>
    /// <param name="cancellationToken">Stops between two steps; the next fold of the same goes on.</param>
    /// <returns>The open incidents among what was folded.</returns>
    /// <exception cref="QualityException">Others kept changing the incidents.</exception>
    public async ValueTask<IReadOnlyList<Incident>> ObserveAsync(IEnumerable<AlertSignal> signals, CancellationToken cancellationToken = default)
    {
        List<AlertSignal> seen = [.. signals ?? throw new ArgumentNullException(nameof(signals))];
        await desk.RecordAsync(seen, cancellationToken).ConfigureAwait(false);
        var isDue = _time.GetUtcNow().UtcTicks >= Interlocked.Read(ref _allDueTicks);
        return isDue
            ? await FoldAsync(cancellationToken).ConfigureAwait(false)
            : await FoldAsync(token => AroundAsync(seen, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Folds all that is open, as after a change of the lineage.</summary>
    /// <param name="cancellationToken">Stops between two steps; the next fold goes on.</param>
    /// <returns>The open incidents.</returns>
    /// <exception cref="QualityException">Others kept changing the incidents.</exception>
    public async ValueTask<IReadOnlyList<Incident>> FoldAsync(CancellationToken cancellationToken = default)
    {
        var began = _time.GetUtcNow();
        var open = await FoldAsync(AllAsync, cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _allDueTicks, (began + _options.FoldAllEvery).UtcTicks);
        return open;
    }

    private async ValueTask<IReadOnlyList<Incident>> FoldAsync(Func<CancellationToken, ValueTask<Matter>> readAsync, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var (graph, open, known) = await readAsync(cancellationToken).ConfigureAwait(false);
            var decision = IncidentFold.Decide(graph, open, known, _time.GetUtcNow(), _options);
            if (decision.Revisions.Count == 0 || await incidents.TrySaveAsync(decision.Revisions, cancellationToken).ConfigureAwait(false))
            {
                await desk.ObserveAsync(Signals(decision.Open, open), cancellationToken).ConfigureAwait(false);
                return decision.Open;
            }
        }

        throw new QualityException(ErrorKind.Conflict, $"The incidents were changed by others {AttemptsMax} times in a row: fold again later.");
    }

    private async ValueTask<Matter> AllAsync(CancellationToken cancellationToken)
    {
        var known = await incidents.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        return new Matter(graph(), await alerts.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false), known);
    }

    /// <summary>What signals have to do with, and the alerts about the incidents among it, which are told of when they close.</summary>
    private async ValueTask<Matter> AroundAsync(IReadOnlyList<AlertSignal> signals, CancellationToken cancellationToken)
    {
        var lineage = graph();
        var scope = new IncidentScope(lineage, alerts, incidents);
        await scope.ReadAsync(signals, cancellationToken).ConfigureAwait(false);
        List<Alert> open = [.. scope.Alerts];
        foreach (var some in scope.Incidents.Select(i => i.AlertKey).Chunk(AlertQuery.LimitMax))
        {
            open.AddRange((await alerts.FindAsync(some, cancellationToken).ConfigureAwait(false)).Where(a => a.State != AlertState.Resolved));
        }

        return new Matter(lineage, open, scope.Incidents);
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

    /// <summary>What a decision is made from.</summary>
    private sealed record Matter(LineageIndex Graph, IReadOnlyList<Alert> Open, IReadOnlyList<Incident> Known);
}
