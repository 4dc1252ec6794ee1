using DataPlatform.Benchmarks.ResourceScheduler;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Sqlite;

namespace DataPlatform.Benchmarks.Orchestrator;

/// <summary>A store in a place of its own that goes when it is disposed.</summary>
internal sealed class BenchmarkStore(IOrchestratorStore store, string? folder) : IAsyncDisposable
{
    public static readonly string[] Kinds = ["memory", "sqlite", "postgres"];

    private static int _schemas;

    public IOrchestratorStore Store { get; } = store;

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="server">The server; null where the kind needs none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<BenchmarkStore> OpenAsync(string kind, TemporaryPostgres? server, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case "memory":
                return new BenchmarkStore(new InMemoryOrchestratorStore(), null);
            case "postgres":
                var options = new PostgresOrchestratorOptions { Schema = $"bench{Interlocked.Increment(ref _schemas)}" };
                return new BenchmarkStore(await PostgresOrchestratorStore.OpenAsync(server!.ConnectionString, options, cancellationToken), null);
            default:
                var folder = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
                return new BenchmarkStore(
                    await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder, "o.db"), cancellationToken: cancellationToken), folder);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
