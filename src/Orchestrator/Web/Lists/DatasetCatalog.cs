using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web.Lists;

/// <summary>Datasets, the tasks that write and read them, and the DAGs that wait for them.</summary>
internal static class DatasetCatalog
{
    /// <summary>Runs of a DAG that are searched for the last success of a task.</summary>
    private const int RunsEach = 3;

    /// <summary>Producing tasks whose last success is looked for; of others only what the engine saw itself is known.</summary>
    private const int TasksMax = 200;

    public static async Task<IReadOnlyList<DatasetUse>> ListAsync(OrchestratorEngine engine, CancellationToken cancellationToken)
    {
        var progress = (await engine.Store.History.ListDatasetProgressAsync(cancellationToken).ConfigureAwait(false))
            .ToDictionary(known => (known.DagId, known.Dataset));
        var written = Uses(engine, task => task.Outlets);
        var read = Uses(engine, task => task.Inlets);
        var waits = engine.Dags.SelectMany(dag => (dag.Datasets?.Datasets ?? []).Select(dataset => (dag.Id, dataset)))
            .ToLookup(use => use.dataset, use => use.Id);
        return
        [
            .. written.Concat(read).Select(group => group.Key).Concat(waits.Select(group => group.Key)).Distinct()
                .OrderBy(dataset => dataset.Name, StringComparer.Ordinal)
                .Select(dataset =>
                {
                    DatasetProgress[] consumers =
                    [
                        .. waits[dataset].Order(StringComparer.Ordinal)
                            .Select(id => progress.GetValueOrDefault((id, dataset), new DatasetProgress(id, dataset, -1, -1))),
                    ];
                    return new DatasetUse(dataset, consumers, [.. written[dataset]], [.. read[dataset]], Seen(engine, dataset, consumers));
                }),
        ];
    }

    /// <summary>Adds what the store knows of the last success of the tasks that write them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="uses">Datasets; few, as each of their tasks is looked up.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<IReadOnlyList<DatasetUse>> WithSuccessesAsync(
        OrchestratorEngine engine, IReadOnlyList<DatasetUse> uses, CancellationToken cancellationToken)
    {
        var producers = uses.SelectMany(use => use.Producers).Distinct().Take(TasksMax).ToList();
        var history = engine.Store.History;
        string[] dags = [.. producers.Select(task => task.DagId).Distinct(StringComparer.Ordinal)];
        var runs = (await history.ListRecentRunsAsync(dags, RunsEach, cancellationToken).ConfigureAwait(false)).ToLookup(run => run.DagId);
        var successes = new Dictionary<TaskUse, DateTimeOffset>();
        foreach (var task in producers)
        {
            foreach (var run in runs[task.DagId])
            {
                var query = new TaskQuery { RunId = run.Id, TaskId = task.TaskId, State = TaskState.Success, Limit = IRunHistory.LimitMax };
                var ended = (await history.ListTasksAsync(query, cancellationToken).ConfigureAwait(false)).Max(instance => instance.EndedAt);
                if (ended is { } at)
                {
                    successes[task] = at;
                    break;
                }
            }
        }

        return
        [
            .. uses.Select(use => use with
            {
                UpdatedAt = use.Producers.Where(successes.ContainsKey).Select(task => (DateTimeOffset?)successes[task]).Append(use.UpdatedAt).Max(),
                Successes = successes,
            }),
        ];
    }

    private static ILookup<DatasetId, TaskUse> Uses(OrchestratorEngine engine, Func<DagTask, IReadOnlyList<DatasetId>> datasets) =>
        engine.Dags.SelectMany(dag => dag.Tasks.SelectMany(task => datasets(task).Select(dataset => (dataset, Use: new TaskUse(dag.Id, task.Id)))))
            .ToLookup(use => use.dataset, use => use.Use);

    private static DateTimeOffset? Seen(OrchestratorEngine engine, DatasetId dataset, IEnumerable<DatasetProgress> consumers) => consumers
        .Where(known => DatasetUpdate.Is(known.SeenVersion)).Select(known => (DateTimeOffset?)DatasetUpdate.InstantOf(known.SeenVersion))
        .Append(engine.DatasetUpdatedAt(dataset)).Max();
}

/// <summary>A dataset with who waits for it, writes it and reads it, and when it was last updated as far as that is known.</summary>
internal sealed record DatasetUse(
    DatasetId Dataset, IReadOnlyList<DatasetProgress> Consumers, IReadOnlyList<TaskUse> Producers, IReadOnlyList<TaskUse> Readers,
    DateTimeOffset? UpdatedAt)
{
    /// <summary>The last successes of tasks, where they were looked for.</summary>
    public IReadOnlyDictionary<TaskUse, DateTimeOffset> Successes { get; init; } = new Dictionary<TaskUse, DateTimeOffset>();
}

/// <summary>A task that declares a dataset.</summary>
internal readonly record struct TaskUse(string DagId, string TaskId)
{
    /// <inheritdoc/>
    public override string ToString() => $"{DagId}.{TaskId}";
}
