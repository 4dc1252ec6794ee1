using System.Text.Json.Serialization;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web.Grid;

/// <summary>
/// Tasks by runs as one compact matrix: a byte a cell, so 5,000 tasks in 50 runs are 250 KB before compression. Mapped tasks have one cell with
/// the state that matters most, and their counts by state beside it.
/// </summary>
/// <param name="Tasks">The rows: groups together, otherwise in topological order of the newest version.</param>
/// <param name="Runs">The columns, oldest first.</param>
/// <param name="Cells">Row after row, a byte a cell: the number of the <see cref="TaskState"/>, or <see cref="NoCell"/>. Base64 in JSON.</param>
/// <param name="Mapped">Counts by state of cells that stand for more than one instance.</param>
/// <param name="Next">The run to go on before, for older columns; null at the end.</param>
internal sealed record TaskGrid(
    IReadOnlyList<GridTask> Tasks, IReadOnlyList<GridRun> Runs, byte[] Cells, IReadOnlyList<GridCounts> Mapped, long? Next)
{
    /// <summary>The cell of a task that the run's version does not have.</summary>
    public const byte NoCell = 255;

    /// <summary>Columns at once.</summary>
    public const int RunsMax = 200;

    /// <summary>Cells at once: a very tall grid gets fewer columns.</summary>
    private const int CellsMax = 2_000_000;

    public static async Task<TaskGrid> ReadAsync(OrchestratorEngine engine, Dag dag, long? before, int limit, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 1, Math.Clamp(CellsMax / Math.Max(1, dag.Tasks.Count), 1, RunsMax));
        var runs = (await engine.Store.ListRunsAsync(new RunQuery { DagId = dag.Id, BeforeId = before, Limit = limit }, cancellationToken)
            .ConfigureAwait(false)).Reverse().ToList();
        var order = Order(dag);
        var places = new int[order.Length];
        for (var row = 0; row < order.Length; row++)
        {
            places[order[row].Number] = row;
        }

        var cells = new byte[dag.Tasks.Count * runs.Count];
        var mapped = new List<GridCounts>();
        var rows = new Dictionary<string, int[]>(StringComparer.Ordinal);
        for (var column = 0; column < runs.Count; column++)
        {
            if (!rows.TryGetValue(runs[column].DagHash, out var row))
            {
                rows[runs[column].DagHash] = row = RowsOf(dag, places, await engine.FindVersionAsync(runs[column].DagHash, cancellationToken).ConfigureAwait(false));
            }

            Clear(cells, runs.Count, column, row);
        }

        var counts = await engine.Store.History.CountTaskStatesAsync([.. runs.Select(run => run.Id)], cancellationToken).ConfigureAwait(false);
        Fill(cells, mapped, runs, rows, counts);
        return new TaskGrid(
            [.. order.Select(task => new GridTask(task.Id, task.Group, task.IsMapped))],
            [.. runs.Select(GridRun.Of)],
            cells,
            mapped,
            runs.Count == limit ? runs[0].Id : null);
    }

    /// <summary>The row of each task of a version; -1 for one that the newest version does not have any more.</summary>
    private static int[] RowsOf(Dag dag, int[] places, Dag? version) =>
        [.. (version ?? dag).Tasks.Select(task => dag.FindTask(task.Id) is { } known ? places[known.Number] : -1)];

    /// <summary>Tasks of a group follow each other, where the group's first task stands.</summary>
    private static DagTask[] Order(Dag dag)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var task in dag.Tasks.Where(task => task.Group is not null))
        {
            first.TryAdd(task.Group!, task.Number);
        }

        return [.. dag.Tasks.OrderBy(task => task.Group is { } group ? first[group] : task.Number).ThenBy(task => task.Number)];
    }

    private static void Clear(byte[] cells, int columns, int column, int[] rows)
    {
        for (var row = 0; row < cells.Length / columns; row++)
        {
            cells[(row * columns) + column] = NoCell;
        }

        foreach (var row in rows.Where(row => row >= 0))
        {
            cells[(row * columns) + column] = (byte)TaskState.None;
        }
    }

    private static void Fill(
        byte[] cells, List<GridCounts> mapped, List<DagRun> runs, Dictionary<string, int[]> rows, IReadOnlyList<TaskStateCount> counts)
    {
        var columns = runs.Select((run, column) => (run.Id, column)).ToDictionary(entry => entry.Id, entry => entry.column);
        for (var i = 0; i < counts.Count;)
        {
            var first = counts[i];
            var end = i + 1;
            while (end < counts.Count && counts[end].RunId == first.RunId && counts[end].TaskNumber == first.TaskNumber)
            {
                end++;
            }

            var column = columns[first.RunId];
            var known = rows[runs[column].DagHash];
            if (first.TaskNumber < known.Length && known[first.TaskNumber] is >= 0 and var row)
            {
                cells[(row * runs.Count) + column] = (byte)Worst(counts, i, end);
                if (end > i + 1 || first.Count > 1)
                {
                    mapped.Add(new GridCounts(row, column, CountsOf(counts, i, end)));
                }
            }

            i = end;
        }
    }

    private static TaskState Worst(IReadOnlyList<TaskStateCount> counts, int from, int end)
    {
        var worst = counts[from].State;
        for (var i = from + 1; i < end; i++)
        {
            worst = StateRollup.Worse(worst, counts[i].State);
        }

        return worst;
    }

    private static Dictionary<int, int> CountsOf(IReadOnlyList<TaskStateCount> counts, int from, int end)
    {
        var byState = new Dictionary<int, int>();
        for (var i = from; i < end; i++)
        {
            byState[(int)counts[i].State] = counts[i].Count;
        }

        return byState;
    }
}

/// <summary>A row of the grid.</summary>
/// <param name="Id">The task.</param>
/// <param name="Group">Its group; null outside groups.</param>
/// <param name="Mapped">Whether it has instances by map index.</param>
internal sealed record GridTask(string Id, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Group, bool Mapped);

/// <summary>A column of the grid.</summary>
/// <param name="Id">The run.</param>
/// <param name="State">The number of its state.</param>
/// <param name="Date">Its logical date.</param>
/// <param name="Seconds">How long it took; null while it goes.</param>
internal sealed record GridRun(long Id, int State, DateTimeOffset Date, double? Seconds)
{
    public static GridRun Of(DagRun run) => new(
        run.Id, (int)run.State, run.LogicalDate, run.EndedAt - run.StartedAt is { } took ? Math.Round(took.TotalSeconds, 3) : null);
}

/// <summary>What a cell stands for.</summary>
/// <param name="Task">The row.</param>
/// <param name="Run">The column.</param>
/// <param name="Counts">Instances by the number of their state.</param>
internal sealed record GridCounts(int Task, int Run, IReadOnlyDictionary<int, int> Counts);
