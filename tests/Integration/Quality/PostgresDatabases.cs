using DataPlatform.Quality.Postgres;

namespace DataPlatform.Integration.Quality;

/// <summary>One server for all tests of this project, and a new database for each that asks.</summary>
public sealed class PostgresDatabases : IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private readonly List<PostgresQualityDatabase> _open = [];
    private int _count;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public async Task<string> NewConnectionStringAsync()
    {
        Assert.SkipWhen(_server.SkipReason is not null, _server.SkipReason ?? string.Empty);
        return await _server.NewDatabaseAsync($"quality_{Interlocked.Increment(ref _count)}");
    }

    public async Task<PostgresQualityDatabase> NewAsync() => await OpenAsync(await NewConnectionStringAsync());

    public async Task<PostgresQualityDatabase> OpenAsync(string connectionString)
    {
        var database = await PostgresQualityDatabase.OpenAsync(connectionString);
        lock (_open)
        {
            _open.Add(database);
        }

        return database;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _open)
        {
            await database.DisposeAsync();
        }

        await _server.DisposeAsync();
    }
}

[CollectionDefinition]
public sealed class PostgresCollection : ICollectionFixture<PostgresDatabases>;
