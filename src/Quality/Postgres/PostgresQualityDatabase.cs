using System.Reflection;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>One schema of a PostgreSQL database for everything the engine remembers. The stores over it share it.</summary>
/// <remarks>
/// Thread-safe; several processes may work on it at once. Writes are transactions, tried again after a lost connection, a deadlock or a
/// serialization failure: all of them leave the same when they are done twice. Characters that PostgreSQL's texts cannot hold (NUL and halves
/// of surrogate pairs) are kept as U+FFFD.
/// </remarks>
public sealed partial class PostgresQualityDatabase : IAsyncDisposable
{
    private static readonly SchemaScripts Scripts = SchemaScripts.Embedded(Assembly.GetExecutingAssembly());

    private readonly NpgsqlDataSource _source;
    private readonly PostgresQualityOptions _options;

    private PostgresQualityDatabase(NpgsqlDataSource source, PostgresQualityOptions options)
    {
        _source = source;
        _options = options;
    }

    /// <summary>Opens a database, making or migrating its schema.</summary>
    /// <param name="connectionString">Where; the user must be allowed to make the schema.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="QualityException">The server does not answer, or the schema was written by a newer program.</exception>
    public static async Task<PostgresQualityDatabase> OpenAsync(
        string connectionString, PostgresQualityOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        options ??= new PostgresQualityOptions();
        SchemaScripts.CheckName(options.Schema, nameof(options));
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = options.Schema, MaxAutoPrepare = 50, AutoPrepareMinUsages = 2 };
        var database = new PostgresQualityDatabase(NpgsqlDataSource.Create(builder.ConnectionString), options);
        try
        {
            await database.WriteAsync(database.MigrateAsync, cancellationToken).ConfigureAwait(false);
            await database.EnsureDaysAheadAsync(TimeProvider.System.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return database;
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<bool> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The key is "DPQz".
        await Scripts.MigrateSchemaAsync(
            connection, _options.Schema, 0x4450517A, message => new QualityException(ErrorKind.Invalid, message), cancellationToken).ConfigureAwait(false);
        return true;
    }
}
