namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A run that has been kept long enough.</summary>
/// <param name="RunId">The run.</param>
/// <param name="DagId">Its DAG.</param>
public readonly record struct ExpiredRun(long RunId, string DagId);
