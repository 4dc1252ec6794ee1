using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.TestKit.DeltaTables;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>Compares what the engine reads of a table with the independent replay and plain DuckDB.</summary>
internal static class WrittenTable
{
    private const int RowsMax = 20_000;
    private const int FilesMax = 300;

    public static void Judge(string folder)
    {
        if (LogJudge.Judge(LogFiles.OfFolder(folder)) is { } state)
        {
            Task.Run(() => CompareAsync(folder, state)).GetAwaiter().GetResult();
        }
    }

    /// <summary>Judges the log of a table in a store, and compares the files that are live.</summary>
    public static async Task JudgeAsync(IObjectStore store, CancellationToken cancellationToken = default)
    {
        if (LogJudge.Judge(await LogFiles.OfStoreAsync(store, cancellationToken)) is { } state)
        {
            var snapshot = (await DeltaTable.OpenAsync(store, null, cancellationToken)).Snapshot;
            Assert.Equal(state.Version, snapshot.Version);
            Assert.Equal(state.Files.Keys.Order(), snapshot.Files.Select(f => (f.Key.Path, f.Key.DeletionVectorId)).Order());
        }
    }

    private static async Task CompareAsync(string folder, TableState state)
    {
        var store = new LocalObjectStore(folder, durable: false);
        await JudgeAsync(store);
        var snapshot = (await DeltaTable.OpenAsync(store)).Snapshot;
        if (state.Files.Count is 0 or > FilesMax || snapshot.RowCount is null or > RowsMax
            || PlainReader.Rows(folder, state) is not { } expected)
        {
            return;
        }

        await using var lake = LakeQuery.Open(new() { Threads = 1 });
        await lake.RegisterAsync("t", snapshot);
        List<string> rows = [];
        await using var reader = await lake.QueryAsync("SELECT r::VARCHAR FROM (SELECT * FROM t) r");
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        Assert.Equal(expected, rows.Order(StringComparer.Ordinal));
        long scanned = 0;
        await foreach (var batch in snapshot.Scan().ReadAsync())
        {
            scanned += batch.Length;
        }

        Assert.Equal(rows.Count, scanned);
    }
}
