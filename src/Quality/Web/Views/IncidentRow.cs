using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;

namespace DataPlatform.Quality.Web.Views;

/// <summary>An incident, or an alert that is in none, in one line.</summary>
/// <param name="Id">The incident's id, or the alert's key.</param>
/// <param name="Title">One line.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="State">Where it stands.</param>
/// <param name="OpenedAt">When it was opened, UTC.</param>
/// <param name="Members">Alerts in it.</param>
/// <param name="Root">The most upstream column that is wrong; empty where that is not known.</param>
public sealed record IncidentRow(string Id, string Title, Severity Severity, AlertState State, DateTimeOffset OpenedAt, int Members, string Root)
{
    private const int IncidentsMax = 200;

    internal static async Task<IReadOnlyList<IncidentRow>> ListAsync(QualityConsole console, bool includeClosed, CancellationToken cancellationToken)
    {
        var alerts = console.Alerts is { } store ? await store.ListAsync(includeClosed, cancellationToken).ConfigureAwait(false) : [];
        var byKey = alerts.ToDictionary(a => a.Key, StringComparer.Ordinal);
        var incidents = console.Incidents is { } kept ? await kept.ListAsync(includeClosed, IncidentsMax, cancellationToken).ConfigureAwait(false) : [];
        var inside = incidents.SelectMany(i => i.Members.Select(m => m.Key).Append(i.AlertKey)).ToHashSet(StringComparer.Ordinal);
        var rows = incidents.Select(i => new IncidentRow(
            i.Id, i.Title, i.Severity, i.State == IncidentState.Closed ? AlertState.Resolved : byKey.GetValueOrDefault(i.AlertKey)?.State ?? AlertState.Open, i.OpenedAt,
            i.Members.Count, i.Root.ToString()));
        var loose = alerts.Where(a => !inside.Contains(a.Key) && (console.Incidents is null || !a.Key.StartsWith("incident/", StringComparison.Ordinal)))
            .Select(a => new IncidentRow(a.Key, a.Title, a.Severity, a.State, a.OpenedAt, 1, a.Column?.ToString() ?? string.Empty));
        return [.. rows.Concat(loose).OrderBy(r => r.State == AlertState.Resolved).ThenByDescending(r => r.Severity).ThenByDescending(r => r.OpenedAt).Take(IncidentsMax)];
    }
}
