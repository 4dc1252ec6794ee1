using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans.DeletionVectors;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>Deletion vectors as a DuckDB table of file and row number, against which the files that have one are anti-joined.</summary>
internal static class DeletedRows
{
    /// <returns>The table's name; null where no file has deleted rows.</returns>
    public static async Task<string?> LoadAsync(
        LakeQuery query, Snapshot snapshot, IEnumerable<AddFile> live, string view, CancellationToken cancellationToken)
    {
        var files = live.Where(f => f.DeletionVector is not null).ToArray();
        if (files.Length == 0)
        {
            return null;
        }

        var name = $"__deleted_{view}_{Guid.NewGuid():N}";
        query.Execute($"CREATE TABLE {Sql.Name(name)} (\"file\" VARCHAR, \"row\" BIGINT)");
        using var appender = query.Connection.CreateAppender(name);
        foreach (var file in files)
        {
            var rows = await DeletionVectorStore.ReadAsync(snapshot.Store, file.DeletionVector, cancellationToken).ConfigureAwait(false);
            snapshot.Store.TryGetLocalPath(snapshot.PathOf(file), out var path);
            foreach (var row in rows.Rows.ToArray())
            {
                appender.CreateRow().AppendValue(path).AppendValue(row).EndRow();
            }
        }

        return Sql.Name(name);
    }
}
