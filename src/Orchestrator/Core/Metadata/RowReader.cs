using System.Data.Common;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Rows of a SQL store to records; columns in the order of the tables, which are the same in every database.</summary>
internal static class RowReader
{
    public const string DagColumns =
        "d.id, d.hash, v.model, d.registered_at, d.is_paused, d.fire_start, d.fire_end, d.fire_logical, d.fire_run_after, " +
        "d.fault, d.fault_at";

    public static DagRecord Dag(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Hash = row.GetString(1),
        Model = row.GetString(2),
        RegisteredAt = Micros.From(row.GetInt64(3)),
        IsPaused = row.GetInt64(4) != 0,
        LastFire = row.IsDBNull(8)
            ? null
            : new ScheduledFire(
                new DataInterval(Micros.From(row.GetInt64(5)), Micros.From(row.GetInt64(6))), Micros.From(row.GetInt64(7)),
                    Micros.From(row.GetInt64(8))),
        ScheduleFault = Fault(row, 9),
    };

    public static DagHead Head(DbDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        Micros.From(row.GetInt64(2)),
        row.GetInt64(3) != 0,
        row.IsDBNull(7)
            ? null
            : new ScheduledFire(
                new DataInterval(Micros.From(row.GetInt64(4)), Micros.From(row.GetInt64(5))), Micros.From(row.GetInt64(6)),
                    Micros.From(row.GetInt64(7))),
        Fault(row, 8));

    public static AuditEntry Audit(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        At = Micros.From(row.GetInt64(1)),
        Actor = row.GetString(2),
        From = row.GetString(3),
        Action = row.GetString(4),
        DagId = Text(row, 5),
        RunId = row.IsDBNull(6) ? null : row.GetInt64(6),
        Detail = Text(row, 7),
        Outcome = (AuditOutcome)row.GetInt64(8),
        Result = Text(row, 9),
    };

    /// <summary>A number that was looked for, after the run's columns, and the run; null where there is none.</summary>
    public static KeyValuePair<long, DagRun?> Found(DbDataReader row) => new(row.GetInt64(16), row.IsDBNull(0) ? null : Run(row));

    public static DagRun Run(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        DagId = row.GetString(1),
        DagHash = row.GetString(2),
        Kind = (DagRunKind)(int)row.GetInt64(3),
        State = (DagRunState)(int)row.GetInt64(4),
        Interval = new DataInterval(Micros.From(row.GetInt64(5)), Micros.From(row.GetInt64(6))),
        LogicalDate = Micros.From(row.GetInt64(7)),
        RunAfter = Micros.From(row.GetInt64(8)),
        CreatedAt = Micros.From(row.GetInt64(9)),
        StartedAt = Instant(row, 10),
        EndedAt = Instant(row, 11),
        Changes = DatasetChanges.Read(Text(row, 12)),
        Conf = Text(row, 13),
        IdempotencyKey = Text(row, 14),
        Note = Text(row, 15),
    };

    public static TaskInstance Task(DbDataReader row) => new()
    {
        Key = new TaskKey(row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2)),
        TaskId = row.GetString(3),
        State = (TaskState)(int)row.GetInt64(4),
        Try = (int)row.GetInt64(5),
        Epoch = row.GetInt64(6),
        Failures = (int)row.GetInt64(7),
        InfrastructureFailures = (int)row.GetInt64(8),
        ReadyAt = Instant(row, 9),
        QueuedAt = Instant(row, 10),
        StartedAt = Instant(row, 11),
        EndedAt = Instant(row, 12),
        WakeAt = Instant(row, 13),
        Pool = row.GetString(14),
        Executor = Text(row, 15),
        Note = Text(row, 16),
        FirstStartedAt = Instant(row, 17),
        PoolSlots = (int)row.GetInt64(18),
    };

    public static Backfill Backfill(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        DagId = row.GetString(1),
        Request = JsonSerializer.Deserialize<BackfillRequest>(row.GetString(2))!,
        State = (BackfillState)(int)row.GetInt64(3),
        CreatedAt = Micros.From(row.GetInt64(4)),
        EndedAt = Instant(row, 5),
    };

    public static BackfillRun BackfillRun(DbDataReader row) => new(
        row.GetInt64(0),
        (int)row.GetInt64(1),
        new ScheduledFire(
            new DataInterval(Micros.From(row.GetInt64(2)), Micros.From(row.GetInt64(3))), Micros.From(row.GetInt64(4)),
                Micros.From(row.GetInt64(5))),
        (BackfillRunState)(int)row.GetInt64(6),
        row.IsDBNull(7) ? null : row.GetInt64(7),
        Text(row, 8));

    public static XComValue XCom(DbDataReader row) =>
        new(new TaskKey(row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2)), row.GetString(4), row.GetString(3), row.GetString(5));

    public static CommandAnswer Answer(DbDataReader row) =>
        new(row.GetInt64(0), Text(row, 1), row.IsDBNull(2) ? null : (ErrorKind)(int)row.GetInt64(2), Text(row, 3));

    public static DayCount Day(DbDataReader row) => new(Micros.ToDay(row.GetInt64(0)), (DagRunState)row.GetInt64(1), (int)row.GetInt64(2));

    public static DagVersionRecord Version(DbDataReader row) => new(row.GetString(0), Micros.From(row.GetInt64(1)));

    public const string UpdateColumns = "dataset, coalesce(version, instant), updated_at";

    public static StoredUpdate Update(DbDataReader row) =>
        new(new DatasetVersion(new DatasetId(row.GetString(0)), row.GetInt64(1)), Micros.From(row.GetInt64(2)));

    public static DatasetProgress Dataset(DbDataReader row) =>
        new(row.GetString(0), new DatasetId(row.GetString(1)), row.GetInt64(2), row.GetInt64(3));

    private static ScheduleFault? Fault(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : new ScheduleFault(row.GetString(column), Micros.From(row.GetInt64(column + 1)));

    private static DateTimeOffset? Instant(DbDataReader row, int column) => row.IsDBNull(column) ? null
        : Micros.From(row.GetInt64(column));

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
