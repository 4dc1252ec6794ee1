using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Keeps a lineage graph with its history in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes on the same file. Holds one connection from the first <see cref="StampAsync"/> on, until
/// disposed.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteLineageStore(QualityDatabase database) : ILineageStore, IDisposable
{
    private readonly Lock _gate = new();
    private SqliteConnection? _watch;

    private const string PutEdge = """
        INSERT INTO lineage_edge VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT DO UPDATE SET origin = excluded.origin, confidence = excluded.confidence, first_seen = min(first_seen, excluded.first_seen),
          last_seen = excluded.last_seen, retired = excluded.retired, last_run = excluded.last_run
        WHERE max(excluded.last_seen, coalesce(excluded.retired, 0)) >= max(last_seen, coalesce(retired, 0))
        """;

    private const string PutAnnotation = """
        INSERT INTO annotation VALUES ($0, $1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT DO UPDATE SET kind = excluded.kind, author = excluded.author, at = excluded.at, reason = excluded.reason WHERE excluded.at >= at
        """;

    /// <inheritdoc/>
    public ValueTask SaveAsync(LineageChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        cancellationToken.ThrowIfCancellationRequested();
        database.Write(connection => Sql.ExecuteEach(connection, PutEdge, changes.Edges, ValuesOf) + Sql.ExecuteEach(
            connection,
            PutAnnotation,
            changes.Annotations,
            a => [a.Source.Dataset, a.Source.Column, a.Target.Dataset, a.Target.Column, (int)a.Kind, a.By, a.At.UtcTicks, a.Reason]));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<LineageChanges> LoadAsync(CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction(deferred: true);
        var edges = Sql.Rows(connection, "SELECT * FROM lineage_edge", row => new EdgeRecord(
            new LineageEdge(
                Column(row, 0), Column(row, 2), (LineageEdgeKind)row.GetInt32(4), (LineageOrigin)row.GetInt32(7), row.GetString(5), row.GetDouble(8),
                row.GetString(6)),
            row.Time(9), row.Time(10), row.TimeOrNull(11), row.TextOrNull(12)));
        var annotations = Sql.Rows(connection, "SELECT * FROM annotation", row => new LineageAnnotation(
            Column(row, 0), Column(row, 2), (LineageAnnotationKind)row.GetInt32(4), row.GetString(5), row.Time(6), row.GetString(7)));
        return ValueTask.FromResult(new LineageChanges(edges, annotations));
    }

    /// <inheritdoc/>
    public ValueTask<string?> StampAsync(CancellationToken cancellationToken = default)
    {
        // SQLite tells a connection when others have written; this one never writes, so all others are others.
        lock (_gate)
        {
            _watch ??= database.Connect();
            return ValueTask.FromResult<string?>(Sql.Scalar(_watch, "PRAGMA data_version").ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watch?.Dispose();

    /// <inheritdoc/>
    public ValueTask<int> RemoveRetiredAsync(DateTimeOffset before, int edgesMax = 1_000, CancellationToken cancellationToken = default)
    {
        const string Key = "source_dataset, source_column, target_dataset, target_column, kind, job, statement";
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection => Sql.Execute(
            connection,
            $"DELETE FROM lineage_edge WHERE ({Key}) IN (SELECT {Key} FROM lineage_edge WHERE retired < $0 LIMIT $1)", before.UtcTicks, edgesMax)));
    }

    private static object?[] ValuesOf(EdgeRecord record)
    {
        var edge = record.Edge;
        return
        [
            edge.Source.Dataset, edge.Source.Column, edge.Target.Dataset, edge.Target.Column, (int)edge.Kind, edge.Job, edge.Statement, (int)edge.Origin,
            edge.Confidence, record.FirstSeen.UtcTicks, record.LastSeen.UtcTicks, record.RetiredAt?.UtcTicks, record.LastRun,
        ];
    }

    private static ColumnId Column(SqliteDataReader row, int at) => new(row.GetString(at), row.GetString(at + 1));
}
