using System.Globalization;
using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>Rules for version checksum files (protocol section "Version Checksum File"), against the independent replay.</summary>
internal static class ChecksumRules
{
    public static void Check(LogFiles log, TableState state, Violations violations)
    {
        var name = state.Version.ToString("D20", CultureInfo.InvariantCulture) + ".crc";
        if (!log.Content.TryGetValue(name, out var content))
        {
            return;
        }

        violations.At(name);
        using var document = JsonDocument.Parse(content);
        var crc = document.RootElement;
        void Same(string field, long expected)
            => violations.Unless(crc.TryGetProperty(field, out var value)
                && value.GetInt64() == expected,
                $"{field} is {(crc.TryGetProperty(field, out var v) ? v : "missing")}, the log gives {expected}");
        Same("tableSizeBytes", state.Files.Values.Sum(f => f.Add.GetProperty("size").GetInt64()));
        Same("numFiles", state.Files.Count);
        Same("numMetadata", 1);
        Same("numProtocol", 1);
        violations.Unless(JsonElement.DeepEquals(crc.GetProperty("protocol"), state.Protocol!.Value), "the protocol differs from the log");
        violations.Unless(JsonElement.DeepEquals(crc.GetProperty("metadata"), state.Metadata!.Value), "the metadata differs from the log");
        violations.Unless(
            state.InCommitTimestamp is null || !state.Is("delta.enableInCommitTimestamps")
                || crc.GetProperty("inCommitTimestampOpt").GetInt64() == state.InCommitTimestamp,
            "inCommitTimestampOpt differs from the log");
        if (crc.TryGetProperty("setTransactions", out var transactions))
        {
            violations.Unless(
                transactions.EnumerateArray().Select(t => (t.GetProperty("appId").GetString()!, t.GetProperty("version").GetInt64())).Order(
                    )
                    .SequenceEqual(state.Transactions.Select(t => (t.Key, t.Value)).Order()),
                "setTransactions differ from the log");
        }

        if (crc.TryGetProperty("domainMetadata", out var domains))
        {
            violations.Unless(
                domains.EnumerateArray().Select(
                    d => (d.GetProperty("domain").GetString()!, d.GetProperty("configuration").GetString()!)).Order()
                    .SequenceEqual(state.Domains.Select(d => (d.Key, d.Value)).Order()),
                "the domains differ from the log");
        }

        if (crc.TryGetProperty("numDeletedRecordsOpt", out var deleted) && deleted.ValueKind == JsonValueKind.Number)
        {
            var expected = state.Files.Values.Sum(
                f => f.Add.TryGetProperty("deletionVector", out var dv) ? dv.GetProperty("cardinality").GetInt64() : 0);
            violations.Unless(deleted.GetInt64() == expected, $"numDeletedRecordsOpt is {deleted}, the log gives {expected}");
        }
    }
}
