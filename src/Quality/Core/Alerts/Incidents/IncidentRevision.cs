namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>An incident as it is to be stored next, with what happened to it.</summary>
/// <param name="Incident">The incident; its sequence is 1 when it is new, else one more than the stored one's.</param>
/// <param name="Changes">What happened.</param>
public sealed record IncidentRevision(Incident Incident, IReadOnlyList<IncidentChange> Changes);

/// <summary>What is to become of the incidents.</summary>
/// <param name="Revisions">Those that change, for the store.</param>
/// <param name="Open">All that are open afterwards, changed or not.</param>
public sealed record IncidentDecision(IReadOnlyList<IncidentRevision> Revisions, IReadOnlyList<Incident> Open);
