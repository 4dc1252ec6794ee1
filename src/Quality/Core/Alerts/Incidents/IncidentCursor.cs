namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>A place in the list of incidents.</summary>
/// <param name="OpenedAt">When the incident there was opened.</param>
/// <param name="Id">Its id.</param>
public readonly record struct IncidentCursor(DateTimeOffset OpenedAt, string Id);
