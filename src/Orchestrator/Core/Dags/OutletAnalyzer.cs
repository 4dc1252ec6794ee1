using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Refuses a DAG whose own tasks would start it again and again.</summary>
internal static class OutletAnalyzer
{
    public static void Check(DagSettings settings, IReadOnlyList<DagTask> tasks, List<DagProblem> problems)
    {
        if (settings.Datasets is not { } condition)
        {
            return;
        }

        // A condition that also needs a dataset of somebody else waits for that one each time: it ends.
        var written = tasks.SelectMany(task => task.Outlets).ToHashSet();
        if (!condition.Holds(written.Contains))
        {
            return;
        }

        DatasetId Starter(DagTask task) => task.Outlets.FirstOrDefault(condition.Datasets.Contains);
        var first = tasks.First(task => Starter(task).Name.Length > 0);
        problems.Add(new DagProblem(
            first.Id,
            $"task '{first.Id}' writes '{Starter(first)}', which starts this DAG: each run would start the next for ever. Leave the outlet out, or " +
            "wait for a dataset that others write."));
    }
}
