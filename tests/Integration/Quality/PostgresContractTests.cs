using DataPlatform.Quality;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Postgres;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Tests.Stores;

namespace DataPlatform.Integration.Quality;

[Collection<PostgresCollection>]
public sealed class PostgresAlertStoreTests(PostgresDatabases databases) : AlertStoreContract
{
    protected override async ValueTask<IAlertStore> OpenAsync() => new PostgresAlertStore(await databases.NewAsync());
}

[Collection<PostgresCollection>]
public sealed class PostgresIncidentStoreTests(PostgresDatabases databases) : IncidentStoreContract
{
    protected override async ValueTask<IIncidentStore> OpenAsync() => new PostgresIncidentStore(await databases.NewAsync());
}

[Collection<PostgresCollection>]
public sealed class PostgresHistoryTests(PostgresDatabases databases) : HistoryContract
{
    protected override async ValueTask<IQualityHistory> OpenAsync() => new PostgresQualityStore(await databases.NewAsync());
}

[Collection<PostgresCollection>]
public sealed class PostgresSeriesStoreTests(PostgresDatabases databases) : SeriesStoreContract
{
    protected override async ValueTask<ISeriesStore> OpenAsync() => new PostgresSeriesStore(await databases.NewAsync());
}

[Collection<PostgresCollection>]
public sealed class PostgresLineageStoreTests(PostgresDatabases databases) : LineageStoreContract
{
    protected override async ValueTask<ILineageStore> OpenAsync() => new PostgresLineageStore(await databases.NewAsync());
}

[Collection<PostgresCollection>]
public sealed class PostgresProfileStoreTests(PostgresDatabases databases) : ProfileStoreContract
{
    protected override async ValueTask<(IProfileStore Profiles, IPartitionStateStore States)> OpenAsync()
    {
        var database = await databases.NewAsync();
        return (new PostgresProfileStore(database), new PostgresPartitionStateStore(database));
    }
}

[Collection<PostgresCollection>]
public sealed class PostgresPartitionTests(PostgresDatabases databases) : PartitionContract
{
    protected override async ValueTask<(IQualityHistory Results, IQualityCatalog Catalog, Func<RetentionOptions, TimeProvider, ValueTask<long>> Forget)> OpenAsync()
    {
        var database = await databases.NewAsync();
        return (new PostgresQualityStore(database), new PostgresCatalog(database), (options, time) => database.ForgetAsync(options, time));
    }
}

[Collection<PostgresCollection>]
public sealed class PostgresAlertPagesTests(PostgresDatabases databases) : AlertPagesContract
{
    protected override async ValueTask<(IAlertStore Alerts, IIncidentStore Incidents)> OpenAsync()
    {
        var database = await databases.NewAsync();
        return (new PostgresAlertStore(database), new PostgresIncidentStore(database));
    }
}
