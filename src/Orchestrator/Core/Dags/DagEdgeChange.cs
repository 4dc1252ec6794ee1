namespace DataPlatform.Orchestrator.Dags;

/// <summary>One dependency that only one of two versions has.</summary>
/// <param name="Upstream">The task that comes first.</param>
/// <param name="Downstream">The task that comes after it.</param>
/// <param name="Kind">Added or removed.</param>
public readonly record struct DagEdgeChange(string Upstream, string Downstream, DagChangeKind Kind);
