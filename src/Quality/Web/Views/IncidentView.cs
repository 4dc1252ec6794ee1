using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Web.Views;

/// <summary>An incident, or an alert that is in none, with all that helps to understand it.</summary>
/// <param name="Id">The incident's id, or the alert's key.</param>
/// <param name="Title">One line.</param>
/// <param name="Alert">The alert that people are told of; null when there is none yet.</param>
/// <param name="Incident">The incident; null for an alert that is in none.</param>
/// <param name="Members">The alerts folded into it; the alert itself where there is no incident.</param>
/// <param name="Rules">The rules behind the members that are still wrong, with samples; at most 5.</param>
/// <param name="Causes">What may have caused it, likeliest first; at most 8.</param>
/// <param name="Timeline">What happened, newest first.</param>
public sealed record IncidentView(
    string Id,
    string Title,
    Alert? Alert,
    Incident? Incident,
    IReadOnlyList<IncidentMember> Members,
    IReadOnlyList<RuleState> Rules,
    IReadOnlyList<RootCauseCandidate> Causes,
    IReadOnlyList<TimelineEntry> Timeline)
{
    private const int RulesMax = 5;
    private const int CausesMax = 8;
    private const int MembersLookedAt = 20;
    private const int EntriesMax = 100;

    /// <summary>How much it matters.</summary>
    public Severity Severity => Incident?.Severity ?? Alert?.Severity ?? Severity.Info;

    internal static async Task<IncidentView?> LoadAsync(QualityConsole console, string id, CancellationToken cancellationToken)
    {
        var incident = console.Incidents is { } incidents ? await incidents.FindAsync(id, cancellationToken).ConfigureAwait(false) : null;
        var alert = console.Alerts is { } alerts ? await alerts.FindAsync(incident?.AlertKey ?? id, cancellationToken).ConfigureAwait(false) : null;
        if (incident is null && alert is null)
        {
            return null;
        }

        IReadOnlyList<IncidentMember> members = incident?.Members ?? [MemberOf(alert!)];
        return new IncidentView(
            id,
            incident?.Title ?? alert!.Title,
            alert,
            incident,
            members,
            await RulesAsync(console, members, cancellationToken).ConfigureAwait(false),
            await CausesAsync(console, members, cancellationToken).ConfigureAwait(false),
            await TimelineAsync(console, incident, alert, members, cancellationToken).ConfigureAwait(false));
    }

    private static IncidentMember MemberOf(Alert alert) => new(
        alert.Key, alert.Title, alert.Column ?? new ColumnId(ColumnId.Unknown, alert.Key), alert.Severity, alert.OpenedAt, alert.Detail,
        alert.State == AlertState.Resolved ? alert.LastSeenAt : null);

    private static async Task<IReadOnlyList<RuleState>> RulesAsync(
        QualityConsole console, IReadOnlyList<IncidentMember> members, CancellationToken cancellationToken)
    {
        List<RuleState> rules = [];
        foreach (var member in members.Where(m => m.IsOpen && m.Key.Contains('/', StringComparison.Ordinal)).OrderByDescending(m => m.Severity).Take(RulesMax))
        {
            if (await console.Catalog.RuleAsync(RuleKey.Parse(member.Key), cancellationToken).ConfigureAwait(false) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules;
    }

    /// <summary>Causes of what lies furthest down: from there everything that led to it is upstream.</summary>
    private static async Task<IReadOnlyList<RootCauseCandidate>> CausesAsync(
        QualityConsole console, IReadOnlyList<IncidentMember> members, CancellationToken cancellationToken)
    {
        if (console.Alerts is not { } alerts || await console.CurrentLineageAsync(cancellationToken).ConfigureAwait(false) is not { } graph || Lowest(graph.Index, members) is not { } last)
        {
            return [];
        }

        // What lineage explains with it is among its members; of what else is wrong the newest are looked at.
        var open = await alerts.PageAsync(new AlertQuery { OutsideIncidents = true, Limit = AlertQuery.LimitMax }, cancellationToken).ConfigureAwait(false);
        var others = open.Where(a => a.Column is not null).Select(a => new LineageSymptom(a.Column!.Value, a.Severity, a.OpenedAt, a.Title))
            .Concat(members.Where(m => m.IsOpen && m.Key != last.Key).Select(m => new LineageSymptom(m.Column, m.Severity, m.OpenedAt, m.Title)));
        return [.. RootCause.Rank(graph.Index, new LineageSymptom(last.Column, last.Severity, last.OpenedAt, last.Title), others).Take(CausesMax)];
    }

    /// <summary>The member that most of the others lie upstream of.</summary>
    private static IncidentMember? Lowest(LineageIndex index, IReadOnlyList<IncidentMember> members)
    {
        var open = members.Where(m => m.IsOpen).Take(MembersLookedAt).ToList();
        var columns = open.Select(m => m.Column).ToHashSet();
        return open.MaxBy(m => index.Upstream(m.Column).Count(r => columns.Contains(r.Column)));
    }

    private static async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(
        QualityConsole console, Incident? incident, Alert? alert, IReadOnlyList<IncidentMember> members, CancellationToken cancellationToken)
    {
        List<TimelineEntry> entries = [];
        if (incident is not null)
        {
            var changes = await console.Incidents!.HistoryAsync(incident.Id, EntriesMax, cancellationToken).ConfigureAwait(false);
            entries.AddRange(changes.Select(c => new TimelineEntry(c.At, c.Kind.ToString().ToLowerInvariant(), c.Detail, ToneOf(c.Kind))));
        }
        else
        {
            entries.AddRange(members.Select(m => new TimelineEntry(m.OpenedAt, "opened", m.Detail, "bad")));
        }

        if (console.Audit is { } audit && (alert?.Key ?? incident?.AlertKey) is { } key)
        {
            var done = await audit.ReadAsync(key, null, EntriesMax, cancellationToken).ConfigureAwait(false);
            entries.AddRange(done.Select(e => new TimelineEntry(e.At, $"{e.Action} by {e.Actor}", e.Reason, string.Empty)));
        }

        return [.. entries.OrderByDescending(e => e.At).Take(EntriesMax)];
    }

    private static string ToneOf(IncidentChangeKind kind) => kind switch
    {
        IncidentChangeKind.Closed or IncidentChangeKind.Recovered => "good",
        IncidentChangeKind.Opened or IncidentChangeKind.Rerooted => "bad",
        _ => "warn",
    };
}
