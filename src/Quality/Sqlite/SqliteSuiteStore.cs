using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Versions of suites in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe. A version and its entry in the audit log are one transaction.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteSuiteStore(QualityDatabase database) : ISuiteStore
{
    private const string Columns = "suite, version, table_name, notation, text, rules, at, author, reason";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SuiteVersion>> ListAsync(
        string? after, int limit, string? table = null, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 0).Add("suite > ?", after).Add("table_name = ?", table);
        var isNewest = $"{(conditions.Where.Length == 0 ? " WHERE" : " AND")} version = (SELECT max(version) FROM suite_version w WHERE w.suite = v.suite)";
        return Read($"SELECT {Columns} FROM suite_version v{conditions.Where}{isNewest} ORDER BY suite LIMIT {Limit(conditions, limit)}", conditions);
    }

    /// <inheritdoc/>
    public async ValueTask<SuiteVersion?> FindAsync(string suite, int? version = null, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 0).Add("suite = ?", suite).Add("version = ?", version);
        var found = await Read($"SELECT {Columns} FROM suite_version{conditions.Where} ORDER BY version DESC LIMIT 1", conditions).ConfigureAwait(false);
        return found is [var newest] ? newest : null;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SuiteVersion>> VersionsAsync(string suite, int? before, int limit, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 0).Add("suite = ?", suite).Add("version < ?", before);
        return Read($"SELECT {Columns} FROM suite_version{conditions.Where} ORDER BY version DESC LIMIT {Limit(conditions, limit)}", conditions);
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(SuiteVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentException.ThrowIfNullOrWhiteSpace(version.Suite);
        database.Write(connection =>
        {
            var newest = Sql.Scalar(connection, "SELECT coalesce(max(version), 0) FROM suite_version WHERE suite = $0", version.Suite);
            if (version.Version != newest + 1)
            {
                throw new QualityException(
                    ErrorKind.Conflict, $"Suite '{version.Suite}' is at version {newest}; {version.Version} was to be saved. Load the newest version and repeat the change on it.");
            }

            Sql.Execute(
                connection, $"INSERT INTO suite_version ({Columns}) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8)", version.Suite, version.Version, version.Table,
                version.Notation, version.Text, version.Rules, version.At.UtcTicks, version.Author, version.Reason);
            var subject = string.Create(CultureInfo.InvariantCulture, $"suite/{version.Suite}@{version.Version}");
            return SqliteAuditLog.Append(connection, new AuditEntry(0, version.At, version.Author, "save", subject, version.Reason));
        });
        return ValueTask.CompletedTask;
    }

    private static string Limit(Conditions conditions, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1_000);
        return conditions.Parameter(limit);
    }

    private static SuiteVersion ReadVersion(SqliteDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.Time(6), row.GetString(7),
        row.GetString(8));

    private ValueTask<IReadOnlyList<SuiteVersion>> Read(string sql, Conditions conditions)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<SuiteVersion>>(Sql.Rows(connection, sql, ReadVersion, conditions.Values));
    }
}
