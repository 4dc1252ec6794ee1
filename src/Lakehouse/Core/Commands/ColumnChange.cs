using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Changes columns by metadata alone: no data file is touched.</summary>
internal sealed class ColumnChange(DeltaTable table)
{
    /// <summary>Adds columns at the end.</summary>
    public async Task<long> AddAsync(IReadOnlyList<StructField> columns, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        if (columns.FirstOrDefault(c => !c.Nullable) is { } required)
        {
            throw DeltaException.Invalid(
                $"The new column '{required.Name}' cannot be NOT NULL: the rows that are there have no value for it.");
        }

        if (columns.FirstOrDefault(c => snapshot.Schema.Find(c.Name) is not null) is { } known)
        {
            throw DeltaException.Invalid($"There is a column '{known.Name}' already.");
        }

        var metadata = SchemaEvolution.WithSchema(
            snapshot.Metadata, new StructType([.. Full(snapshot).Fields, .. ColumnMapping.WithoutMapping(new StructType(columns)).Fields]));
        return await CommitAsync(snapshot, metadata, "ADD COLUMNS", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renames or drops a column without a rewrite; only mapped columns can, for files keep their own names.</summary>
    public async Task<long> ReplaceAsync(string path, string? newName, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        if (ColumnMapping.ModeOf(snapshot.Metadata.Configuration) == ColumnMappingMode.None)
        {
            throw DeltaException.Invalid(
                $"The column '{path}' cannot be renamed or dropped without a rewrite: set delta.columnMapping.mode to 'name' first.");
        }

        var field = SchemaPath.Find(snapshot.Schema, path)?[^1] ?? throw DeltaException.Invalid($"There is no column '{path}'.");
        var isTop = !path.Contains('.', StringComparison.Ordinal);
        if (newName is null && isTop && snapshot.PartitionColumns.Contains(field.Name))
        {
            throw DeltaException.Invalid($"The column '{path}' partitions the table and cannot be dropped.");
        }

        CheckUnused(snapshot, path);
        var metadata = snapshot.Metadata with
        {
            SchemaString = Renamed(snapshot, path, newName).ToJson(),
            PartitionColumns = [.. snapshot.PartitionColumns.Select(p => isTop && p == field.Name ? newName! : p)],
        };
        return await CommitAsync(
            snapshot, metadata, newName is null ? "DROP COLUMNS" : "RENAME COLUMN", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Widens a column's type; files keep the narrow values, and readers cast them.</summary>
    public async Task<long> WidenAsync(string path, DeltaType type, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        if (!TableProperties.TypeWidening(snapshot.Metadata))
        {
            throw DeltaException.Invalid($"The type of '{path}' cannot change: set delta.enableTypeWidening to true first.");
        }

        CheckUnused(snapshot, path);
        var schema = SchemaPath.Replace(Full(snapshot), path, (field, rest) => TypeWidening.Widen(field, rest, type));
        return await CommitAsync(
            snapshot, SchemaEvolution.WithSchema(snapshot.Metadata, schema), "CHANGE COLUMN", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes NOT NULL from a column.</summary>
    public async Task<long> RelaxAsync(string path, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var schema = SchemaPath.Replace(Full(snapshot), path, (field, rest) => rest.Length == 0 ? field with { Nullable = true }
            : throw DeltaException.Invalid($"'{path}' is no column of its own, and has no NOT NULL."));
        return await CommitAsync(
            snapshot, snapshot.Metadata with { SchemaString = schema.ToJson() }, "CHANGE COLUMN", cancellationToken).ConfigureAwait(false);
    }

    private static StructType Full(Snapshot snapshot) => StructType.FromJson(snapshot.Metadata.SchemaString!);

    private static StructType Renamed(Snapshot snapshot, string path, string? newName)
    {
        var last = path.Split('.')[^1];
        if (newName is not null && !newName.Equals(last, StringComparison.OrdinalIgnoreCase)
            && SchemaPath.Find(snapshot.Schema, path[..^last.Length] + newName) is not null)
        {
            throw DeltaException.Invalid($"There is a column '{newName}' already.");
        }

        var schema = SchemaPath.Replace(Full(snapshot), path, (field, rest) => rest.Length > 0
            ? throw DeltaException.Invalid($"'{path}' lies in a list or a map and cannot be renamed or dropped.")
            : newName is null ? null : field with { Name = newName });
        return schema.Fields.Count > snapshot.PartitionColumns.Count ? schema
            : throw DeltaException.Invalid($"The column '{path}' is the last one that does not partition the table and cannot be dropped.");
    }

    /// <summary>Constraints, generated columns and clustering name columns in a way that a change would leave behind.</summary>
    private static void CheckUnused(Snapshot snapshot, string path)
    {
        var column = path.Split('.')[0];
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

        if (TableProperties.StatsColumns(snapshot.Metadata)?.Any(
            c => c.Split('.')[0].Equals(column, StringComparison.OrdinalIgnoreCase)) == true)
        {
            throw DeltaException.Invalid($"The column '{column}' is named by delta.dataSkippingStatsColumns; take it out of there first.");
        }
    }

    private Task<long> CommitAsync(Snapshot snapshot, Metadata metadata, string operation, CancellationToken cancellationToken)
        => MetadataChange.CommitAsync(table.BeginTransaction(snapshot), metadata, operation, null, cancellationToken);
}
