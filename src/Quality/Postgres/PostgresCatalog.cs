using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Postgres;

/// <summary>The catalog of a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="database">The database.</param>
public sealed partial class PostgresCatalog(PostgresQualityDatabase database) : IQualityCatalog
{
    /// <inheritdoc/>
    /// <remarks>It also differs when something else was written on the same server.</remarks>
    public async ValueTask<string> StampAsync(CancellationToken cancellationToken = default)
        => (await database.RowsAsync("SELECT pg_current_snapshot()::text", row => row.GetString(0), cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DomainState>> DomainsAsync(CancellationToken cancellationToken = default) => database.RowsAsync(
        """
        SELECT domain, count(*)::integer, sum(pass)::bigint, sum(fail_info)::bigint, sum(fail_warning)::bigint, sum(fail_critical)::bigint,
          sum(error)::bigint, sum(no_data)::bigint
        FROM table_state GROUP BY domain ORDER BY domain
        """,
        row => new DomainState(row.GetString(0), row.GetInt32(1), CatalogRows.CountsAt(row, 2)),
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DayCounts>> DaysAsync(string? domain, DateOnly from, CancellationToken cancellationToken = default)
    {
        var conditions = new Conditions(first: 1).Add("day >= ?", from.DayNumber).Add("domain = ?", domain);
        var rows = await database.RowsAsync(
            $"SELECT day, severity, outcome, sum(verdicts)::bigint FROM day_count{conditions.Where} GROUP BY day, severity, outcome ORDER BY day",
            row => (Day: row.GetInt32(0), Counts: OutcomeCounts.Of((Severity)row.GetInt16(1), (Outcome)row.GetInt16(2), row.GetInt64(3))),
            cancellationToken,
            conditions.Values).ConfigureAwait(false);
        return [.. rows.GroupBy(r => r.Day).Select(g => new DayCounts(
            DateOnly.FromDayNumber(g.Key), g.Aggregate(default(OutcomeCounts), (sum, r) => sum + r.Counts)))];
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TableState>> TablesAsync(TableQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var conditions = new Conditions(first: 1).Add("table_name > ?", query.After).Add("domain = ?", query.Domain)
            .Add("table_name ILIKE ?", Conditions.Within(query.Search))
            .Add("fail_info + fail_warning + fail_critical + error >= ?", query.OnlyBad ? 1 : null)
            .Add("at < ?", query.LastRunBefore?.UtcTicks);
        return database.RowsAsync(
            $"SELECT {CatalogRows.TableColumns} FROM table_state{conditions.Where} ORDER BY table_name LIMIT {conditions.Parameter(query.Limit)}",
            CatalogRows.Table,
            cancellationToken,
            conditions.Values);
    }

    /// <inheritdoc/>
    public ValueTask<TableState?> TableAsync(string table, CancellationToken cancellationToken = default) => database.FindAsync(
        $"SELECT {CatalogRows.TableColumns} FROM table_state WHERE table_name = $1", CatalogRows.Table, cancellationToken, table);
}
