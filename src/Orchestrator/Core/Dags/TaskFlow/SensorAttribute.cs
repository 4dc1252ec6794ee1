namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>A task that returns whether what it waits for is there, and is asked again until it is.</summary>
/// <param name="interval">Between two looks, for example <c>1m</c>.</param>
public sealed class SensorAttribute(string interval) : TaskAttribute
{
    /// <summary>Between two looks.</summary>
    public string Interval { get; } = interval;

    /// <summary>The longest wait over all looks and retries, for example <c>6h</c>; null for no limit.</summary>
    public string? Patience { get; set; }

    /// <summary>What it holds meanwhile.</summary>
    public SensorMode Mode { get; set; } = SensorMode.Reschedule;

    /// <summary>True: a wait that was too long is a skip.</summary>
    public bool SkipsOnTimeout { get; set; }
}
