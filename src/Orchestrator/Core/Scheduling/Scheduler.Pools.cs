using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Looking at pools.</summary>
internal sealed partial class Scheduler
{
    /// <summary>The pools by name. On the loop.</summary>
    public IReadOnlyList<PoolStatus> Pools() =>
    [
        .. _pools.Values.OrderBy(pool => pool.Name, StringComparer.Ordinal)
            .Select(pool => new PoolStatus(pool.Name, pool.Slots, pool.Used, pool.Waiting)),
    ];
}
