namespace DataPlatform.Orchestrator.Execution;

/// <summary>Where a try that runs beside its scheduler reads what other tasks pushed. Called from bodies, so it may block.</summary>
public interface IXComReader
{
    /// <summary>A value as JSON, or null.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="taskNumber">The task's number in the run's DAG version.</param>
    /// <param name="mapIndex">The index of a mapped instance; -1 otherwise.</param>
    /// <param name="name">The value's name.</param>
    string? Find(long runId, int taskNumber, int mapIndex, string name);

    /// <summary>The values of all instances of a task as JSON, by name and map index.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="taskNumber">The task's number in the run's DAG version.</param>
    /// <param name="name">The values' name; null for all.</param>
    IReadOnlyList<string> FindAll(long runId, int taskNumber, string? name);
}
