using System.Text.Json;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>Compares what the log alone tells: version, protocol, schema, files, markers.</summary>
internal static class LogJudge
{
    public static IEnumerable<string> Differences(GoldenTable golden, Snapshot snapshot)
    {
        foreach (var (what, expected, found) in Facts(golden, snapshot))
        {
            if (expected != found)
            {
                yield return $"{what}: {expected} expected, {found} found";
            }
        }

        if (golden.Find("schema") is { } schema && !SameSchema(schema, snapshot))
        {
            yield return $"schema: {schema} expected, {snapshot.Metadata.SchemaString} found";
        }
    }

    private static IEnumerable<(string What, string Expected, string Found)> Facts(GoldenTable golden, Snapshot snapshot)
    {
        var expected = golden.Expected;
        yield return ("version", $"{golden.Number("version")}", $"{snapshot.Version}");
        yield return ("active files", $"{golden.Number("activeFiles")}", $"{snapshot.Files.Count}");
        yield return ("active bytes", $"{golden.Number("activeBytes")}", $"{snapshot.SizeBytes}");
        yield return ("files with deletion vectors", $"{golden.Number("filesWithDv")}", $"{snapshot.Files.Count(f => f.DeletionVector is not null)}");
        yield return ("partition columns", Texts(expected.GetProperty("partitionColumns")), string.Join(",", snapshot.PartitionColumns));
        yield return ("configuration", Pairs(expected.GetProperty("configuration")), Pairs(snapshot.Metadata.Configuration));
        var protocol = expected.GetProperty("protocol");
        yield return ("protocol", $"{protocol.GetProperty("minReaderVersion")}/{protocol.GetProperty("minWriterVersion")}",
            $"{snapshot.Protocol.MinReaderVersion}/{snapshot.Protocol.MinWriterVersion}");
        yield return ("reader features", Features(protocol, "readerFeatures"), Sorted(snapshot.Protocol.ReaderFeatures));
        yield return ("writer features", Features(protocol, "writerFeatures"), Sorted(snapshot.Protocol.WriterFeatures));
        if (golden.Find("txn") is { } txn)
        {
            yield return ("txn", Pairs(txn), Pairs(snapshot.Transactions.ToDictionary(t => t.Key, t => $"{t.Value.Version}")));
        }

        if (golden.Find("domainMetadata") is { } domains)
        {
            yield return ("domains", Pairs(domains), Pairs(snapshot.Domains.ToDictionary(d => d.Key, d => d.Value.Configuration)));
        }

        if (golden.Find("baseRowIdAndDefaultRowCommitVersionOfAdds") is { } ids)
        {
            yield return ("row ids", string.Join(";", ids.EnumerateArray().Select(Texts).Order(StringComparer.Ordinal)),
                string.Join(";", snapshot.Files.Select(f => $"{f.BaseRowId},{f.DefaultRowCommitVersion}").Order(StringComparer.Ordinal)));
        }
    }

    private static bool SameSchema(JsonElement schema, Snapshot snapshot)
    {
        if (string.IsNullOrEmpty(snapshot.Metadata.SchemaString))
        {
            return false;
        }

        using var found = JsonDocument.Parse(snapshot.Metadata.SchemaString);

        // The text of the log, and the engine's own writing of what it understood of it.
        return JsonElement.DeepEquals(schema, found.RootElement)
            && DataPlatform.Lakehouse.Schemas.StructType.FromJson(snapshot.Metadata.SchemaString)
                .Equals(DataPlatform.Lakehouse.Schemas.StructType.FromJson(
                    DataPlatform.Lakehouse.Schemas.StructType.FromJson(schema.GetRawText()).ToJson()));
    }

    private static string Features(JsonElement protocol, string name)
        => protocol.TryGetProperty(name, out var features) && features.ValueKind == JsonValueKind.Array
            ? Sorted([.. features.EnumerateArray().Select(f => f.GetString()!)]) : string.Empty;

    private static string Sorted(IReadOnlyList<string>? texts) => string.Join(",", (texts ?? []).Order(StringComparer.Ordinal));

    private static string Texts(JsonElement list) => string.Join(",", list.EnumerateArray().Select(e => e.ToString()));

    private static string Pairs(JsonElement element) => Pairs(element.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString()));

    private static string Pairs(IEnumerable<KeyValuePair<string, string>> pairs)
        => string.Join(";", pairs.Select(p => $"{p.Key}={p.Value}").Order(StringComparer.Ordinal));
}
