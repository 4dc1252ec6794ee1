using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Quality.Tests.Stores;

public sealed class SqliteAlertStoreTests : AlertStoreContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override ValueTask<IAlertStore> OpenAsync() => new(new SqliteAlertStore(_file.Open()));
}

public sealed class SqliteIncidentStoreTests : IncidentStoreContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override ValueTask<IIncidentStore> OpenAsync() => new(new SqliteIncidentStore(_file.Open()));
}

public sealed class SqliteHistoryTests : HistoryContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override ValueTask<IQualityHistory> OpenAsync() => new(new SqliteQualityStore(_file.Open()));
}

public sealed class SqliteSeriesStoreTests : SeriesStoreContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override ValueTask<ISeriesStore> OpenAsync() => new(new SqliteSeriesStore(_file.Open()));
}

public sealed class SqliteLineageStoreTests : LineageStoreContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override ValueTask<ILineageStore> OpenAsync() => new(new SqliteLineageStore(_file.Open()));
}

public sealed class SqliteProfileStoreTests : ProfileStoreContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override ValueTask<(IProfileStore Profiles, IPartitionStateStore States)> OpenAsync()
    {
        var database = _file.Open();
        return new((new SqliteProfileStore(database), new SqlitePartitionStateStore(database)));
    }
}

public sealed class SqlitePartitionTests : PartitionContract, IDisposable
{
    private readonly SqliteFile _file = new();
    private Catalog.IQualityCatalog? _catalog;

    public void Dispose()
    {
        (_catalog as IDisposable)?.Dispose();
        _file.Dispose();
    }

    protected override ValueTask<(IQualityHistory Results, Catalog.IQualityCatalog Catalog, Func<RetentionOptions, TimeProvider, ValueTask<long>> Forget)> OpenAsync()
    {
        var database = _file.Open();
        _catalog = new SqliteCatalog(database);
        return new((new SqliteQualityStore(database), _catalog, (options, time) => database.ForgetAsync(options, time)));
    }
}

public sealed class SqliteAlertPagesTests : AlertPagesContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override ValueTask<(IAlertStore Alerts, IIncidentStore Incidents)> OpenAsync()
    {
        var database = _file.Open();
        return new((new SqliteAlertStore(database), new SqliteIncidentStore(database)));
    }
}

internal sealed class SqliteFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-db-").FullName;

    public QualityDatabase Open() => QualityDatabase.Open(Path.Combine(_folder, "quality.db"));

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
