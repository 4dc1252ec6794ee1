using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Tests.Stores;

public sealed class InMemoryAlertStoreTests : AlertStoreContract
{
    protected override ValueTask<IAlertStore> OpenAsync() => new(new InMemoryAlertStore(new InMemoryIncidentStore()));
}

public sealed class InMemoryIncidentStoreTests : IncidentStoreContract
{
    protected override ValueTask<IIncidentStore> OpenAsync() => new(new InMemoryIncidentStore());
}

public sealed class InMemorySeriesStoreTests : SeriesStoreContract
{
    protected override ValueTask<ISeriesStore> OpenAsync() => new(new InMemorySeriesStore());
}

public sealed class InMemoryLineageStoreTests : LineageStoreContract
{
    protected override ValueTask<ILineageStore> OpenAsync() => new(new InMemoryLineageStore());
}

public sealed class InMemoryAlertPagesTests : AlertPagesContract
{
    protected override ValueTask<(IAlertStore Alerts, IIncidentStore Incidents)> OpenAsync()
    {
        var incidents = new InMemoryIncidentStore();
        return new((new InMemoryAlertStore(incidents), incidents));
    }
}
