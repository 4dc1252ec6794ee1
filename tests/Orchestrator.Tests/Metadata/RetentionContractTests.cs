using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Metadata;

public sealed class InMemoryRetentionTests : RetentionContract
{
    protected override Task<IOrchestratorStore> OpenAsync() => Task.FromResult<IOrchestratorStore>(new InMemoryOrchestratorStore());
}

public sealed class SqliteRetentionTests : RetentionContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-retention-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override async Task<IOrchestratorStore> OpenAsync() =>
        await SqliteOrchestratorStore.OpenAsync(Path.Combine(_folder, "o.db"), cancellationToken: TestContext.Current.CancellationToken);
}
