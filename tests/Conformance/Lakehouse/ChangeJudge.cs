using System.Text.Json;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>Compares the change data feed: rows by version and type, and the rows themselves where they are stated.</summary>
internal sealed class ChangeJudge(GoldenTable golden, LakeQuery lake, CancellationToken cancel)
{
    public async Task<IReadOnlyList<string>> DifferencesAsync(DeltaTable table, JsonElement changes)
    {
        List<string> differences = [];
        var expected = changes.EnumerateArray()
            .Select(c => $"{c.GetProperty("version")} {c.GetProperty("changeType")} {c.GetProperty("rows")}").ToArray();
        var first = changes.EnumerateArray().Min(c => c.GetProperty("version").GetInt64());
        using var file = new ScanFile();
        await file.WriteAsync(table.ReadChangesAsync(first, null, cancel));
        List<string> found = [];
        await using (var rows = await lake.QueryAsync(
            file.IsEmpty ? "select '' where false" : $"select concat_ws(' ', _commit_version, _change_type, count(*)) from {file.Sql} group by _commit_version, _change_type", cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                found.Add(rows.GetString(0));
            }
        }

        RowJudge.Multiset(differences, "changes by version", expected, found);
        if (golden.FileOrNull("change-rows.jsonl") is { } lines && !file.IsEmpty)
        {
            string[] columns = [.. golden.Expected.GetProperty("columns").EnumerateObject().Select(c => c.Name), "_change_type", "_commit_version"];
            RowJudge.Multiset(
                differences, "change rows", RowTexts.Parse(File.ReadLines(lines), columns), await RowTexts.ReadAsync(lake, file.Sql, columns, cancel));
        }

        await RefusesAsync(differences, table);
        return differences;
    }

    /// <summary>A range that is no range must be an error.</summary>
    private async Task RefusesAsync(List<string> differences, DeltaTable table)
    {
        foreach (var (from, to) in new[] { (table.Snapshot.Version, table.Snapshot.Version - 1), (table.Snapshot.Version + 1, (long?)null) })
        {
            try
            {
                await foreach (var batch in table.ReadChangesAsync(from, to, cancel))
                {
                    batch.Dispose();
                }

                differences.Add($"changes from {from} to {to} were read, though there is no such range");
            }
            catch (DeltaException)
            {
                // As it should be.
            }
        }
    }
}
