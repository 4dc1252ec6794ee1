namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Statements that are the same in every database, with parameters by the names of an object's properties, as Dapper takes them.</summary>
internal static class StoreSql
{
    public const string BackfillProgress =
        "SELECT count(*) FILTER (WHERE b.state = 0) AS Pending, count(*) FILTER (WHERE b.state = 1) AS Running, " +
        "count(*) FILTER (WHERE b.state = 2 AND r.state = 2) AS Succeeded, " +
        "count(*) FILTER (WHERE b.state = 2 AND r.state IS DISTINCT FROM 2) AS Failed, count(*) FILTER (WHERE b.state = 3) AS Skipped " +
        "FROM backfill_run b LEFT JOIN run r ON r.id = b.run_id WHERE b.backfill_id = @backfillId";

    public static (string Sql, object Parameters) Runs(RunQuery query) => (
        "SELECT * FROM run" + Where(
            (query.DagId, "dag_id = @DagId"), (query.State, "state = @State"), (query.LogicalFrom, "logical_date >= @From"),
            (query.LogicalTo, "logical_date <= @To"), (query.BeforeId, "id < @BeforeId")) + " ORDER BY id DESC LIMIT @Limit",
        new
        {
            query.DagId,
            State = (long?)query.State,
            From = Micros.Of(query.LogicalFrom),
            To = Micros.Of(query.LogicalTo),
            query.BeforeId,
            query.Limit,
        });

    public static (string Sql, object Parameters) Tasks(TaskQuery query) => (
        "SELECT * FROM task" + Where(
            (query.RunId, "run_id = @RunId"), (query.TaskId, "task_id = @TaskId"), (query.MapIndex, "map_index = @MapIndex"),
            (query.State, "state = @State"), (query.After, "(task_no, map_index) > (@AfterNumber, @AfterIndex)")) +
            " ORDER BY task_no, map_index LIMIT @Limit",
        new
        {
            query.RunId,
            query.TaskId,
            MapIndex = (long?)query.MapIndex,
            State = (long?)query.State,
            AfterNumber = (long?)query.After?.TaskNumber,
            AfterIndex = (long?)query.After?.MapIndex,
            query.Limit,
        });

    public static (string Sql, object Parameters) XComs(long runId, int? taskNumber, int? mapIndex) => (
        "SELECT * FROM xcom" + Where(
            (runId, "run_id = @runId"), (taskNumber, "task_no = @taskNumber"), (mapIndex, "map_index = @mapIndex")) +
            " ORDER BY task_no, map_index, name",
        new { runId, taskNumber, mapIndex });

    public static (string Sql, object Parameters) Audit(AuditQuery query) => (
        "SELECT * FROM audit" + Where(
            (query.BeforeId, "id < @BeforeId"), (query.DagId, "dag_id = @DagId"), (query.RunId, "run_id = @RunId"), (query.Actor, "actor = @Actor")) +
            " ORDER BY id DESC LIMIT @Limit",
        query);

    public static (string Sql, object Parameters) Backfills(string? dagId, long? beforeId, int limit) => (
        "SELECT * FROM backfill" + Where((dagId, "dag_id = @dagId"), (beforeId, "id < @beforeId")) + " ORDER BY id DESC LIMIT @limit",
        new { dagId, beforeId, limit });

    public static (string Sql, object Parameters) AuditBegins(AuditEntry entry) => (
        "INSERT INTO audit (at, actor, origin, action, dag_id, run_id, detail, outcome) " +
        "VALUES (@At, @Actor, @From, @Action, @DagId, @RunId, @Detail, 0) RETURNING id",
        new
        {
            At = Micros.Of(entry.At),
            entry.Actor,
            entry.From,
            entry.Action,
            entry.DagId,
            entry.RunId,
            Detail = entry.Detail is { } detail ? AuditText.Cut(detail, AuditEntry.DetailLengthMax) : null,
        });

    public static (string Sql, object Parameters) AuditEnds(long id, AuditOutcome outcome, string result) => (
        "UPDATE audit SET outcome = @Outcome, result = @Result WHERE id = @id AND outcome = 0",
        new { id, Outcome = (long)outcome, Result = AuditText.Cut(result, AuditEntry.ResultLengthMax) });

    private static string Where(params ReadOnlySpan<(object? Value, string Condition)> conditions)
    {
        var where = string.Empty;
        foreach (var (value, condition) in conditions)
        {
            where += value is null ? string.Empty : (where.Length == 0 ? " WHERE " : " AND ") + condition;
        }

        return where;
    }
}
