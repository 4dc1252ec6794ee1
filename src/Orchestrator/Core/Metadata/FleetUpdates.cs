namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Updates of datasets that were written since an earlier look.</summary>
/// <param name="Updates">Each dataset at most once, as in <see cref="IOrchestratorStore.ListUpdatesAsync"/>. Some may have been told by the earlier
/// look too; none is left out.</param>
/// <param name="Next">Where the next look goes on.</param>
public sealed record FleetUpdates(IReadOnlyList<StoredUpdate> Updates, long Next);
