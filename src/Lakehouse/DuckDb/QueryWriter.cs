using Apache.Arrow;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;
using DuckDB.NET.Data;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>
/// Writes a query's rows into a table. Where the table asks nothing of its rows that must be computed or checked row by row, DuckDB writes
/// the data files itself; elsewhere the rows pass through the table's own write path.
/// </summary>
internal sealed class QueryWriter(LakeQuery query, DeltaTable table)
{
    public async Task<long> RunAsync(string sql, WriteOptions options, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        TableFeatures.CheckWritable(snapshot.Protocol);
        var columns = await DescribeAsync(sql, cancellationToken).ConfigureAwait(false);
        options = options with { Lineage = options.Lineage ?? query.Origins.LineageOf(query, sql, snapshot) };
        var layout = DataFileLayout.Of(snapshot, table.Options);
        if (!CanCopy(snapshot, layout, options))
        {
            var casts = columns.Select(c => snapshot.Schema.Find(c) is { } field
                ? $"CAST({Sql.Name(c)} AS {Sql.Type(field.Type)}) AS {Sql.Name(field.Name)}" : Sql.Name(c));
            var rows = Arrow($"SELECT {string.Join(", ", casts)} FROM ({sql})", cancellationToken);
            return await table.WriteAsync(rows, options, cancellationToken).ConfigureAwait(false);
        }

        if (columns.FirstOrDefault(c => snapshot.Schema.Find(c) is null) is { } unknown)
        {
            throw DeltaException.Invalid(
                $"The column '{unknown}' is not in the table; its columns are {string.Join(", ", snapshot.Schema.Fields.Select(f => f.Name))}.");
        }

        var copy = new CopyCommand(query, table, layout);
        return await new WriteCommand(table, options)
            .RunFilesAsync(snapshot, token => copy.RunAsync(sql, columns, token), cancellationToken).ConfigureAwait(false);
    }

    private bool CanCopy(Snapshot snapshot, DataFileLayout layout, WriteOptions options)
        => options is { ReplaceWhere: null, MergeSchema: false, OverwriteSchema: false, Mode: not WriteMode.Merge }
            && CopyCommand.CanWrite(layout)
            && RowRules.Of(snapshot.Protocol, snapshot.Metadata, snapshot.Schema, table.Options.Time.GetUtcNow()).IsEmpty;

    private async Task<IReadOnlyList<string>> DescribeAsync(string sql, CancellationToken cancellationToken)
    {
        List<string> columns = [];
        var reader = await query.QueryAsync($"DESCRIBE {sql}", cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                columns.Add(reader.GetString(0));
            }
        }

        return columns;
    }

    private async IAsyncEnumerable<RecordBatch> Arrow(
        string sql, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = query.QueryArrowAsync(sql, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (batches.ConfigureAwait(false))
        {
            while (await NextAsync(batches, sql).ConfigureAwait(false))
            {
                yield return batches.Current;
            }
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<RecordBatch> batches, string sql)
    {
        try
        {
            return await batches.MoveNextAsync().ConfigureAwait(false);
        }
        catch (DuckDBException e)
        {
            throw new DeltaException(ErrorKind.Invalid, $"DuckDB refused the query: {e.Message.Trim()} (query: {sql})", e);
        }
    }
}
