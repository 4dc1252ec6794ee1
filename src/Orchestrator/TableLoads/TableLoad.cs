using Apache.Arrow;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.TableLoads;

/// <summary>Loads rows into a lake table once for each task and data interval, however often the task is tried.</summary>
/// <remarks>
/// Rows and the marker <c>load/DAG/TASK/START/END</c> become visible in one commit. A try that finds the marker of its own run since the last clear
/// does nothing; one that finds the marker of a later try or run is refused, also when both write at once. A cleared task, or another run for the same
/// interval, loads anew. Immutable and thread-safe. Markers stay in the table, one for each interval; other engines drop old ones by
/// <c>delta.setTransactionRetentionDuration</c>.
/// </remarks>
public sealed class TableLoad
{
    /// <summary>How often a load begins again because another writer won.</summary>
    private const int AttemptsMax = 20;

    private readonly WriteOptions _options;
    private readonly string? _where;

    private TableLoad(WriteOptions options, string? where = null)
    {
        _options = options;
        _where = where;
    }

    /// <summary>Adds the rows.</summary>
    public static TableLoad Append { get; } = new(new WriteOptions());

    /// <summary>Replaces all rows of the table.</summary>
    public static TableLoad Truncate { get; } = new(new WriteOptions { Mode = WriteMode.Overwrite });

    /// <summary>Replaces the partitions that the rows fall into. Without rows nothing is replaced: to empty an interval's partition use
    /// <see cref="DeleteInsert"/>.</summary>
    public static TableLoad OverwritePartitions { get; } = new(new WriteOptions { Mode = WriteMode.OverwritePartitions });

    /// <summary>Deletes the rows that satisfy a condition and inserts the new ones, which must satisfy it too.</summary>
    /// <param name="where">The condition in SQL; <c>{{name}}</c> is filled as <see cref="Template"/> says, for example
    /// <c>day = DATE '{{interval_start|date}}'</c>.</param>
    public static TableLoad DeleteInsert(string where)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(where);
        return new TableLoad(new WriteOptions { Mode = WriteMode.Overwrite }, where);
    }

    /// <summary>Replaces the rows with the key of a new row and adds the others.</summary>
    /// <param name="on">The columns of the key.</param>
    public static TableLoad Merge(params IReadOnlyList<string> on)
    {
        ArgumentNullException.ThrowIfNull(on);
        ArgumentOutOfRangeException.ThrowIfZero(on.Count, nameof(on));
        return new TableLoad(new WriteOptions { Mode = WriteMode.Merge, MergeOn = [.. on] });
    }

    /// <summary>Adds columns that the rows have and the table lacks.</summary>
    public TableLoad WithNewColumns() => new(_options with { MergeSchema = true }, _where);

    /// <summary>A body for <see cref="Dags.DagBuilder.Task{T}(string, Func{TaskContext, CancellationToken, Task{T}}, Action{Dags.TaskBuilder})"/>.</summary>
    /// <param name="table">Opens the table.</param>
    /// <param name="rows">Gives the rows of the task's interval; asked again when another writer won.</param>
    public Func<TaskContext, CancellationToken, Task<LoadResult>> Body(
        Func<TaskContext, CancellationToken, Task<DeltaTable>> table, Func<TaskContext, CancellationToken, IAsyncEnumerable<RecordBatch>> rows)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rows);
        return async (context, cancellationToken) => await RunAsync(
            context, await table(context, cancellationToken).ConfigureAwait(false), rows, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Loads.</summary>
    /// <param name="context">The try that loads.</param>
    /// <param name="table">The table.</param>
    /// <param name="rows">Gives the rows of the task's interval; asked again when another writer won.</param>
    /// <param name="cancellationToken">Stops before the commit; files already written stay unreferenced.</param>
    /// <exception cref="TaskFailedException">A later try or run has loaded for this interval; not retried.</exception>
    /// <exception cref="DeltaException">The rows do not fit the table, or others won again and again.</exception>
    public async Task<LoadResult> RunAsync(
        TaskContext context, DeltaTable table, Func<TaskContext, CancellationToken, IAsyncEnumerable<RecordBatch>> rows,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rows);
        var fence = LoadFence.Of(context);
        var options = _options with
        {
            Transaction = (fence.Application, fence.Version),
            ReplaceWhere = _where is null ? null : Predicate.Parse(Template.Render(_where, context)),
            UserMetadata = $"run {context.RunId}, try {context.Try} of {context.DagId}/{context.TaskId}",
        };
        long? written = null;
        for (var attempt = 1; ; attempt++)
        {
            var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
            var stored = snapshot.TransactionVersion(fence.Application);
            if (stored == fence.Version && written is { } version)
            {
                return new LoadResult(version, IsReplay: false);
            }

            switch (fence.Decide(stored))
            {
                case LoadVerdict.Stale:
                    throw new TaskFailedException(
                        $"epoch {context.Epoch} of run {context.RunId} is over: a later try or run loaded {fence.Application}.", retry: false);
                case LoadVerdict.Replay:
                    context.Log($"{fence.Application} was loaded by an earlier try: nothing to do");
                    return new LoadResult(snapshot.Version, IsReplay: true);
                default:
                    written = await TryWriteAsync(table, rows(context, cancellationToken), options, attempt, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
    }

    /// <summary>Null where another writer won: then what it wrote is looked at first.</summary>
    private static async Task<long?> TryWriteAsync(
        DeltaTable table, IAsyncEnumerable<RecordBatch> rows, WriteOptions options, int attempt, CancellationToken cancellationToken)
    {
        try
        {
            return await table.WriteAsync(rows, options, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaException exception) when (exception.Kind == ErrorKind.Conflict && attempt < AttemptsMax)
        {
            return null;
        }
    }
}
