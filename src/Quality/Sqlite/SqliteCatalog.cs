using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>The catalog of a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe. Holds one connection from the first <see cref="StampAsync"/> on, until disposed.</remarks>
/// <param name="database">The file.</param>
public sealed partial class SqliteCatalog(QualityDatabase database) : IQualityCatalog, IDisposable
{
    private readonly Lock _gate = new();
    private SqliteConnection? _watch;

    /// <inheritdoc/>
    public ValueTask<string> StampAsync(CancellationToken cancellationToken = default)
    {
        // SQLite tells a connection when others have written; this one never writes, so all others are others.
        lock (_gate)
        {
            _watch ??= database.Connect();
            return ValueTask.FromResult(Sql.Scalar(_watch, "PRAGMA data_version").ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DomainState>> DomainsAsync(CancellationToken cancellationToken = default) => Read(
        """
        SELECT domain, count(*), sum(pass), sum(fail_info), sum(fail_warning), sum(fail_critical), sum(error), sum(no_data)
        FROM table_state GROUP BY domain ORDER BY domain
        """,
        row => new DomainState(row.GetString(0), row.GetInt32(1), CatalogRows.CountsAt(row, 2)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DayCounts>> DaysAsync(string? domain, DateOnly from, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 0).Add("day >= ?", from.DayNumber).Add("domain = ?", domain);
        using var connection = database.Connect();
        var rows = Sql.Rows(
            connection,
            $"SELECT day, severity, outcome, sum(verdicts) FROM day_count{conditions.Where} GROUP BY day, severity, outcome ORDER BY day",
            row => (Day: row.GetInt32(0), Counts: OutcomeCounts.Of((Severity)row.GetInt32(1), (Outcome)row.GetInt32(2), row.GetInt64(3))),
            conditions.Values);
        return ValueTask.FromResult<IReadOnlyList<DayCounts>>([.. rows.GroupBy(r => r.Day).Select(g => new DayCounts(
            DateOnly.FromDayNumber(g.Key), g.Aggregate(default(OutcomeCounts), (sum, r) => sum + r.Counts)))]);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TableState>> TablesAsync(TableQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var conditions = new Conditions(first: 0).Add("table_name > ?", query.After).Add("domain = ?", query.Domain)
            .Add(@"table_name LIKE ? ESCAPE '\'", Conditions.Within(query.Search))
            .Add("fail_info + fail_warning + fail_critical + error >= ?", query.OnlyBad ? 1 : null)
            .Add("at < ?", query.LastRunBefore?.UtcTicks);
        return Read(
            $"SELECT table_name, {CatalogRows.Counts}, run_id, dataset, version, at FROM table_state{conditions.Where} ORDER BY table_name LIMIT {conditions.Parameter(query.Limit)}",
            CatalogRows.Table,
            conditions.Values);
    }

    /// <inheritdoc/>
    public ValueTask<TableState?> TableAsync(string table, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult(Sql.Rows(
            connection, $"SELECT table_name, {CatalogRows.Counts}, run_id, dataset, version, at FROM table_state WHERE table_name = $0", CatalogRows.Table, table)
            is [var found] ? found : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _watch?.Dispose();
            _watch = null;
        }
    }

    private ValueTask<IReadOnlyList<T>> Read<T>(string sql, Func<SqliteDataReader, T> read, params object?[] values)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<T>>(Sql.Rows(connection, sql, read, values));
    }
}
