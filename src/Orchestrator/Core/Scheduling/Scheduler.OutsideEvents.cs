using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Events from outside: a name, a payload, and the DAGs that wait for it.</summary>
internal sealed partial class Scheduler
{
    private readonly RecentKeys _recentKeys = new();

    /// <summary>The DAGs that an event starts. Also outside the loop: DAGs are registered before it runs and do not change.</summary>
    /// <exception cref="OrchestratorException">No DAG waits for it.</exception>
    public IReadOnlyList<string> WaitingFor(string name)
    {
        var waiting = _registered.Values.Where(dag => dag.Events.Contains(name, StringComparer.Ordinal)).Select(dag => dag.Id)
            .Order(StringComparer.Ordinal).ToList();
        if (waiting.Count > 0)
        {
            return waiting;
        }

        var known = _registered.Values.SelectMany(dag => dag.Events).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        throw new OrchestratorException(
            ErrorKind.Invalid,
            $"no DAG waits for the event '{name}'; {(known.Count == 0 ? "none waits for any: see DagBuilder.OnEvent" : $"there are {string.Join(", ", known)}")}.");
    }

    /// <summary>Makes the runs of an event, all of them or, when one DAG refuses the payload, none. On the loop.</summary>
    /// <param name="name">The event.</param>
    /// <param name="conf">The payload.</param>
    /// <param name="key">The idempotency key of its runs; null for none.</param>
    /// <param name="stored">Runs that the store knows under the key, by DAG.</param>
    public IReadOnlyList<long> Raise(string name, string? conf, string? key, IReadOnlyDictionary<string, long> stored)
    {
        var found = WaitingFor(name).Select(dagId => (Dag: Find(dagId), RunId: Known(dagId, key, stored))).ToList();
        foreach (var (dag, runId) in found)
        {
            if (runId is null)
            {
                RunParams.Check(dag.Dag, conf);
            }
        }

        var fire = new ScheduledFire(DataInterval.At(_now), _now, _now);
        return [.. found.Select(wanted => wanted.RunId ?? CreateKeyed(wanted.Dag, DagRunKind.Event, fire, conf, key))];
    }

    /// <summary>Refuses a payload before any DAG gets it. Also outside the loop.</summary>
    /// <exception cref="OrchestratorException">A parameter of a DAG is missing or of another type.</exception>
    public void CheckPayload(IEnumerable<string> dagIds, string? conf)
    {
        foreach (var dagId in dagIds)
        {
            RunParams.Check(_registered[dagId], conf);
        }
    }

    private long? Known(string dagId, string? key, IReadOnlyDictionary<string, long> stored) =>
        stored.TryGetValue(dagId, out var runId) ? runId : _recentKeys.Find(dagId, key);

    private long CreateKeyed(LiveDag dag, DagRunKind kind, ScheduledFire fire, string? conf, string? key)
    {
        return CreateRun(dag, kind, fire, run =>
        {
            // The key is kept before the run starts, because a run of skips may end within the call.
            if (key is not null)
            {
                _recentKeys.Add(dag.Dag.Id, key, run.Id);
            }

            return run with { Conf = conf, IdempotencyKey = key };
        }).Record.Id;
    }
}
