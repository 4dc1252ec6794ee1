using System.Globalization;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>Reads a golden table through the engine and lists what differs from its authors' figures and rows.</summary>
internal sealed class GoldenJudge(GoldenTable golden, CancellationToken cancel)
{
    private readonly List<string> _differences = [];
    private readonly LocalObjectStore _store = new(golden.Root, durable: false);

    public async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        if (golden.Outcome == "must-reject")
        {
            await RejectAsync();
            return _differences;
        }

        try
        {
            await ReadAsync();
        }
        catch (DataPlatformException e)
        {
            _differences.Add($"{e.Kind}: {e.Message}");
        }

        return _differences;
    }

    private async Task RejectAsync()
    {
        try
        {
            var table = await DeltaTable.OpenAsync(_store, null, cancel);
            await foreach (var batch in table.Scan().ReadAsync(cancel))
            {
                batch.Dispose();
            }

            _differences.Add($"was read, though {golden.Find("reason")}");
        }
        catch (DeltaException e)
        {
            if (e.Kind is not (ErrorKind.Invalid or ErrorKind.Corrupt) || e.Message.Length < 20)
            {
                _differences.Add($"was refused with {e.Kind}: {e.Message}");
            }
        }
    }

    private async Task ReadAsync()
    {
        var table = await DeltaTable.OpenAsync(_store, null, cancel);
        _differences.AddRange(LogJudge.Differences(golden, table.Snapshot));
        await TimesAsync(table);
        if (golden.Outcome != "read")
        {
            return;
        }

        await using var lake = LakeQuery.Open(new LakeQueryOptions { Threads = 1 });
        await lake.RegisterAsync("t", table.Snapshot, cancel);
        var rows = new RowJudge(golden, lake, cancel);
        _differences.AddRange(await rows.DifferencesAsync("t", table.Snapshot, "duckdb"));

        using var scanned = new ScanFile();
        await scanned.WriteAsync(table.Scan().ReadAsync(cancel));
        await scanned.RegisterAsync(lake, "s", table.Snapshot, cancel);
        _differences.AddRange(await rows.DifferencesAsync("s", table.Snapshot, "scan"));

        await TravelAsync(table, lake);
        if (golden.Find("changeDataFeed") is { } changes)
        {
            _differences.AddRange(await new ChangeJudge(golden, lake, cancel).DifferencesAsync(table, changes));
        }
    }

    /// <summary>Each version that can be rebuilt has the files and rows stated.</summary>
    private async Task TravelAsync(DeltaTable table, LakeQuery lake)
    {
        if (golden.Find("timeTravel") is not { } versions)
        {
            return;
        }

        foreach (var expected in versions.EnumerateArray())
        {
            var version = expected.GetProperty("version").GetInt64();
            var snapshot = await table.SnapshotAtAsync(version, cancel);
            Compare($"files at version {version}", expected.GetProperty("activeFiles").GetInt64(), snapshot.Files.Count);
            if (expected.TryGetProperty("rows", out var rows) && rows.ValueKind == JsonValueKind.Number)
            {
                await lake.RegisterAsync("past", snapshot, cancel);
                Compare($"rows at version {version}", rows.GetInt64(), await lake.ScalarAsync<long>("select count(*) from past", cancel));
            }
        }
    }

    private async Task TimesAsync(DeltaTable table)
    {
        if (golden.Find("inCommitTimestamps") is not { } times)
        {
            return;
        }

        foreach (var time in times.EnumerateObject())
        {
            var snapshot = await table.SnapshotAtAsync(long.Parse(time.Name, CultureInfo.InvariantCulture), cancel);
            Compare($"time of version {time.Name}", time.Value.GetInt64(), snapshot.Timestamp.ToUnixTimeMilliseconds());
        }
    }

    private void Compare<T>(string what, T expected, T found)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            _differences.Add($"{what}: {expected} expected, {found} found");
        }
    }
}
