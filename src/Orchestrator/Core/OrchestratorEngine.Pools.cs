using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator;

/// <summary>Pools set by hand.</summary>
public sealed partial class OrchestratorEngine
{
    /// <summary>Slots by pool: the configured ones, and from the start on those of the store that its DAGs name.</summary>
    private readonly Dictionary<string, int> _pools = new(StringComparer.Ordinal);

    /// <summary>The pools as they are now, by name; of several schedulers what all of them use together.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<PoolStatus>> PoolsAsync(CancellationToken cancellationToken = default)
    {
        var pools = (await _scheduler.AskAsync(_scheduler.Pools, cancellationToken).ConfigureAwait(false))
            .ToDictionary(pool => pool.Name, StringComparer.Ordinal);
        var descriptions = new Dictionary<string, string>(_options.PoolDescriptions, StringComparer.Ordinal);
        foreach (var stored in await _store.ListPoolsAsync(cancellationToken).ConfigureAwait(false))
        {
            descriptions[stored.Name] = stored.Description ?? descriptions.GetValueOrDefault(stored.Name, string.Empty);
            var waiting = pools.GetValueOrDefault(stored.Name)?.Waiting ?? 0;
            if (IsShared || !pools.ContainsKey(stored.Name))
            {
                pools[stored.Name] = new PoolStatus(stored.Name, stored.Slots, stored.Used, waiting);
            }
        }

        return
        [
            .. pools.Values.OrderBy(pool => pool.Name, StringComparer.Ordinal).Select(pool => pool with
            {
                IsConfigured = _options.Pools.ContainsKey(pool.Name),
                Description = descriptions.GetValueOrDefault(pool.Name) is { Length: > 0 } description ? description : null,
            }),
        ];
    }

    /// <summary>Makes a pool in the store. DAGs may name it from the next start of a process on: those that run were checked without it.</summary>
    /// <param name="name">Its name, as DAGs write it: at most <see cref="DagLimits.IdLengthMax"/> letters, digits and <c>._-</c>.</param>
    /// <param name="slots">Its slots; 0 starts nothing.</param>
    /// <param name="cancellationToken">Stops waiting; the pool may have been made.</param>
    /// <exception cref="OrchestratorException">There is such a pool, the name cannot be, or this engine does not schedule from a store that is
    /// another process's.</exception>
    public Task CreatePoolAsync(string name, int slots, CancellationToken cancellationToken = default) =>
        CreatePoolAsync(name, slots, description: null, cancellationToken);

