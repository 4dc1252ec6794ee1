using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>
/// Gives the rows of added files their ids (protocol section "Row Tracking"). Done anew at each attempt, above the winners' mark.
/// </summary>
internal static class RowTracking
{
    public const string Domain = "delta.rowTracking";
    public const string PreservedTag = "delta.rowTracking.preserved";
    private const string RowIdColumnProperty = "delta.rowTracking.materializedRowIdColumnName";
    private const string CommitVersionColumnProperty = "delta.rowTracking.materializedRowCommitVersionColumnName";

    /// <summary>The columns that hold row ids and commit versions of rows that were moved; null where the table tracks no rows.</summary>
    public static (string RowId, string CommitVersion)? ColumnsOf(Metadata metadata)
        => TableProperties.RowTracking(metadata)
            && metadata.Configuration.TryGetValue(RowIdColumnProperty, out var id)
            && metadata.Configuration.TryGetValue(CommitVersionColumnProperty, out var version) ? (id, version) : null;

    /// <summary>
    /// Names the columns where row tracking is on and they have no names yet. Names are unique, so that no column of the user meets them.
    /// </summary>
    public static Metadata WithColumns(Metadata metadata)
    {
        if (!TableProperties.RowTracking(metadata))
        {
            return metadata;
        }

        Dictionary<string, string> configuration = new(metadata.Configuration, StringComparer.Ordinal);
        configuration.TryAdd(RowIdColumnProperty, $"_row-id-col-{Guid.NewGuid():D}");
        configuration.TryAdd(CommitVersionColumnProperty, $"_row-commit-version-col-{Guid.NewGuid():D}");
        return metadata with { Configuration = configuration };
    }

    /// <summary>The actions with row ids and the raised mark; unchanged on tables without the feature.</summary>
    public static IReadOnlyList<DeltaAction> Assign(SnapshotState before, IReadOnlyList<DeltaAction> actions)
    {
        var protocol = actions.OfType<Protocol>().LastOrDefault() ?? before.Protocol;
        if (!TableFeatures.Has(protocol, TableFeatures.RowTracking) || !actions.Any(a => a is AddFile { BaseRowId: null }))
        {
            return actions;
        }

        var mark = before.Domains.TryGetValue(Domain, out var domain) ? ReadMark(domain.Configuration) : -1;
        List<DeltaAction> assigned = [];
        foreach (var action in actions)
        {
            if (action is not AddFile { BaseRowId: null } add)
            {
                assigned.Add(action);
                continue;
            }

            var rows = add.NumRecords
                ?? throw DeltaException.Invalid($"The file '{add.Path}' has no row count in its statistics, which row tracking needs.");
            assigned.Add(add with { BaseRowId = mark + 1, DefaultRowCommitVersion = before.Version + 1 });
            mark += rows;
        }

        assigned.Add(new DomainMetadata(Domain, JsonSerializer.Serialize(new Dictionary<string, long> { ["rowIdHighWaterMark"] = mark })));
        return assigned;
    }

    private static long ReadMark(string configuration)
    {
        using var document = JsonDocument.Parse(configuration);
        return document.RootElement.TryGetProperty("rowIdHighWaterMark", out var mark) ? mark.GetInt64() : -1;
    }
}
