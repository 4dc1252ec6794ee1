using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

/// <summary>A caller that asks for a run in a transaction of his own, and then waits to be killed: before he commits, or after.</summary>
internal static class CallerInATransaction
{
    public static Task RunAsync(string store, string place, bool commits) =>
        store == "postgres" ? PostgresAsync(place, commits) : SqliteAsync(place, commits);

    private static async Task PostgresAsync(string place, bool commits)
    {
        await using var connection = new NpgsqlConnection(place);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var order = new NpgsqlCommand("INSERT INTO orders VALUES (1)", connection, transaction))
        {
            await order.ExecuteNonQueryAsync();
        }

        await PostgresTrigger.EnqueueAsync(transaction, "d", new { order = 1 }, idempotencyKey: "order 1");
        if (commits)
        {
            await transaction.CommitAsync();
        }

        await WaitAsync();
    }

    private static async Task SqliteAsync(string place, bool commits)
    {
        await using var connection = new SqliteConnection($"Data Source={place}");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using (var order = connection.CreateCommand())
        {
            order.CommandText = "INSERT INTO orders VALUES (1)";
            order.Transaction = transaction;
            await order.ExecuteNonQueryAsync();
        }

        SqliteTriggerOutbox.Enqueue(transaction, "d", new { order = 1 }, idempotencyKey: "order 1");
        if (commits)
        {
            await transaction.CommitAsync();
        }

        await WaitAsync();
    }

    private static async Task WaitAsync()
    {
        Console.WriteLine("there");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
    }
}
