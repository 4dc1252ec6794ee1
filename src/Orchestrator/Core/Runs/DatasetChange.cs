using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>The versions of one dataset that a run consumes: all after <paramref name="AfterVersion"/> through <paramref
/// name="Version"/>.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="AfterVersion">The last version an earlier run consumed; -1 when none did.</param>
/// <param name="Version">The newest version this run was started for.</param>
public readonly record struct DatasetChange(DatasetId Dataset, long AfterVersion, long Version)
{
    /// <summary>The version to read.</summary>
    public DatasetVersion Latest => new(Dataset, Version);
}
