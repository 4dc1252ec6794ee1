using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>Which table and version each view of an engine shows, so that a query that is written says what it was read from. Thread-safe.</summary>
internal sealed class QueryOrigins
{
    private readonly ConcurrentDictionary<string, Snapshot> _snapshots = new(StringComparer.OrdinalIgnoreCase);

    public void Register(string name, Snapshot snapshot) => _snapshots[name] = snapshot;

    /// <summary>What a query reads and where its rows go; null for a table without a name.</summary>
    /// <param name="query">The engine, to read the text.</param>
    /// <param name="sql">The query.</param>
    /// <param name="target">The table written.</param>
    public CommitLineage? LineageOf(LakeQuery query, string sql, Snapshot target)
    {
        if (target.Dataset is null)
        {
            return null;
        }

        var inputs = new List<LineageDataset>();
        foreach (var name in QueryTables.Of(query, sql))
        {
            if (_snapshots.TryGetValue(name, out var snapshot) && snapshot.DatasetVersion is { } read)
            {
                inputs.Add(new LineageDataset(read.Dataset, read.Version) { Alias = name, Fields = FieldsOf(snapshot) });
            }
        }

        return new CommitLineage { Inputs = inputs, Sql = sql, Fields = FieldsOf(target) };
    }

    private static LineageField[] FieldsOf(Snapshot snapshot) =>
        [.. snapshot.Schema.Fields.Select(field => new LineageField(field.Name, Sql.Type(field.Type)))];
}
