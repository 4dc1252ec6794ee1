using System.Data.Common;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb.Profiles;

/// <summary>Reads the state of a table or partition in one scan.</summary>
/// <remarks>One read at a time per connection, which stays the caller's.</remarks>
public sealed class DuckDbProfiler
{
    private readonly DuckDBConnection _connection;
    private readonly DuckDbMetricEngine _engine;
    private readonly SqlGuard _guard;

    /// <summary>Makes a profiler.</summary>
    /// <param name="connection">An open connection whose tables and views are the relations.</param>
    public DuckDbProfiler(DuckDBConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connection = connection;
        _engine = new DuckDbMetricEngine(connection);
        _guard = new SqlGuard(connection);
    }

    /// <summary>Reads a state.</summary>
    /// <param name="relation">The table or view.</param>
    /// <param name="filter">A SQL condition that selects the partition; null for all rows.</param>
    /// <param name="partition">What the state is kept under; empty for a whole table.</param>
    /// <param name="cancellationToken">Stops the scan.</param>
    /// <exception cref="MetricException">There is no such relation, the filter is no condition over its rows, or it cannot be read.</exception>
    public async ValueTask<PartitionState> ReadAsync(
        string relation, string? filter = null, string partition = "", CancellationToken cancellationToken = default)
    {
        var shape = await _engine.DescribeAsync(relation, cancellationToken).ConfigureAwait(false);
        if (filter is not null)
        {
            _guard.CheckExpression(filter);
        }

        ColumnState[] states = [.. shape.Columns.Select(c => new ColumnState(c.Name, c.Type, c.Family))];
        // Beside the numbers of a column whose values may have more digits than a double, those of its values that do, as text.
        List<TableColumn> wide = [.. shape.Columns.Where(IsWide)];
        int[] spellings = [.. shape.Columns.Select(c => wide.IndexOf(c) is >= 0 and var at ? shape.Columns.Count + at : -1)];
        var sql = $"SELECT {string.Join(", ", [.. shape.Columns.Select(Expression), .. wide.Select(Spelling)])} FROM {SqlText.Relation(relation)}{SqlText.Where(SqlText.Closed(filter))}";
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.UseStreamingMode = true;
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                Add(reader, states, spellings);
            }
        }
        catch (Exception e) when (DuckDbErrors.IsOfQuery(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new MetricException($"Over '{relation}': {DuckDbErrors.Reason(e)}", e);
        }

        return new PartitionState(partition, states);
    }

    private static void Add(DbDataReader reader, ColumnState[] states, int[] spellings)
    {
        for (var i = 0; i < states.Length; i++)
        {
            if (reader.IsDBNull(i))
            {
                states[i].AddNull();
            }
            else if (IsText(states[i].Family))
            {
                states[i].Add(reader.GetString(i));
            }
            else if (spellings[i] >= 0 && !reader.IsDBNull(spellings[i]))
            {
                states[i].Add(reader.GetDouble(i), reader.GetString(spellings[i]));
            }
            else
            {
                states[i].Add(reader.GetDouble(i));
            }
        }
    }

    private static bool IsText(ColumnFamily family) => family is ColumnFamily.Text or ColumnFamily.Other;

    private static string Expression(TableColumn column)
    {
        var name = SqlText.Identifier(column.Name);
        return column.Family switch
        {
            ColumnFamily.Text or ColumnFamily.Other => $"CAST({name} AS VARCHAR)",
            ColumnFamily.Date or ColumnFamily.Timestamp or ColumnFamily.Instant
                => $"CASE WHEN isfinite({name}) THEN CAST(epoch_us({name}) AS DOUBLE) WHEN {name} IS NOT NULL THEN 'inf'::DOUBLE END",
            ColumnFamily.Boolean => $"CAST(CAST({name} AS INTEGER) AS DOUBLE)",
            _ => $"CAST({name} AS DOUBLE)",
        };
    }

    private static bool IsWide(TableColumn column) => column.Family switch
    {
        ColumnFamily.Integer => SqlTypes.Normalize(column.Type) is "BIGINT" or "UBIGINT" or "HUGEINT" or "UHUGEINT",
        ColumnFamily.Decimal => true,
        _ => false,
    };

    private static string Spelling(TableColumn column)
    {
        var name = SqlText.Identifier(column.Name);
        return $"CASE WHEN try_cast(CAST({name} AS DOUBLE) AS {column.Type}) IS DISTINCT FROM {name} THEN CAST({name} AS VARCHAR) END";
    }
}
