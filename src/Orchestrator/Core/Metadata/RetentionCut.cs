namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Before which instants records may go.</summary>
/// <param name="Backfills">Backfills that ended before.</param>
/// <param name="Commands">Commands that were answered before, and updates of datasets from before.</param>
/// <param name="Audit">Lines of the audit log from before.</param>
public readonly record struct RetentionCut(DateTimeOffset Backfills, DateTimeOffset Commands, DateTimeOffset Audit);
