using System.Security.Cryptography;
using System.Text;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Keeps a lineage graph with its history in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes.</remarks>
/// <param name="database">The database.</param>
public sealed class PostgresLineageStore(PostgresQualityDatabase database) : ILineageStore
{
    private const int BatchEdges = 5_000;

    // By key, so that two writers wait for each other and never lock each other out.
    private const string PutEdges = """
        INSERT INTO lineage_edge
        SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[], $9::smallint[],
          $10::double precision[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[])
          AS n (key, source_dataset, source_column, target_dataset, target_column, kind, job, statement, origin, confidence, first_seen, last_seen,
            retired, last_run) ORDER BY key
        ON CONFLICT (key) DO UPDATE SET origin = excluded.origin, confidence = excluded.confidence,
          first_seen = least(lineage_edge.first_seen, excluded.first_seen), last_seen = excluded.last_seen, retired = excluded.retired,
          last_run = excluded.last_run
        WHERE greatest(excluded.last_seen, excluded.retired) >= greatest(lineage_edge.last_seen, lineage_edge.retired)
        """;

    private const string PutAnnotations = """
        INSERT INTO annotation
        SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::bigint[], $9::text[])
          AS n (key, source_dataset, source_column, target_dataset, target_column, kind, author, at, reason) ORDER BY key
        ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, author = excluded.author, at = excluded.at, reason = excluded.reason
        WHERE excluded.at >= annotation.at
        """;

    /// <inheritdoc/>
    public async ValueTask SaveAsync(LineageChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        await database.WriteAsync(
            async (connection, token) =>
            {
                foreach (var batch in changes.Edges.Chunk(BatchEdges))
                {
                    await connection.ExecuteAsync(PutEdges, token, ValuesOf(batch)).ConfigureAwait(false);
                }

                foreach (var batch in changes.Annotations.Chunk(BatchEdges))
                {
                    await connection.ExecuteAsync(PutAnnotations, token, ValuesOf(batch)).ConfigureAwait(false);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<LineageChanges> LoadAsync(CancellationToken cancellationToken = default)
    {
        var edges = await database.RowsAsync("SELECT * FROM lineage_edge", ReadEdge, cancellationToken).ConfigureAwait(false);
        var annotations = await database.RowsAsync("SELECT * FROM annotation", ReadAnnotation, cancellationToken).ConfigureAwait(false);
        return new LineageChanges(edges, annotations);
    }

    /// <inheritdoc/>
    /// <remarks>It also differs when something else was written on the same server.</remarks>
    public async ValueTask<string?> StampAsync(CancellationToken cancellationToken = default)
        => (await database.RowsAsync("SELECT pg_current_snapshot()::text", row => row.GetString(0), cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public ValueTask<int> RemoveRetiredAsync(DateTimeOffset before, int edgesMax = 1_000, CancellationToken cancellationToken = default)
        => database.ExecuteAsync(
            "DELETE FROM lineage_edge WHERE key IN (SELECT key FROM lineage_edge WHERE retired < $1 LIMIT $2)", cancellationToken, before.UtcTicks, edgesMax);

    private static object[] ValuesOf(EdgeRecord[] records) =>
    [
        Array.ConvertAll(records, r => KeyOf(r.Edge.Source, r.Edge.Target, r.Edge.Kind.ToString(), r.Edge.Job, r.Edge.Statement)),
        Array.ConvertAll(records, r => r.Edge.Source.Dataset),
        Array.ConvertAll(records, r => r.Edge.Source.Column),
        Array.ConvertAll(records, r => r.Edge.Target.Dataset),
        Array.ConvertAll(records, r => r.Edge.Target.Column),
        Array.ConvertAll(records, r => (short)r.Edge.Kind),
        Array.ConvertAll(records, r => r.Edge.Job),
        Array.ConvertAll(records, r => r.Edge.Statement),
        Array.ConvertAll(records, r => (short)r.Edge.Origin),
        Array.ConvertAll(records, r => r.Edge.Confidence),
        Array.ConvertAll(records, r => r.FirstSeen.UtcTicks),
        Array.ConvertAll(records, r => r.LastSeen.UtcTicks),
        Array.ConvertAll(records, r => r.RetiredAt?.UtcTicks),
        Array.ConvertAll(records, r => r.LastRun),
    ];

    private static object[] ValuesOf(LineageAnnotation[] annotations) =>
    [
        Array.ConvertAll(annotations, a => KeyOf(a.Source, a.Target)),
        Array.ConvertAll(annotations, a => a.Source.Dataset),
        Array.ConvertAll(annotations, a => a.Source.Column),
        Array.ConvertAll(annotations, a => a.Target.Dataset),
        Array.ConvertAll(annotations, a => a.Target.Column),
        Array.ConvertAll(annotations, a => (short)a.Kind),
        Array.ConvertAll(annotations, a => a.By),
        Array.ConvertAll(annotations, a => a.At.UtcTicks),
        Array.ConvertAll(annotations, a => a.Reason),
    ];

    private static byte[] KeyOf(ColumnId source, ColumnId target, params string[] more)
    {
        // A length before each part keeps ("a", "bc") and ("ab", "c") apart.
        var text = new StringBuilder();
        foreach (var part in new[] { source.Dataset, source.Column, target.Dataset, target.Column }.Concat(more))
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static EdgeRecord ReadEdge(NpgsqlDataReader row) => new(
        new LineageEdge(
            Column(row, 1), Column(row, 3), (LineageEdgeKind)row.GetInt16(5), (LineageOrigin)row.GetInt16(8), row.GetString(6), row.GetDouble(9),
            row.GetString(7)),
        row.Time(10), row.Time(11), row.TimeOrNull(12), row.TextOrNull(13));

    private static LineageAnnotation ReadAnnotation(NpgsqlDataReader row) => new(
        Column(row, 1), Column(row, 3), (LineageAnnotationKind)row.GetInt16(5), row.GetString(6), row.Time(7), row.GetString(8));

    private static ColumnId Column(NpgsqlDataReader row, int at) => new(row.GetString(at), row.GetString(at + 1));
}
