using System.Globalization;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Changes table properties and schema by metadata alone, raising the protocol where they need it.</summary>
internal sealed class PropertyChange(DeltaTable table)
{
    /// <summary>Sets properties; a null value takes one away.</summary>
    public async Task<long> SetAsync(IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> properties = new(snapshot.Metadata.Configuration, StringComparer.Ordinal);
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                properties.Remove(key);
                continue;
            }

            properties[key] = value;
            if (key.StartsWith(ActiveFeatures.ConstraintPrefix, StringComparison.Ordinal))
            {
                await CheckExistingAsync(snapshot, key[ActiveFeatures.ConstraintPrefix.Length..], value, cancellationToken).ConfigureAwait(false);
            }
        }

        var metadata = TableCreation.WithMapping(snapshot.Metadata with { Configuration = properties }, keepNames: true);
        metadata = Enable(snapshot, metadata);
        return await CommitAsync(snapshot, metadata, "SET TBLPROPERTIES", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds columns at the end.</summary>
    public async Task<long> AddColumnsAsync(IReadOnlyList<StructField> columns, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        if (columns.FirstOrDefault(c => !c.Nullable) is { } required)
        {
            throw DeltaException.Invalid($"The new column '{required.Name}' cannot be NOT NULL: the rows that are there have no value for it.");
        }

        if (columns.FirstOrDefault(c => snapshot.Schema.Find(c.Name) is not null) is { } known)
        {
            throw DeltaException.Invalid($"There is a column '{known.Name}' already.");
        }

        var full = StructType.FromJson(snapshot.Metadata.SchemaString!);
        var metadata = SchemaEvolution.WithSchema(snapshot.Metadata, new StructType([.. full.Fields, .. columns]));
        return await CommitAsync(snapshot, metadata, "ADD COLUMNS", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renames or drops a column without a rewrite; only mapped columns can, for files keep their own names.</summary>
    public async Task<long> ReplaceColumnAsync(string name, string? newName, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var field = snapshot.Schema.Find(name) ?? throw DeltaException.Invalid($"There is no column '{name}'.");
        if (ColumnMapping.ModeOf(snapshot.Metadata.Configuration) == ColumnMappingMode.None)
        {
            throw DeltaException.Invalid(
                $"The column '{name}' cannot be renamed or dropped without a rewrite: set delta.columnMapping.mode to 'name' first.");
        }

        var isPartition = snapshot.PartitionColumns.Contains(field.Name);
        if (newName is null && isPartition)
        {
            throw DeltaException.Invalid($"The column '{name}' partitions the table and cannot be dropped.");
        }

        CheckUnused(snapshot, field.Name);
        var full = StructType.FromJson(snapshot.Metadata.SchemaString!);
        var fields = newName is null ? full.Fields.Where(f => f.Name != field.Name)
            : full.Fields.Select(f => f.Name == field.Name ? f with { Name = newName } : f);
        var metadata = snapshot.Metadata with
        {
            SchemaString = new StructType([.. fields]).ToJson(),
            PartitionColumns = [.. snapshot.PartitionColumns.Select(p => p == field.Name ? newName! : p)],
        };
        return await CommitAsync(snapshot, metadata, newName is null ? "DROP COLUMNS" : "RENAME COLUMN", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Constraints and generated columns name columns in text that a rename would leave behind.</summary>
    private static void CheckUnused(Snapshot snapshot, string column)
    {
        var users = snapshot.Metadata.Configuration.Where(c => c.Key.StartsWith(ActiveFeatures.ConstraintPrefix, StringComparison.Ordinal))
            .Select(c => (c.Key, c.Value))
            .Concat(snapshot.Schema.Fields.Where(f => f.Text("delta.generationExpression") is not null)
                .Select(f => (Key: f.Name, Value: f.Text("delta.generationExpression")!)));
        foreach (var (user, sql) in users)
        {
            if (ExpressionParser.Parse(sql).Columns().Any(c => c.Split('.')[0].Equals(column, StringComparison.OrdinalIgnoreCase)))
            {
                throw DeltaException.Invalid($"The column '{column}' is used by '{user}' ({sql}); take that away first.");
            }
        }
    }

    /// <summary>A constraint must hold for the rows that are there before it can be promised for the next ones.</summary>
    private static async ValueTask CheckExistingAsync(Snapshot snapshot, string name, string sql, CancellationToken cancellationToken)
    {
        var condition = ExpressionParser.Parse(sql);
        Evaluator.Check(condition, $"The constraint '{name}' ({sql})");
        var bounds = new FileBounds(snapshot);
        foreach (var file in snapshot.Files.Where(f => TruthRules.Of(condition, bounds.Of(f)) != Truths.True))
        {
            await foreach (var batch in DataFileReader.ReadAsync(snapshot, file, null, cancellationToken).ConfigureAwait(false))
            {
                if (RowFilter.Matching(batch, condition).Length < batch.Length)
                {
                    throw DeltaException.Invalid($"The constraint '{name}' ({sql}) does not hold for a row that is in the table already, in '{file.Path}'.");
                }
            }
        }
    }

    /// <summary>In-commit timestamps that are switched on later say since when they hold.</summary>
    private Metadata Enable(Snapshot snapshot, Metadata metadata)
    {
        if (!TableProperties.InCommitTimestamps(metadata) || TableProperties.InCommitTimestamps(snapshot.Metadata))
        {
            return metadata;
        }

        return metadata with
        {
            Configuration = new Dictionary<string, string>(metadata.Configuration)
            {
                ["delta.inCommitTimestampEnablementVersion"] = (snapshot.Version + 1).ToString(CultureInfo.InvariantCulture),
                ["delta.inCommitTimestampEnablementTimestamp"] =
                    table.Options.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    private static Task<long> CommitAsync(DeltaTable table, Snapshot snapshot, Metadata metadata, string operation, CancellationToken cancellationToken)
    {
        var transaction = table.BeginTransaction(snapshot);
        transaction.SetMetadata(metadata);
        var protocol = ProtocolNeeds.Raise(snapshot.Protocol, ProtocolNeeds.Of(metadata, SnapshotState.SchemaOf(metadata)));
        if (!ReferenceEquals(protocol, snapshot.Protocol))
        {
            transaction.SetProtocol(protocol);
        }

        return transaction.CommitAsync(operation, cancellationToken);
    }

    private Task<long> CommitAsync(Snapshot snapshot, Metadata metadata, string operation, CancellationToken cancellationToken)
        => CommitAsync(table, snapshot, metadata, operation, cancellationToken);
}
