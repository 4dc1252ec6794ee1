using System.Data.Common;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
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
        var sql = $"SELECT {string.Join(", ", shape.Columns.Select(Expression))} FROM {SqlText.Relation(relation)}{SqlText.Where(SqlText.Closed(filter))}";
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.UseStreamingMode = true;
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                Add(reader, states);
            }
        }
        catch (Exception e) when (DuckDbErrors.IsOfQuery(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new MetricException($"Over '{relation}': {DuckDbErrors.Reason(e)}", e);
        }

        return new PartitionState(partition, states);
    }

    private static void Add(DbDataReader reader, ColumnState[] states)
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
            ColumnFamily.Date or ColumnFamily.Timestamp or ColumnFamily.Instant => $"CAST(CASE WHEN isfinite({name}) THEN epoch_us({name}) END AS DOUBLE)",
            ColumnFamily.Boolean => $"CAST(CAST({name} AS INTEGER) AS DOUBLE)",
            _ => $"CAST({name} AS DOUBLE)",
        };
    }
}
