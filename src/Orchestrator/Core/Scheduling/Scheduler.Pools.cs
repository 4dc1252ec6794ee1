using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Looking at pools, and taking them up.</summary>
internal sealed partial class Scheduler
{
    /// <summary>The pools by name. On the loop.</summary>
    public IReadOnlyList<PoolStatus> Pools() =>
    [
        .. _pools.Values.OrderBy(pool => pool.Name, StringComparer.Ordinal)
            .Select(pool => new PoolStatus(pool.Name, pool.Slots, pool.Used, pool.Waiting)),
    ];

    /// <summary>Takes up a pool beside the configured ones. Before the loop runs.</summary>
    public void AddPool(string name, int slots)
    {
        _pools[name] = NewPool(name, slots);
        _watch.Dispose();
        _watch = OrchestratorTelemetry.Watch([.. _pools.Values]);
    }

    private TaskPool NewPool(string name, int slots) =>
        new(name, slots, _options.PoolSkipsMax, _options.PoolPatience) { Held = _fleet is null ? slots : 0 };
}
