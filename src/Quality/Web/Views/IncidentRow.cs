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
    internal static IncidentRow Of(Incident incident, Alert? alert) => new(
        incident.Id, incident.Title, incident.Severity, incident.State == IncidentState.Closed ? AlertState.Resolved : alert?.State ?? AlertState.Open, incident.OpenedAt,
        incident.Members.Count, incident.Root.ToString());

    internal static IncidentRow Of(Alert alert) => new(alert.Key, alert.Title, alert.Severity, alert.State, alert.OpenedAt, 1, alert.Column?.ToString() ?? string.Empty);
}
