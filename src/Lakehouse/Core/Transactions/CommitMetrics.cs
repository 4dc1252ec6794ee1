using System.Globalization;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>
/// The measures that a commit states about itself in its history entry, under the names that Spark's history has for the operation.
/// </summary>
internal static class CommitMetrics
{
    public static IReadOnlyDictionary<string, string>? Of(string operation, DeltaTransaction transaction, TimeSpan elapsed)
    {
        Dictionary<string, string> metrics = new(transaction.Metrics, StringComparer.Ordinal);
        var adds = transaction.Actions.OfType<AddFile>().ToArray();
        var removes = transaction.Actions.OfType<RemoveFile>().ToArray();
        switch (operation)
        {
            case "OPTIMIZE": Optimize(metrics, adds, removes); break;
            case "DELETE" or "UPDATE" or "MERGE": Delete(metrics, transaction, adds, removes, elapsed); break;
            case "CONVERT": metrics["numConvertedFiles"] = Text(adds.Length); break;
            default: Write(metrics, operation, adds, removes); break;
        }

        return metrics.Count == 0 ? null : metrics;
    }

    private static void Write(Dictionary<string, string> metrics, string operation, AddFile[] adds, RemoveFile[] removes)
    {
        if (adds.Length > 0)
        {
            metrics[operation == "STREAMING UPDATE" ? "numAddedFiles" : "numFiles"] = Text(adds.Length);
            metrics["numOutputBytes"] = Text(adds.Sum(a => a.Size));
            if (adds.All(a => a.NumRecords is not null))
            {
                metrics["numOutputRows"] = Text(adds.Sum(a => a.NumRecords!.Value));
            }
        }

        if (removes.Length > 0)
        {
            metrics["numRemovedFiles"] = Text(removes.Length);
            metrics["numRemovedBytes"] = Text(removes.Sum(r => r.Size ?? 0));
        }
    }

    private static void Optimize(Dictionary<string, string> metrics, AddFile[] adds, RemoveFile[] removes)
    {
        metrics["numRemovedFiles"] = Text(removes.Length);
        metrics["numRemovedBytes"] = Text(removes.Sum(r => r.Size ?? 0));
        metrics["numAddedFiles"] = Text(adds.Length);
        metrics["numAddedBytes"] = Text(adds.Sum(a => a.Size));
        metrics["numDeletionVectorsRemoved"] = Text(removes.Count(r => r.DeletionVector is not null));
        if (adds.Length > 0)
        {
            long[] sizes = [.. adds.Select(a => a.Size).Order()];
            metrics["minFileSize"] = Text(sizes[0]);
            metrics["p25FileSize"] = Text(sizes[sizes.Length / 4]);
            metrics["p50FileSize"] = Text(sizes[sizes.Length / 2]);
            metrics["p75FileSize"] = Text(sizes[sizes.Length * 3 / 4]);
            metrics["maxFileSize"] = Text(sizes[^1]);
        }
    }

    private static void Delete(
        Dictionary<string, string> metrics, DeltaTransaction transaction, AddFile[] adds, RemoveFile[] removes, TimeSpan elapsed)
    {
        var removed = removes.DistinctBy(r => r.Key.Path).ToDictionary(r => r.Key.Path, r => r.DeletionVector, StringComparer.Ordinal);
        var again = adds.Where(a => removed.ContainsKey(a.Key.Path)).ToArray();
        var updated = again.Count(a => removed[a.Key.Path] is not null);
        metrics["numAddedFiles"] = Text(adds.Length - again.Length);
        metrics["numAddedBytes"] = Text(adds.Except(again).Sum(a => a.Size));
        metrics["numRemovedFiles"] = Text(removes.Length - again.Length);
        metrics["numRemovedBytes"] = Text(removes.Sum(r => r.Size ?? 0) - again.Sum(a => a.Size));
        metrics["numDeletionVectorsAdded"] = Text(again.Count(a => a.DeletionVector is not null));
        metrics["numDeletionVectorsUpdated"] = Text(updated);
        metrics["numDeletionVectorsRemoved"] = Text(removed.Values.Count(v => v is not null));
        metrics["numAddedChangeFiles"] = Text(transaction.Actions.Count(a => a is AddCdcFile));
        metrics["executionTimeMs"] = Text((long)elapsed.TotalMilliseconds);
        if (transaction.DeletedRows is { } rows)
        {
            metrics["numDeletedRows"] = Text(rows);
            metrics["numCopiedRows"] = "0";
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
