using System.Reflection;
using DataPlatform.Kernel;
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
        if (options.Schema.Length == 0 || !options.Schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            throw new ArgumentException($"'{options.Schema}' is no schema name of lower-case letters, digits and '_'.", nameof(options));
        }

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
        // 0x4450517A is "DPQz": processes that start together migrate one after the other.
        await connection.ScalarAsync("SELECT pg_advisory_xact_lock(1146114426)", cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(
            $"CREATE SCHEMA IF NOT EXISTS {_options.Schema}; CREATE TABLE IF NOT EXISTS {_options.Schema}.schema_version (version INTEGER NOT NULL)",
            cancellationToken).ConfigureAwait(false);
        var version = await connection.ScalarAsync("SELECT max(version) FROM schema_version", cancellationToken).ConfigureAwait(false) as int? ?? 0;
        var migrations = Migrations();
        if (version > migrations.Count)
        {
            throw new QualityException(
                ErrorKind.Invalid, $"Schema '{_options.Schema}' is of version {version} and this program knows {migrations.Count}: use a newer program.");
        }

        foreach (var (number, name) in migrations.Select((name, i) => (i + 1, name)).Skip(version))
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
            await connection.ExecuteAsync(await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync("INSERT INTO schema_version VALUES ($1)", cancellationToken, number).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>The scripts, in the order of their numbers.</summary>
    private static List<string> Migrations() => [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