    /// <summary>As <see cref="CreatePoolAsync(string, int, CancellationToken)"/>, and says what the pool is for.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="slots">Its slots.</param>
    /// <param name="description">What it is for, for people: at most <see cref="PoolRecord.DescriptionLengthMax"/> characters; null for nothing.</param>
    /// <param name="cancellationToken">Stops waiting; the pool may have been made.</param>
    /// <exception cref="OrchestratorException">As there, or the description is too long.</exception>
    public async Task CreatePoolAsync(string name, int slots, string? description, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        CheckSetsPools();
        CheckDescription(name, description);
        if (name.Length is 0 or > DagLimits.IdLengthMax || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            throw new OrchestratorException(
                ErrorKind.Invalid, $"'{name}' is no name of a pool: use letters, digits, '.', '_' and '-', {DagLimits.IdLengthMax} at most.");
        }

        if (await HasPoolAsync(name, cancellationToken).ConfigureAwait(false))
        {
            throw new OrchestratorException(ErrorKind.Conflict, $"there is a pool '{name}' already.");
        }

        await _store.SetPoolAsync(name, slots, description?.Trim(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the slots of a pool, for all schedulers of the store and after a restart too. Tasks that hold more than that go on.</summary>
    /// <param name="name">The pool: one of <see cref="OrchestratorOptions.Pools"/>, or of the store.</param>
    /// <param name="slots">Its slots; at least as many as the largest task that wants it takes.</param>
    /// <param name="cancellationToken">Stops waiting; the slots may have been set.</param>
    /// <exception cref="OrchestratorException">No such pool, too few slots, or this engine does not schedule from a store that is another
    /// process's.</exception>
    public Task SetPoolAsync(string name, int slots, CancellationToken cancellationToken = default) =>
        SetPoolAsync(name, slots, description: null, cancellationToken);

    /// <summary>As <see cref="SetPoolAsync(string, int, CancellationToken)"/>, and says what the pool is for.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="slots">Its slots.</param>
    /// <param name="description">
    /// What it is for, for people: at most <see cref="PoolRecord.DescriptionLengthMax"/> characters. Null leaves what was said, an empty text takes
    /// it away, also where the configuration says something.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; the pool may have been changed.</param>
    /// <exception cref="OrchestratorException">As there, or the description is too long.</exception>
    public async Task SetPoolAsync(string name, int slots, string? description, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        CheckSetsPools();
        CheckDescription(name, description);
        if (!await HasPoolAsync(name, cancellationToken).ConfigureAwait(false))
        {
            throw new OrchestratorException(ErrorKind.Invalid, $"there is no pool '{name}'; there are {string.Join(", ", _pools.Keys)}.");
        }

        if (Largest(name) is { } largest && largest.Task.PoolSlots > slots)
        {
            throw new OrchestratorException(
                ErrorKind.Conflict, $"task '{largest.Task.Id}' takes {largest.Task.PoolSlots} slots of pool '{name}', so it cannot have {slots}.");
        }

        await _store.SetPoolAsync(name, slots, description?.Trim(), cancellationToken).ConfigureAwait(false);
        await _scheduler.AskAsync(() => _scheduler.SetPool(name, slots), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a pool away that was made by hand.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="cancellationToken">Stops waiting; the pool may be gone.</param>
    /// <exception cref="OrchestratorException">No such pool, it is configured, a DAG or an unfinished run names it, or this engine does not schedule
    /// from a store that is another process's.</exception>
    public async Task DeletePoolAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        CheckSetsPools();
        if (_options.Pools.ContainsKey(name))
        {
            throw new OrchestratorException(
                ErrorKind.Conflict, $"pool '{name}' is one of the engine's configuration: its slots can be changed, and it goes with the configuration.");
        }

        if (Largest(name) is { } used)
        {
            throw new OrchestratorException(
                ErrorKind.Conflict, $"task '{used.Task.Id}' of DAG '{used.Dag.Id}' takes slots of pool '{name}': give it another one first.");
        }

        await CheckUnfinishedAsync(name, cancellationToken).ConfigureAwait(false);
        if (!await _store.RemovePoolAsync(name, cancellationToken).ConfigureAwait(false))
        {
            throw await HasPoolAsync(name, cancellationToken).ConfigureAwait(false)
                ? new OrchestratorException(ErrorKind.Conflict, $"a scheduler of this store, or a task that runs, takes slots of pool '{name}'.")
                : new OrchestratorException(ErrorKind.Invalid, $"there is no pool '{name}'.");
        }
    }

    /// <summary>Takes up the pools of the store that DAGs of this process name and its configuration does not. Before anything runs.</summary>
    private async Task LoadPoolsAsync(CancellationToken cancellationToken)
    {
        var named = _dags.SelectMany(dag => dag.Tasks).Select(task => task.Pool).ToHashSet(StringComparer.Ordinal);
        named.ExceptWith(_pools.Keys);
        if (named.Count == 0)
        {
            return;
        }

        foreach (var pool in await _store.ListPoolsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (named.Contains(pool.Name))
            {
                _pools[pool.Name] = pool.Slots;
                _scheduler.AddPool(pool.Name, pool.Slots);
            }
        }
    }

    private void CheckSetsPools()
    {
        if (_store.Fleet is null && !_options.IsScheduler)
        {
            throw new OrchestratorException(ErrorKind.Invalid, "pools of this store are set in the process that schedules from it.");
        }
    }

    private static void CheckDescription(string pool, string? description)
    {
        if (description?.Length > PoolRecord.DescriptionLengthMax)
        {
            throw new OrchestratorException(
                ErrorKind.Invalid,
                $"the description of pool '{pool}' has {description.Length} characters: {PoolRecord.DescriptionLengthMax} at most.");
        }
    }

    private async Task<bool> HasPoolAsync(string name, CancellationToken cancellationToken) => _pools.ContainsKey(name) ||
        (await _store.ListPoolsAsync(cancellationToken).ConfigureAwait(false)).Any(pool => pool.Name == name);

    /// <summary>The task of this process that takes the most slots of a pool, or null.</summary>
    private (Dag Dag, DagTask Task)? Largest(string pool)
    {
        (Dag Dag, DagTask Task)? largest = null;
        foreach (var dag in _dags)
        {
            foreach (var task in dag.Tasks)
            {
                if (task.Pool == pool && !(largest?.Task.PoolSlots >= task.PoolSlots))
                {
                    largest = (dag, task);
                }
            }
        }

        return largest;
    }

    /// <summary>Runs are pinned to their version, which may name a pool that no registered DAG names any more.</summary>
    private async Task CheckUnfinishedAsync(string pool, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var state in (DagRunState[])[DagRunState.Queued, DagRunState.Running])
        {
            var query = new RunQuery { State = state, Limit = RunQuery.LimitMax };
            IReadOnlyList<DagRun> page;
            do
            {
                page = await _store.ListRunsAsync(query, cancellationToken).ConfigureAwait(false);
                foreach (var run in page.Where(run => seen.Add(run.DagHash)))
                {
                    var version = await FindVersionAsync(run.DagHash, cancellationToken).ConfigureAwait(false);
                    if (version?.Tasks.FirstOrDefault(task => task.Pool == pool) is { } task)
                    {
                        throw new OrchestratorException(
                            ErrorKind.Conflict,
                            $"run {run.Id} of DAG '{run.DagId}' has not ended, and its task '{task.Id}' takes slots of pool '{pool}'.");
                    }
                }

                query = page.Count == 0 ? query : query with { BeforeId = page[^1].Id };
            }
            while (page.Count == RunQuery.LimitMax);
        }
    }
}
