using System.Diagnostics;
using DataPlatform.Benchmarks.ResourceScheduler;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Microsoft.Data.Sqlite;
using Npgsql;
using Quartz;

namespace DataPlatform.Benchmarks.Orchestrator;

/// <summary>The job that all of them can do: so many independent trivial jobs, from being asked for to done.</summary>
internal static class OtherSchedulers
{
    private static int _left;
    private static TaskCompletionSource _done = new();

    /// <summary>Called by the jobs.</summary>
    public static void Count()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _done.TrySetResult();
        }
    }

    /// <summary>Hangfire with its own default of workers.</summary>
    /// <returns>Jobs a second.</returns>
    public static async Task<double> HangfireAsync(string kind, TemporaryPostgres? server, int jobs, CancellationToken cancellationToken)
    {
        Begin(jobs);
        JobStorage storage = kind == "postgres"
            ? new PostgreSqlStorage(
                new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(server!.ConnectionString, new PostgreSqlStorageOptions()),
                new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromMilliseconds(200) })
            : new InMemoryStorage();
        var client = new BackgroundJobClient(storage);
        using var worker = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = 20, ServerName = "bench" }, storage);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < jobs; i++)
        {
            client.Enqueue(() => Count());
        }

        await _done.Task.WaitAsync(cancellationToken);
        return jobs / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Quartz with 20 threads and a batch of 20, which is how it is fastest. SQLite in WAL mode; its connections keep their default of <c>synchronous</c>.</summary>
    /// <returns>Jobs a second.</returns>
    public static async Task<double> QuartzAsync(string kind, TemporaryPostgres? server, int jobs, CancellationToken cancellationToken)
    {
        Begin(jobs);
        var folder = Directory.CreateTempSubdirectory("quartz-bench-");
        var file = $"Data Source={Path.Combine(folder.FullName, "q.db")}";
        var builder = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.UseDefaultThreadPool(20);
            quartz.ConfigureScheduler(options => options.MaxBatchSize = 20);
            if (kind == "postgres")
            {
                quartz.UsePersistentStore(store => store.UsePostgres(NpgsqlFactory.Instance, server!.ConnectionString).UseClustering().ProvisionSchema());
            }
            else if (kind == "sqlite")
            {
                UseWriteAheadLog(file);
                quartz.UsePersistentStore(store => store.UseSqlite(SqliteFactory.Instance, file).ProvisionSchema());
            }
        });
        await using var scheduler = await builder.BuildScheduler(cancellationToken);
        await scheduler.Start(cancellationToken);
        var job = JobBuilder.Create<CountingJob>().WithIdentity("job").StoreDurably().Build();
        await scheduler.AddJob(job, cancellationToken: cancellationToken);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < jobs; i++)
        {
            var trigger = TriggerBuilder.Create(TimeProvider.System).WithIdentity($"t{i}").ForJob(job).StartNow().Build();
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }

        await _done.Task.WaitAsync(cancellationToken);
        var rate = jobs / watch.Elapsed.TotalSeconds;
        await scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken);
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        return rate;
    }

    private static void UseWriteAheadLog(string file)
    {
        using var connection = new SqliteConnection(file);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
    }

    private static void Begin(int jobs)
    {
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _left, jobs);
    }

    /// <summary>What Quartz runs.</summary>
    internal sealed class CountingJob : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            Count();
            return default;
        }
    }
}
