using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>
/// What the store went through, recorded by triggers of the test and put in order by the time of commit: the truth about who started, who ended
/// and how many slots were taken, whatever the processes believed.
/// </summary>
internal static class History
{
    private const string Record = """
        CREATE TABLE effect (run_id bigint, task_id text, map_index int, try int, epoch bigint);
        CREATE TABLE step (run_id bigint, task_no bigint, map_index bigint, try bigint, was bigint, state bigint, pool text, slots bigint);
        CREATE FUNCTION note_step() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' OR OLD.state <> NEW.state OR OLD.try <> NEW.try THEN
                INSERT INTO public.step VALUES (NEW.run_id, NEW.task_no, NEW.map_index, NEW.try, CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.state END, NEW.state,
                    NEW.pool, NEW.pool_slots * ((NEW.state IN (2, 3))::int - (TG_OP = 'UPDATE' AND OLD.state IN (2, 3))::int));
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER note_step AFTER INSERT OR UPDATE ON orchestrator.task FOR EACH ROW EXECUTE FUNCTION note_step();
        """;

    public static async Task BeginAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Record);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task CheckAsync(NpgsqlDataSource source, string pool, int slots, CancellationToken cancellationToken)
    {
        Assert.InRange(await CountAsync(source, "SELECT count(*) FROM effect", cancellationToken), 20, long.MaxValue);
        Assert.Equal(0L, await CountAsync(source, Twice("effect", "run_id, task_id, map_index, try", "true"), cancellationToken));
        Assert.Equal(0L, await CountAsync(source, Twice("step", "run_id, task_no, map_index, try", "state = 3 AND was <> 3"), cancellationToken));
        Assert.Equal(0L, await CountAsync(source, Twice("step", "run_id, task_no, map_index", "state >= 8"), cancellationToken));
        Assert.Equal(
            0L,
            await CountAsync(
                source,
                "SELECT count(*) FROM orchestrator.task t JOIN orchestrator.run r ON r.id = t.run_id WHERE r.state >= 2 AND t.state < 8",
                cancellationToken));
        Assert.Equal(
            0L,
            await CountAsync(
                source,
                "SELECT count(*) FROM (SELECT 1 FROM orchestrator.run WHERE kind = 0 GROUP BY dag_id, logical_date HAVING count(*) > 1) AS twice",
                cancellationToken));
        var most = await CountAsync(
            source,
            "SELECT max(used)::bigint FROM (SELECT sum(taken) OVER (ORDER BY at) AS used FROM (SELECT pg_xact_commit_timestamp(xmin) AS at, " +
            $"sum(slots) AS taken FROM step WHERE pool = '{pool}' GROUP BY xmin, pg_xact_commit_timestamp(xmin)) AS commits) AS usage",
            cancellationToken);
        Console.WriteLine($"pool {pool}: at most {most} of {slots} slots were taken");
        Assert.InRange(most, 1, slots);
    }

    public static async Task<long> CountAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string Twice(string table, string key, string condition) =>
        $"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {condition} GROUP BY {key} HAVING count(*) > 1) AS twice";
}
