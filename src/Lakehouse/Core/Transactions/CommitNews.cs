using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>Tells others of a commit: its version, and where data changed, what was read for it.</summary>
internal static class CommitNews
{
    private const int NamedInputsMax = 3;

    public static void Tell(DeltaTable table, CommitLineage? known, long version, IReadOnlyList<DeltaAction> actions)
    {
        if (table.Options.Dataset is not { } dataset)
        {
            return;
        }

        // Compaction moves rows and a change of properties has none: neither is news to who waits for data, nor says where data comes from.
        var changesData = ChangesData(actions);
        table.Options.Feed?.Publish(new DatasetVersion(dataset, version), changesData);
        if (!changesData)
        {
            return;
        }

        known ??= new CommitLineage();
        var output = new LineageDataset(dataset, version) { Fields = known.Fields };
        var run = LineageRun.Current;
        run?.Add(new LineageStep(known.Inputs, [output], known.Sql, known.Columns));
        if (table.Options.Feed is { } feed)
        {
            var job = known.Job ?? run?.Job ?? JobOf(dataset, known.Inputs);
            var runId = known.RunId ?? (known.Job is null ? run?.RunId : null) ?? string.Create(CultureInfo.InvariantCulture, $"{job}/{version}");
            var kind = known.Job is null && run is null ? LineageEventKind.Complete : LineageEventKind.Running;
            feed.Publish(new LineageEvent(
                job, runId, table.Options.Time.GetUtcNow(), kind, known.Inputs, [output], known.Sql, known.Columns));
        }
    }

    /// <summary>Whether a commit brought or took rows.</summary>
    public static bool ChangesData(IReadOnlyList<DeltaAction> actions) => actions.Any(action => action is FileAction { DataChange: true });

    /// <summary>A writer without a name is told apart by what it reads: two that fill one table must not replace each other.</summary>
    private static string JobOf(DatasetId dataset, IReadOnlyList<LineageDataset> inputs)
    {
        var names = inputs.Select(input => input.Dataset.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var from = string.Join('+', names.Take(NamedInputsMax));
        return names.Length == 0 ? $"delta/{dataset}"
            : names.Length <= NamedInputsMax ? $"delta/{dataset}/from/{from}"
            : string.Create(CultureInfo.InvariantCulture, $"delta/{dataset}/from/{from}+{names.Length - NamedInputsMax}");
    }
}
