using System.Globalization;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>The measures that a commit states about itself in its history entry.</summary>
internal static class CommitMetrics
{
    public static IReadOnlyDictionary<string, string>? Of(IReadOnlyList<DeltaAction> actions, Dictionary<string, string> given)
    {
        Dictionary<string, string> metrics = new(given, StringComparer.Ordinal);
        var adds = actions.OfType<AddFile>().ToArray();
        var removes = actions.OfType<RemoveFile>().ToArray();
        if (adds.Length > 0)
        {
            metrics["numFiles"] = Text(adds.Length);
            metrics["numOutputBytes"] = Text(adds.Sum(a => a.Size));
            if (adds.Sum(a => a.NumRecords) is { } rows && adds.All(a => a.NumRecords is not null))
            {
                metrics["numOutputRows"] = Text(rows);
            }
        }

        if (removes.Length > 0)
        {
            metrics["numRemovedFiles"] = Text(removes.Length);
            metrics["numRemovedBytes"] = Text(removes.Sum(r => r.Size ?? 0));
        }

        return metrics.Count == 0 ? null : metrics;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
