using System.Globalization;
using DuckDB.NET.Data;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>
/// Rules for checkpoints (protocol section "Checkpoints"): read by DuckDB's own Parquet reader and compared with the independent replay of
/// the commits up to their version.
/// </summary>
internal sealed class CheckpointRules(LogFiles log, DuckDBConnection duck, string folder, Violations violations)
{
    /// <summary>Checks every checkpoint of the state's version.</summary>
    public void Check(TableState state)
    {
        var prefix = state.Version.ToString("D20", CultureInfo.InvariantCulture) + ".checkpoint.";
        var names = log.Content.Keys.Where(
            n => n.StartsWith(prefix, StringComparison.Ordinal) && n.EndsWith(".parquet", StringComparison.Ordinal)).ToArray();
        foreach (var part in names.GroupBy(n => n[prefix.Length..].Split('.') is [{ Length: 10 }, var count, _] ? count : n))
        {
            // A writer that died between two parts leaves a checkpoint that readers must pass over: it states nothing.
            if (int.TryParse(part.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var parts) && part.Count() < parts)
            {
                continue;
            }

            violations.At(part.First());
            Check(state, [.. part]);
        }
    }

    private void Check(TableState state, string[] parts)
    {
        var top = string.Join(", ", parts.Select(Materialise));
        var columns = Columns(top);
        var all = top;
        if (columns.Contains("sidecar"))
        {
            var sidecars = Rows($"SELECT sidecar.path, sidecar.sizeInBytes FROM read_parquet([{top}]) WHERE sidecar IS NOT NULL");
            foreach (var sidecar in sidecars)
            {
                var name = "_sidecars/" + sidecar[0];
                violations.Unless(
                    log.Content.TryGetValue(name, out var bytes) && bytes.Length.ToString(CultureInfo.InvariantCulture) == sidecar[1],
                    $"the sidecar '{name}' is missing or has another size");
                all += log.Content.ContainsKey(name) ? ", " + Materialise(name) : string.Empty;
            }

            violations.Unless(Count(top, "checkpointMetadata IS NOT NULL") == 1, "a V2 checkpoint needs one checkpointMetadata");
            violations.Unless(
                sidecars.Count == 0 || Count(top, "\"add\" IS NOT NULL OR remove IS NOT NULL") == 0,
                    "file actions are beside sidecars and in them");
        }

        violations.Unless(!columns.Contains("commitInfo") && !columns.Contains("cdc"), "a checkpoint holds commitInfo or cdc");
        violations.Unless(Count(top, "metaData IS NOT NULL") == 1
            && Count(top, "protocol IS NOT NULL") == 1, "a checkpoint needs one metaData and one protocol");
        CheckFiles(state, all);
        CheckRest(state, top);
        CheckStatistics(state, all);
    }

    private void CheckFiles(TableState state, string all)
    {
        var adds = Rows(
            $"""
            SELECT "add".path, "add".deletionVector.storageType, "add".deletionVector.pathOrInlineDv, "add".deletionVector.offset, "add".size
            FROM read_parquet([{all}], union_by_name = true) WHERE "add" IS NOT NULL
            """);
        var keys = adds.Select(a
            => (Path: Uri.UnescapeDataString(a[0]!), Vector: a[1] is null ? null : a[1] + a[2]
            + (a[3] is null ? string.Empty : "@" + a[3])))
            .ToHashSet();
        violations.Unless(keys.Count == adds.Count, "a file is in the checkpoint twice");
        violations.Unless(
            keys.SetEquals(state.Files.Keys), $"the checkpoint holds {keys.Count} files, the log gives {state.Files.Count}: "
                + string.Join(", ", keys.Except(state.Files.Keys).Concat(state.Files.Keys.Except(keys)).Take(3)));
        violations.Unless(
            adds.Sum(a => long.Parse(a[4]!, CultureInfo.InvariantCulture)) == state.Files.Values.Sum(
                f => f.Add.GetProperty("size").GetInt64()),
            "the files' sizes differ from the log");
    }

