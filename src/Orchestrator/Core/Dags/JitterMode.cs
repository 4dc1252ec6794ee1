namespace DataPlatform.Orchestrator.Dags;

/// <summary>How a retry delay is spread, so that tasks that failed together do not come back together.</summary>
public enum JitterMode
{
    /// <summary>No spread: the delay as computed.</summary>
    None,

    /// <summary>Half of the delay fixed, half drawn: [d/2, d).</summary>
    Equal,

    /// <summary>All of it drawn: [0, d).</summary>
    Full,

    /// <summary>[d, 2d), the same for the same DAG, task, logical date and try. Airflow's way.</summary>
    Deterministic,
}
