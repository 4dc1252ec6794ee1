using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Changes table properties, raising the protocol where they need it.</summary>
internal sealed class PropertyChange(DeltaTable table)
{
    /// <summary>Sets properties; a null value takes one away.</summary>
    public async Task<long> SetAsync(IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var transaction = table.BeginTransaction(snapshot);
        var features = ProtocolNeeds.Asked(changes);
        var properties = await MergeAsync(transaction, changes, cancellationToken).ConfigureAwait(false);
        var metadata = TableCreation.WithMapping(snapshot.Metadata with { Configuration = properties }, keepNames: true);
        metadata = RowTracking.WithColumns(WithEnablement(snapshot, metadata));
        GiveRowIds(transaction, metadata);
        var isRemoval = changes.Values.All(v => v is null);
        Dictionary<string, string> parameters = new()
        {
            ["properties"] = isRemoval ? JsonSerializer.Serialize(changes.Keys) : JsonSerializer.Serialize(changes),
        };
        return await MetadataChange.CommitAsync(
            transaction, metadata, isRemoval ? "UNSET TBLPROPERTIES"
                : "SET TBLPROPERTIES", parameters, cancellationToken, features).ConfigureAwait(false);
    }

    /// <summary>Lists features in the protocol; they are not active by that alone.</summary>
    public async Task<long> UpgradeAsync(IReadOnlyCollection<string> features, CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        TableFeatures.CheckWritable(snapshot.Protocol);
        var transaction = table.BeginTransaction(snapshot);
        var protocol = ProtocolNeeds.Raise(snapshot.Protocol, ProtocolNeeds.WithImplied(features));
        if (ReferenceEquals(protocol, snapshot.Protocol))
        {
            return snapshot.Version;
        }

        transaction.SetProtocol(protocol);
        Dictionary<string, string> parameters = new() { ["newProtocol"] = string.Join(", ", features.Order(StringComparer.Ordinal)) };
        return await transaction.CommitAsync("UPGRADE PROTOCOL", parameters, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<Dictionary<string, string>> MergeAsync(
        DeltaTransaction transaction, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken)
    {
        var snapshot = transaction.Snapshot;
        Dictionary<string, string> properties = new(snapshot.Metadata.Configuration, StringComparer.Ordinal);
        foreach (var (key, value) in changes.Where(c => !ProtocolNeeds.IsAsk(c.Key)))
        {
            if (value is null)
            {
                properties.Remove(key);
                continue;
            }

            properties[key] = value;
            if (key.StartsWith(ActiveFeatures.ConstraintPrefix, StringComparison.Ordinal))
            {
                // Rows that another writer adds meanwhile were not looked at.
                transaction.ReadWholeTable();
                await CheckExistingAsync(
                    snapshot, key[ActiveFeatures.ConstraintPrefix.Length..], value, cancellationToken).ConfigureAwait(false);
            }
        }

        return properties;
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
                    throw DeltaException.Invalid(
                        $"The constraint '{name}' ({sql}) does not hold for a row that is in the table already, in '{file.Path}'.");
                }
            }
        }
    }

    /// <summary>Where row tracking is switched on, the files that are there get ids first (protocol section "Row Tracking").</summary>
    private static void GiveRowIds(DeltaTransaction transaction, Metadata metadata)
    {
        var without = TableProperties.RowTracking(metadata) ? transaction.Snapshot.Files.Where(f => f.BaseRowId is null).ToArray() : [];
        if (without.Length > 0)
        {
            transaction.ReadWholeTable();
            transaction.Add(without.Select(f => f with { DataChange = false }));
        }
    }

    /// <summary>In-commit timestamps that are switched on later say since when they hold.</summary>
    private Metadata WithEnablement(Snapshot snapshot, Metadata metadata)
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
}
