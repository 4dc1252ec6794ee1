using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Tests.Metadata;

namespace DataPlatform.Integration.Orchestrator;

public sealed class PostgresRetentionTests(PostgresServer server) : RetentionContract, IClassFixture<PostgresServer>
{
    protected override async Task<IOrchestratorStore> OpenAsync()
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        return await PostgresOrchestratorStore.OpenAsync(
            await server.NewDatabaseAsync("retention_" + Guid.NewGuid().ToString("n")), cancellationToken: TestContext.Current.CancellationToken);
    }
}
