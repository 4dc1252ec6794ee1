using System.Data.Common;
using DataPlatform.Samples.FlightDelays.Domain;
using DataPlatform.Samples.FlightDelays.Events;
using DataPlatform.Streaming.Cdc;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Samples.FlightDelays.Storage;

/// <summary>Where the service stands.</summary>
/// <param name="Recorded">Arrivals recorded.</param>
/// <param name="NewestArrivalMs">When the newest one arrived; 0 before the first.</param>
/// <param name="NewestScheduledMs">The newest scheduled arrival; 0 before the first.</param>
public readonly record struct ArrivalsState(long Recorded, long NewestArrivalMs, long NewestScheduledMs);

/// <summary>The arrivals service's SQLite database: arrivals and their outbox.</summary>
public sealed class ArrivalsDatabase : IAsyncDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly OutboxWriter _outbox;

    private ArrivalsDatabase(SqliteConnection connection)
    {
        _connection = connection;
        _outbox = new OutboxWriter(connection);
        _insert = connection.CreateCommand();
        _insert.CommandText = """
            INSERT INTO arrivals (id, origin, destination, delay_minutes, distance_miles, departure_ms, arrival_ms, scheduled_ms)
            VALUES ($id, $origin, $destination, $delay, $distance, $departure, $arrival, $scheduled)
            """;
        foreach (var name in (string[])["$id", "$origin", "$destination", "$delay", "$distance", "$departure", "$arrival", "$scheduled"])
        {
            _insert.Parameters.Add(new SqliteParameter(name, null));
        }
    }

    /// <summary>Opens the database, or makes it.</summary>
    /// <exception cref="SampleException">The file is no SQLite database, or of another service.</exception>
    public static async Task<ArrivalsDatabase> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = NORMAL;
                CREATE TABLE IF NOT EXISTS arrivals (
                    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, destination TEXT NOT NULL, delay_minutes INTEGER NOT NULL, distance_miles INTEGER NOT NULL,
                    departure_ms INTEGER NOT NULL, arrival_ms INTEGER NOT NULL, scheduled_ms INTEGER NOT NULL)
                """;
            await command.ExecuteNonQueryAsync(cancellationToken);
            OutboxTable.Create(connection);
            return new ArrivalsDatabase(connection);
        }
        catch (SqliteException e)
        {
            await connection.DisposeAsync();
            throw new SampleException($"'{path}' cannot be used as the arrivals database: {e.Message} Start over with --fresh.", e);
        }
    }

    /// <summary>A connection of its own, not yet open, for a reader of the outbox.</summary>
    public DbConnection Connect() => new SqliteConnection(_connection.ConnectionString);

    /// <summary>Where the service stands.</summary>
    public async Task<ArrivalsState> ReadStateAsync(CancellationToken cancellationToken)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(id), 0), coalesce(max(arrival_ms), 0), coalesce(max(scheduled_ms), 0) FROM arrivals";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new ArrivalsState(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>Begins a transaction of arrivals and their events.</summary>
    public UnitOfWork Begin() => new(this, _connection.BeginTransaction());

    /// <summary>Ends the outbox, unless it has ended.</summary>
    public async Task CloseOutboxAsync(CancellationToken cancellationToken)
    {
        await using var transaction = _connection.BeginTransaction();
        await using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT count(*) FROM (SELECT split FROM outbox ORDER BY sequence DESC LIMIT 1) WHERE split = $marker";
        command.Parameters.AddWithValue("$marker", OutboxTable.EndMarkerSplit);
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! == 0)
        {
            _outbox.Complete(transaction);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _outbox.Dispose();
        await _insert.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>Arrivals that become visible together, each with its event.</summary>
    public sealed class UnitOfWork : IAsyncDisposable
    {
        private readonly ArrivalsDatabase _database;
        private readonly SqliteTransaction _transaction;
        private readonly byte[] _payload = new byte[ArrivalEvent.BytesMax];

        internal UnitOfWork(ArrivalsDatabase database, SqliteTransaction transaction) => (_database, _transaction) = (database, transaction);

        /// <summary>Adds an arrival and its event.</summary>
        public void Add(in Arrival arrival, int split)
        {
            var flight = arrival.Flight;
            var values = _database._insert.Parameters;
            _database._insert.Transaction = _transaction;
            values[0].Value = arrival.Id;
            values[1].Value = flight.Origin;
            values[2].Value = flight.Destination;
            values[3].Value = flight.DelayMinutes;
            values[4].Value = flight.DistanceMiles;
            values[5].Value = flight.DepartureMs;
            values[6].Value = flight.ArrivalMs;
            values[7].Value = flight.ScheduledMs;
            _database._insert.ExecuteNonQuery();
            _database._outbox.Append(_transaction, split, flight.ScheduledMs, _payload[..ArrivalEvent.Write(arrival, _payload)]);
        }

        /// <summary>Makes them durable and visible.</summary>
        public async Task CommitAsync(CancellationToken cancellationToken) => await _transaction.CommitAsync(cancellationToken);

        /// <summary>Takes them back unless they were committed.</summary>
        public ValueTask DisposeAsync() => _transaction.DisposeAsync();
    }
}
