using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Keeps a lineage graph with its history in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteLineageStore(QualityDatabase database)
{
    /// <summary>Writes all edges and denials of a graph; those kept before are updated, none is removed.</summary>
    /// <param name="graph">The graph.</param>
    public void Save(LineageGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var (records, denied) = (graph.History(), graph.Denied());
        database.Write(connection =>
        {
            using var insert = Sql.Command(
                connection, "INSERT OR REPLACE INTO edge VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", "", "", "", "", 0, "", 0, 0, 0, 0, null);
            foreach (var (edge, first, last, retired) in records)
            {
                object?[] values =
                [
                    edge.Source.Dataset, edge.Source.Column, edge.Target.Dataset, edge.Target.Column, (int)edge.Kind, edge.Job, (int)edge.Origin,
                    edge.Confidence, first.UtcTicks, last.UtcTicks, retired?.UtcTicks,
                ];
                for (var i = 0; i < values.Length; i++)
                {
                    insert.Parameters[i].Value = values[i] ?? DBNull.Value;
                }

                insert.ExecuteNonQuery();
            }

            Sql.Execute(connection, "DELETE FROM denied");
            return denied.Sum(d => Sql.Execute(
                connection, "INSERT INTO denied VALUES ($0, $1, $2, $3)", d.Source.Dataset, d.Source.Column, d.Target.Dataset, d.Target.Column));
        });
    }

    /// <summary>Reads the graph back.</summary>
    public LineageGraph Load()
    {
        using var connection = database.Connect();
        var records = Sql.Rows(connection, "SELECT * FROM edge", row => new EdgeRecord(
            new LineageEdge(
                new ColumnId(row.GetString(0), row.GetString(1)), new ColumnId(row.GetString(2), row.GetString(3)), (LineageEdgeKind)row.GetInt32(4),
                (LineageOrigin)row.GetInt32(6), row.GetString(5), row.GetDouble(7)),
            row.Time(8), row.Time(9), row.TimeOrNull(10)));
        var denied = Sql.Rows(connection, "SELECT * FROM denied", row => (new ColumnId(row.GetString(0), row.GetString(1)), new ColumnId(row.GetString(2), row.GetString(3))));
        var graph = new LineageGraph();
        graph.Restore(records, denied);
        return graph;
    }
}
