namespace DataPlatform.Orchestrator.Dags;

/// <summary>How a sensor waits.</summary>
/// <param name="Interval">Between two looks; more than zero.</param>
/// <param name="Timeout">The longest wait, over all looks, reschedules and retries since the first start; null for no limit. It is not
/// retried.</param>
/// <param name="Mode">What it holds meanwhile.</param>
/// <param name="SkipsOnTimeout">True: a wait that was too long is a skip, not a failure.</param>
public sealed record SensorOptions(TimeSpan Interval, TimeSpan? Timeout = null, SensorMode Mode = SensorMode.Reschedule,
    bool SkipsOnTimeout = false);
