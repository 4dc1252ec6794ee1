using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Web.Lists;

/// <summary>Datasets and the DAGs that wait for them.</summary>
internal static class DatasetCatalog
{
    public static async Task<IReadOnlyList<DatasetUse>> ListAsync(OrchestratorEngine engine, CancellationToken cancellationToken)
    {
        var progress = (await engine.Store.History.ListDatasetProgressAsync(cancellationToken).ConfigureAwait(false))
            .ToDictionary(known => (known.DagId, known.Dataset));
        return
        [
            .. engine.Dags.SelectMany(dag => (dag.Datasets?.Datasets ?? []).Select(dataset => (dag.Id, dataset)))
                .GroupBy(use => use.dataset)
                .OrderBy(group => group.Key.Name, StringComparer.Ordinal)
                .Select(group => new DatasetUse(
                    group.Key,
                    [
                        .. group.OrderBy(use => use.Id, StringComparer.Ordinal)
                            .Select(use => progress.GetValueOrDefault((use.Id, use.dataset), new DatasetProgress(use.Id, use.dataset, -1, -1))),
                    ])),
        ];
    }
}

/// <summary>A dataset and how far each of its DAGs has consumed it.</summary>
internal sealed record DatasetUse(DatasetId Dataset, IReadOnlyList<DatasetProgress> Consumers);
