namespace DataPlatform.Orchestrator.Dags;

/// <summary>Bounds of a DAG. Beyond them a definition is refused, so that no loop or row is unbounded.</summary>
public static class DagLimits
{
    /// <summary>Characters of a DAG or task id.</summary>
    public const int IdLengthMax = 250;

    /// <summary>Tasks of one DAG.</summary>
    public const int TasksMax = 100_000;

    /// <summary>Direct dependencies of one DAG.</summary>
    public const int EdgesMax = 2_000_000;

    /// <summary>Retries of one task.</summary>
    public const int RetriesMax = 1_000;

    /// <summary>Runs active at once where the DAG does not say; as in Airflow.</summary>
    public const int DefaultMaxActiveRuns = 16;

    /// <summary>Tasks active at once where the DAG does not say.</summary>
    public const int DefaultMaxActiveTasks = 10_000;

    /// <summary>Instances of a mapped task where it does not say; as in Airflow.</summary>
    public const int DefaultMapLengthMax = 1024;

    /// <summary>Datasets that one task may declare to read, and to write.</summary>
    public const int TaskDatasetsMax = 100;

    /// <summary>Bytes of one XCom value as JSON; pass larger things by reference.</summary>
    public const int XComBytesMax = 48 * 1024;
}
