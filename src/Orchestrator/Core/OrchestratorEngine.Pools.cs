using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator;

/// <summary>Pools set by hand.</summary>
public sealed partial class OrchestratorEngine
{
    /// <summary>Sets the slots of a pool, for all schedulers of the store and after a restart too. Tasks that hold more than that go on.</summary>
    /// <param name="name">The pool; one of <see cref="OrchestratorOptions.Pools"/>.</param>
    /// <param name="slots">Its slots; at least as many as the largest task that wants it takes.</param>
    /// <param name="cancellationToken">Stops waiting; the slots may have been set.</param>
    /// <exception cref="OrchestratorException">No such pool, too few slots, or this engine does not schedule from a store that is another
    /// process's.</exception>
    public async Task SetPoolAsync(string name, int slots, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        if (_store.Fleet is null && !_options.IsScheduler)
        {
            throw new OrchestratorException(ErrorKind.Invalid, "pools of this store are set in the process that schedules from it.");
        }

        if (!_options.Pools.ContainsKey(name))
        {
            throw new OrchestratorException(ErrorKind.Invalid, $"there is no pool '{name}'; there are {string.Join(", ", _options.Pools.Keys)}.");
        }

        var largest = _dags.SelectMany(dag => dag.Tasks).Where(task => task.Pool == name).MaxBy(task => task.PoolSlots);
        if (largest?.PoolSlots > slots)
        {
            throw new OrchestratorException(
                ErrorKind.Conflict, $"task '{largest.Id}' takes {largest.PoolSlots} slots of pool '{name}', so it cannot have {slots}.");
        }

        await _store.SetPoolAsync(name, slots, cancellationToken).ConfigureAwait(false);
        await _scheduler.AskAsync(() => _scheduler.SetPool(name, slots), cancellationToken).ConfigureAwait(false);
    }
}
