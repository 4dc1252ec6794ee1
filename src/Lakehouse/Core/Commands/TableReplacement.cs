using System.Globalization;
using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>
/// Makes a table, or gives the one that is there another shape and other rows in one commit: readers see the old table or the new one. Its
/// history, its id and its protocol stay.
/// </summary>
internal static class TableReplacement
{
    /// <param name="store">A store rooted at the table.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="options">Partitioning, properties, services.</param>
    /// <param name="rows">The rows; null for none.</param>
    /// <param name="replaces">Whether a table that is there is replaced; otherwise it is a conflict.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public static async Task<DeltaTable> RunAsync(
        IObjectStore store, StructType schema, DeltaTableOptions options, IAsyncEnumerable<RecordBatch>? rows, bool replaces,
        CancellationToken cancellationToken)
    {
        var operation = (replaces ? "CREATE OR REPLACE TABLE" : "CREATE TABLE") + (rows is null ? string.Empty : " AS SELECT");
        options.Validate();
        var exists = replaces && await DeltaTable.ExistsAsync(store, cancellationToken).ConfigureAwait(false);
        var table = exists ? await DeltaTable.OpenAsync(store, options, cancellationToken).ConfigureAwait(false)
            : DeltaTable.Prepare(store, schema, options);
        var transaction = exists ? Replace(table, schema, options)
            : await TableCreation.BeginAsync(table, cancellationToken).ConfigureAwait(false);
        if (rows is not null)
        {
            transaction.Lineage = Scans.ScannedRows.LineageOf(rows, options.Dataset, schema);
            await WriteAsync(transaction, table, rows, cancellationToken).ConfigureAwait(false);
        }

        var metadata = transaction.Actions.OfType<Metadata>().Single();
        await transaction.CommitAsync(operation, TableCreation.ParametersOf(metadata, options), cancellationToken).ConfigureAwait(false);
        return table;
    }

    private static DeltaTransaction Replace(DeltaTable table, StructType schema, DeltaTableOptions options)
    {
        var snapshot = table.Snapshot;
        TableFeatures.CheckWritable(snapshot.Protocol);
        var lastId = snapshot.Metadata.Configuration.TryGetValue(ColumnMapping.MaxIdProperty, out var text)
            ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
        var metadata = TableCreation.MetadataOf(schema, options, Guid.Parse(snapshot.Metadata.Id), lastId);
        var transaction = table.BeginTransaction(snapshot);
        transaction.ReadWholeTable();
        transaction.SetMetadata(metadata);
        var protocol = ProtocolNeeds.Raise(snapshot.Protocol, TableCreation.NeedsOf(metadata, options));
        if (!ReferenceEquals(protocol, snapshot.Protocol))
        {
            transaction.SetProtocol(protocol);
        }

        foreach (var file in snapshot.Files)
        {
            transaction.Remove(file);
        }

        // Row ids are never given twice, so the mark outlives the rows; the other domains belong to the table that goes.
        foreach (var domain in snapshot.Domains.Values.Where(d => d.Domain != Transactions.RowTracking.Domain))
        {
            transaction.SetReservedDomain(domain with { Removed = true });
        }

        TableCreation.SetClustering(transaction, SnapshotState.SchemaOf(metadata), options);
        return transaction;
    }

    private static async ValueTask WriteAsync(
        DeltaTransaction transaction, DeltaTable table, IAsyncEnumerable<RecordBatch> rows, CancellationToken cancellationToken)
    {
        var metadata = transaction.Actions.OfType<Metadata>().Single();
        var protocol = transaction.Actions.OfType<Protocol>().SingleOrDefault() ?? transaction.Snapshot.Protocol;
        var schema = SnapshotState.SchemaOf(metadata);
        var rules = RowRules.Of(protocol, metadata, schema, table.Options.Time.GetUtcNow());
        var domains = transaction.Actions.OfType<DomainMetadata>().Where(d => !d.Removed).ToDictionary(d => d.Domain);
        var layout = new DataFileLayout(table.Store, metadata, schema, table.Options, clustering: ClusteringColumns.PathsOf(domains));
        var writer = new TableWriter(layout, dataChange: true);
        await using (writer.ConfigureAwait(false))
        {
            await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await writer.WriteAsync(rules.Apply(batch), cancellationToken).ConfigureAwait(false);
            }

            transaction.Add(await writer.CompleteAsync(cancellationToken).ConfigureAwait(false));
        }

        if (IdentityColumn.Raise(metadata, rules.Identities) is { } raised)
        {
            transaction.SetMetadata(raised);
        }
    }
}
