namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Settings of a simulation. Immutable.</summary>
public sealed record SimulationOptions
{
    /// <summary>Decides everything random. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Between two ticks, in virtual milliseconds. Default 1,000.</summary>
    public long TickMs { get; init; } = 1_000;

    /// <summary>A stopped container needs up to so long to end, in virtual milliseconds. Default 2,000.</summary>
    public long StopMs { get; init; } = 2_000;

    /// <summary>The fraction of containers that fail once and are tried again. Default none.</summary>
    public double FailureRate { get; init; }

    /// <summary>Between two samples of the report, in virtual milliseconds; 0 takes 200 over the trace. Default 0.</summary>
    public long SampleMs { get; init; }

    /// <summary>Ends at this virtual time and explains what waits then; 0 runs to the end. Default 0.</summary>
    public long StopAtMs { get; init; }

    /// <summary>When nodes come and go; null: the nodes of the trace, from beginning to end.</summary>
    public Autoscaling.AutoscalerOptions? Autoscaler { get; init; }

    /// <summary>The cloud that the autoscaler has.</summary>
    public Autoscaling.SimulatedCloudOptions Cloud { get; init; } = new();

    /// <summary>Whether the scheduler is told how long tasks run, as users' estimates would: it can then backfill. Default no.</summary>
    public bool RunTimesAreKnown { get; init; }

    /// <summary>The scheduler's own settings.</summary>
    public SchedulerOptions Scheduler { get; init; } = new();
}