    private void CheckRest(TableState state, string top)
    {
        var transactions = Rows(
            $"SELECT txn.appId, txn.version FROM read_parquet([{top}], union_by_name = true) WHERE txn IS NOT NULL ORDER BY 1");
        violations.Unless(
            transactions.Select(t => (t[0]!, long.Parse(t[1]!, CultureInfo.InvariantCulture))).Order().SequenceEqual(
                state.Transactions.Select(t => (t.Key, t.Value)).Order()),
            "the applications' versions differ from the log");
        var domains = Rows($"SELECT domainMetadata.domain, domainMetadata.configuration FROM read_parquet([{top}], union_by_name = true) WHERE domainMetadata IS NOT NULL");
        violations.Unless(
            domains.Select(d => (d[0]!, d[1]!)).Order().SequenceEqual(state.Domains.Select(d => (d.Key, d.Value)).Order()),
                "the domains differ from the log");
        var schema = Rows($"SELECT metaData.schemaString FROM read_parquet([{top}], union_by_name = true) WHERE metaData IS NOT NULL");
        violations.Unless(schema.Count == 1
            && schema[0][0] == state.Metadata!.Value.GetProperty("schemaString").GetString(), "the schema differs from the log");
    }

    private void CheckStatistics(TableState state, string all)
    {
        var fields = Rows($"SELECT unnest(json_keys(to_json(\"add\"))) FROM (SELECT \"add\" FROM read_parquet([{all}], union_by_name = true) WHERE \"add\" IS NOT NULL LIMIT 1)")
            .Select(r => r[0]).ToHashSet();
        if (state.Files.Count == 0)
        {
            return;
        }

        var asJson = state.Property("delta.checkpoint.writeStatsAsJson") is not { } json
            || !json.Equals("false", StringComparison.OrdinalIgnoreCase);
        var asStruct = state.Is("delta.checkpoint.writeStatsAsStruct");
        violations.Unless(!asStruct || fields.Contains("stats_parsed"), "writeStatsAsStruct is on, and there is no stats_parsed");
        var partitioned = state.Metadata!.Value.GetProperty("partitionColumns").GetArrayLength() > 0;
        violations.Unless(!asStruct || !partitioned
            || fields.Contains("partitionValues_parsed"), "writeStatsAsStruct is on, and there is no partitionValues_parsed");
        var stats = fields.Contains("stats")
            ? Rows($"SELECT \"add\".path, \"add\".stats FROM read_parquet([{all}], union_by_name = true) WHERE \"add\".stats IS NOT NULL").ToDictionary(r => r[0]!, r => r[1]) : [];
        violations.Unless(asJson || stats.Count == 0, "writeStatsAsJson is off, and there are stats");
        foreach (var file in state.Files.Values.Where(_ => asJson))
        {
            var stated = file.Add.TryGetProperty("stats", out var text) ? text.GetString() : null;
            violations.Unless(stats.GetValueOrDefault(file.Add.GetProperty("path").GetString()!) == stated,
                $"the stats of '{file.Path}' differ from the log");
        }

        if (asStruct && fields.Contains("stats_parsed"))
        {
            var rows = Rows($"SELECT \"add\".path, \"add\".stats_parsed.numRecords FROM read_parquet([{all}], union_by_name = true) WHERE \"add\" IS NOT NULL");
            foreach (var row in rows)
            {
                var file = state.Files.Values.Single(f => f.Add.GetProperty("path").GetString() == row[0]);
                var stated = file.Add.TryGetProperty("stats", out var text)
                    ? System.Text.Json.JsonDocument.Parse(text.GetString()!).RootElement.GetProperty("numRecords").GetRawText() : null;
                violations.Unless(row[1] == stated, $"stats_parsed.numRecords of '{file.Path}' is {row[1]}, the log says {stated}");
            }
        }
    }

    private HashSet<string> Columns(string list)
        => [.. Rows($"SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet([{list}], union_by_name = true))").Select(r => r[0]!)];

    private long Count(string list, string where)
        => long.Parse(Rows($"SELECT count(*) FROM read_parquet([{list}], union_by_name = true) WHERE {where}")[0][0]!,
            CultureInfo.InvariantCulture);

    private List<string?[]> Rows(string sql) => DuckRows.Of(duck, sql);

    private string Materialise(string name)
    {
        var path = Path.Combine(folder, name.Replace('/', '_'));
        File.WriteAllBytes(path, log.Content[name]);
        return $"'{path}'";
    }
}
