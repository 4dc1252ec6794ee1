using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>How far a DAG has consumed a dataset.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="SeenVersion">The newest version announced; -1 before the first.</param>
/// <param name="ConsumedVersion">The newest version a run was started for; -1 before the first.</param>
public readonly record struct DatasetProgress(string DagId, DatasetId Dataset, long SeenVersion, long ConsumedVersion)
{
    /// <summary>Whether there is a version that no run consumed.</summary>
    public bool HasNews => SeenVersion > ConsumedVersion;
}
