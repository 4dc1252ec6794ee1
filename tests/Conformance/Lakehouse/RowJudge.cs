using System.Text.Json;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>Compares rows and column figures of a relation with those stated.</summary>
internal sealed class RowJudge(GoldenTable golden, LakeQuery lake, CancellationToken cancel)
{
    public async Task<IReadOnlyList<string>> DifferencesAsync(string relation, Snapshot snapshot, string path)
    {
        List<string> differences = [];
        var expectedRows = golden.Number("rows")!.Value;
        var rows = await lake.ScalarAsync<long>($"select count(*) from {relation}", cancel);
        Compare(differences, $"{path} rows", $"{expectedRows}", $"{rows}");
        if (snapshot.RowCount is { } counted)
        {
            Compare(differences, "rows by statistics", $"{expectedRows}", $"{counted}");
        }

        await FiguresAsync(differences, relation, path);
        var columns = golden.Expected.GetProperty("columns").EnumerateObject().Select(c => c.Name).ToArray();
        if (columns.Length == 0)
        {
            return differences;
        }

        var found = await RowTexts.ReadAsync(lake, relation, columns, cancel);
        if (golden.FileOrNull("rows.jsonl") is { } jsonl)
        {
            Multiset(differences, $"{path} rows.jsonl", RowTexts.Parse(File.ReadLines(jsonl), columns), found);
        }
        else if (golden.Find("sampleRows") is { } samples && expectedRows == samples.GetArrayLength())
        {
            Multiset(differences, $"{path} sample rows", RowTexts.Parse(samples.EnumerateArray().Select(r => r.GetRawText()), columns), found);
        }

        if (Directory.Exists(Path.Combine(golden.Folder, "expected")) && rows > 0)
        {
            await ParquetAsync(differences, relation, path, columns, snapshot);
        }

        return differences;
    }

    private async Task FiguresAsync(List<string> differences, string relation, string path)
    {
        foreach (var column in golden.Expected.GetProperty("columns").EnumerateObject())
        {
            var name = RowTexts.Quote(column.Name);
            var isBinary = column.Value.GetProperty("type").GetString() == "BLOB";
            foreach (var figure in column.Value.EnumerateObject())
            {
                string Text(string value) => isBinary ? $"lower(hex({value}))" : $"cast({value} as varchar)";
                var sql = figure.Name switch
                {
                    "type" => $"select column_type from (describe {relation}) where column_name = '{column.Name.Replace("'", "''", StringComparison.Ordinal)}'",
                    "nulls" => $"select cast(count(*) - count({name}) as varchar) from {relation}",
                    "distinct" => $"select cast(count(distinct {name}) as varchar) from {relation}",
                    "min" => $"select {Text($"min({name})")} from {relation}",
                    "max" => $"select {Text($"max({name})")} from {relation}",
                    "sum" => $"select cast(sum({name}) as varchar) from {relation}",
                    _ => throw new InvalidDataException($"The figure '{figure.Name}' is not known."),
                };
                var expected = figure.Value.ValueKind == JsonValueKind.Null ? null : figure.Value.ToString();
                Compare(differences, $"{path} {figure.Name} of {column.Name}", expected, await lake.ScalarAsync<string>(sql, cancel));
            }
        }
    }

    /// <summary>
    /// Upstream's own rows. Timestamps in partition values without a zone are in their writer's zone, which nobody knows, so that such a column
    /// cannot be compared with a file written elsewhere; the stated sample rows take them as UTC and are compared above.
    /// </summary>
    private async Task ParquetAsync(List<string> differences, string relation, string path, string[] columns, Snapshot snapshot)
    {
        var zoneless = snapshot.PartitionColumns.Where(c => snapshot.Schema[c].Type == DataPlatform.Lakehouse.Schemas.DeltaType.Timestamp).ToHashSet();
        var comparable = columns.Where(c => !zoneless.Contains(c)).ToArray();
        // Some authors keep the rows of each version in folders, those of the last one in "latest".
        var folder = Path.Combine(golden.Folder, "expected", "latest") is var latest && Directory.Exists(latest) ? latest : Path.Combine(golden.Folder, "expected");
        var parquet = $"read_parquet('{folder}/**/*.parquet', union_by_name = true, hive_partitioning = false)";
        var present = (await RowTexts.ColumnsAsync(lake, parquet, cancel)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        comparable = [.. comparable.Where(present.Contains)];
        if (comparable.Length == 0)
        {
            differences.Add($"{path}: the expected rows share no column with the table ({string.Join(", ", present)})");
            return;
        }

        var types = await RowTexts.TypesAsync(lake, relation, comparable, cancel);
        var casts = comparable.Select((c, i) => $"cast({RowTexts.Quote(c)} as {types[i]}) as {RowTexts.Quote(c)}");
        Multiset(
            differences, $"{path} expected parquet",
            await RowTexts.ReadAsync(lake, $"(select {string.Join(", ", casts)} from {parquet})", comparable, cancel),
            await RowTexts.ReadAsync(lake, relation, comparable, cancel));
    }

    internal static void Multiset(List<string> differences, string what, IReadOnlyList<string> expected, IReadOnlyList<string> found)
    {
        var left = expected.Order(StringComparer.Ordinal).ToArray();
        var right = found.Order(StringComparer.Ordinal).ToArray();
        if (!left.SequenceEqual(right))
        {
            var missing = left.Except(right).FirstOrDefault();
            var extra = right.Except(left).FirstOrDefault();
            differences.Add($"{what}: {left.Length} rows expected, {right.Length} found; first missing {missing}; first extra {extra}");
        }
    }

    private static void Compare(List<string> differences, string what, string? expected, string? found)
    {
        if (expected != found)
        {
            differences.Add($"{what}: {expected ?? "null"} expected, {found ?? "null"} found");
        }
    }
}
