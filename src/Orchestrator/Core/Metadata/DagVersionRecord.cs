namespace DataPlatform.Orchestrator.Metadata;

/// <summary>One version of a DAG.</summary>
/// <param name="Hash">Its content hash.</param>
/// <param name="RegisteredAt">When a process first had it.</param>
public sealed record DagVersionRecord(string Hash, DateTimeOffset RegisteredAt);
