namespace DataPlatform.Orchestrator.Dags;

/// <summary>What became of something between two versions of a DAG.</summary>
public enum DagChangeKind
{
    /// <summary>Only the new version has it.</summary>
    Added,

    /// <summary>Only the old version has it.</summary>
    Removed,

    /// <summary>Both have it, differently.</summary>
    Changed,
}
