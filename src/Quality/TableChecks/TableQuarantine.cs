using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality.DuckDb;

namespace DataPlatform.Quality.TableChecks;

/// <summary>Puts the rows that broke a suite's row rules aside, into a table of their own, with the ids of the rules they broke.</summary>
/// <remarks>The commit carries the run's id as a transaction marker, so the same run put aside twice is put aside once.</remarks>
public static class TableQuarantine
{
    /// <summary>
    /// Opens the quarantine of a table, or makes it: the table's columns, all nullable, and the rules. Columns that the table got since are added.
    /// </summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="source">The table's schema.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="cancellationToken">Before the table is made or its columns are added.</param>
    public static async Task<DeltaTable> OpenAsync(
        IObjectStore store, StructType source, DeltaTableOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        List<StructField> fields =
        [
            .. source.Fields.Select(f => new StructField(f.Name, f.Type, Nullable: true)), new StructField(FailedRows.RulesColumn, DeltaType.String, Nullable: true),
        ];
        var table = await DeltaTable.OpenOrCreateAsync(store, new StructType(fields), options, cancellationToken).ConfigureAwait(false);
        var known = table.Snapshot.Schema.Fields.Select(f => f.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        StructField[] added = [.. fields.Where(f => !known.Contains(f.Name))];
        if (added.Length > 0)
        {
            await table.AddColumnsAsync(added, cancellationToken).ConfigureAwait(false);
        }

        return table;
    }

    /// <summary>Copies failed rows.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="result">A run of it over the snapshot; rules that erred are left out.</param>
    /// <param name="snapshot">The version the run looked at.</param>
    /// <param name="quarantine">Where they go, see <see cref="OpenAsync"/>.</param>
    /// <param name="cancellationToken">Stops the copy; nothing is committed by then.</param>
    /// <returns>The version committed; null when no row broke a row rule or the run was put aside before.</returns>
    public static async ValueTask<long?> CopyAsync(
        QualitySuite suite, SuiteResult result, Snapshot snapshot, DeltaTable quarantine, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(quarantine);
        var marker = $"quality/{result.RunId}";
        var before = await quarantine.RefreshAsync(cancellationToken).ConfigureAwait(false);
        string[] broken = [.. result.Verdicts.Where(v => v.Violations > 0).Select(v => v.RuleId)];
        if (broken.Length == 0 || before.TransactionVersion(marker) is not null)
        {
            return null;
        }

        var lake = LakeQuery.Open();
        await using (lake.ConfigureAwait(false))
        {
            await lake.RegisterAsync(suite.Table, snapshot, cancellationToken).ConfigureAwait(false);
            if (await FailedRows.SelectAsync(lake.Connection, suite, suite.Table, broken, cancellationToken).ConfigureAwait(false) is not { } sql)
            {
                return null;
            }

            var files = await quarantine.WriteFilesAsync(lake.QueryArrowAsync(sql, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (files.Count == 0)
            {
                return null;
            }

            var transaction = quarantine.BeginTransaction(before);
            foreach (var file in files)
            {
                transaction.Add(file);
            }

            transaction.SetTransaction(marker, 1);
            return await transaction.CommitAsync("QUARANTINE", cancellationToken).ConfigureAwait(false);
        }
    }
}
