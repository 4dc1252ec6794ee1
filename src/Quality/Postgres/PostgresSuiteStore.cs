using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Catalog;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Versions of suites in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes. A version and its entry in the audit log are one transaction.</remarks>
/// <param name="database">The database.</param>
public sealed class PostgresSuiteStore(PostgresQualityDatabase database) : ISuiteStore
{
    private const string Columns = "suite, version, table_name, notation, text, rules, at, author, reason";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SuiteVersion>> ListAsync(
        string? after, int limit, string? table = null, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 1).Add("suite > ?", after);
        var newest = $"SELECT DISTINCT ON (suite) {Columns} FROM suite_version{conditions.Where} ORDER BY suite, version DESC";
        var where = table is null ? string.Empty : $" WHERE table_name = {conditions.Parameter(table)}";
        return Read($"SELECT * FROM ({newest}) AS newest{where} ORDER BY suite LIMIT {Limit(conditions, limit)}", conditions, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SuiteVersion?> FindAsync(string suite, int? version = null, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 1).Add("suite = ?", suite).Add("version = ?", version);
        return database.FindAsync(
            $"SELECT {Columns} FROM suite_version{conditions.Where} ORDER BY version DESC LIMIT 1", ReadVersion, cancellationToken, conditions.Values);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SuiteVersion>> VersionsAsync(string suite, int? before, int limit, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 1).Add("suite = ?", suite).Add("version < ?", before);
        return Read(
            $"SELECT {Columns} FROM suite_version{conditions.Where} ORDER BY version DESC LIMIT {Limit(conditions, limit)}", conditions, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask SaveAsync(SuiteVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentException.ThrowIfNullOrWhiteSpace(version.Suite);
        await database.WriteAsync((connection, token) => SaveAsync(connection, version, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Two who save the same number at once meet at the key: the later one adds no row.</summary>
    private static async Task<long> SaveAsync(NpgsqlConnection connection, SuiteVersion version, CancellationToken cancellationToken)
    {
        var newest = (int)(await connection.ScalarAsync(
            "SELECT coalesce(max(version), 0) FROM suite_version WHERE suite = $1", cancellationToken, version.Suite).ConfigureAwait(false))!;
        var isNext = version.Version == newest + 1 && await connection.ExecuteAsync(
            $"INSERT INTO suite_version ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
            cancellationToken,
            version.Suite, version.Version, version.Table, version.Notation, version.Text, version.Rules, version.At.UtcTicks, version.Author, version.Reason)
            .ConfigureAwait(false) == 1;
        if (!isNext)
        {
            throw new QualityException(
                ErrorKind.Conflict, $"Suite '{version.Suite}' is at version {newest} or later; {version.Version} was to be saved. Load the newest version and repeat the change on it.");
        }

        var subject = string.Create(CultureInfo.InvariantCulture, $"suite/{version.Suite}@{version.Version}");
        return await PostgresAuditLog.AppendAsync(
            connection, new AuditEntry(0, version.At, version.Author, "save", subject, version.Reason), cancellationToken).ConfigureAwait(false);
    }

    private static string Limit(Conditions conditions, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1_000);
        return conditions.Parameter(limit);
    }

    private static SuiteVersion ReadVersion(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.Time(6), row.GetString(7),
        row.GetString(8));

    private ValueTask<IReadOnlyList<SuiteVersion>> Read(string sql, Conditions conditions, CancellationToken cancellationToken)
        => database.RowsAsync(sql, ReadVersion, cancellationToken, conditions.Values);
}
