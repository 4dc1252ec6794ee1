using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;

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

    /// <summary>How far it is when a version, or an update without one (<see cref="DatasetUpdate"/>), is told; null where that says nothing
    /// new. Pure.</summary>
    /// <param name="version">The version, or the number of the update.</param>
    public DatasetProgress? Seeing(long version)
    {
        if (SeenVersion < 0 || DatasetUpdate.Is(version) == DatasetUpdate.Is(SeenVersion))
        {
            return version > SeenVersion ? this with { SeenVersion = version } : null;
        }

        // A dataset with versions of its own tells each update by one: what comes without says the same again. One that begins to have
        // versions is counted by them from the first on.
        return DatasetUpdate.Is(version) ? null : this with { SeenVersion = version, ConsumedVersion = version - 1 };
    }
}
