using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Transactions;

/// <summary>
/// A seeded history of commits, checkpoints, compactions, clean-ups and replacements. Before each of its operations the disk is copied, and
/// the operation is killed between any two of its steps in the store, before and after the step took effect. Readers must then see the
/// version before or the one after, each with exactly its rows, and the next writer must go on from there.
/// </summary>
public sealed class CrashMatrixTests
{
    private const int JudgedEvery = 40;

    /// <summary>Steps from one kill to the next: all of them in a soak, some of each operation (seeded) in the suite.</summary>
    private static readonly int Stride = Environment.GetEnvironmentVariable("DP_SOAK") is null ? 7 : 1;

    private static readonly string[] Operations =
    [
        "append", "append", "append", "delete", "replaceWhere", "overwritePartitions", "compact", "cleanUp", "checkpoint", "property",
            "append", "replaceTable",
        "append", "compact", "logCompaction", "overwrite",
    ];

    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public static TheoryData<int, string> Histories()
    {
        TheoryData<int, string> histories = [];
        var seeds = Environment.GetEnvironmentVariable("DP_SOAK") is null ? 1 : 8;
        for (var seed = 1; seed <= seeds; seed++)
        {
            foreach (var policy in new[] { "classic", "v2", "parts" })
            {
                histories.Add(seed, policy);
            }
        }

        return histories;
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_kill_between_any_two_steps_leaves_the_old_or_the_new_version(int seed, string policy)
    {
        var random = new Random(seed);
        var disk = new InMemoryObjectStore();
        var options = new DeltaTableOptions
        {
            CheckpointInterval = 2,
            CheckpointPartFiles = policy == "parts" ? 3
            : 1_000,
            PartitionColumns = ["part"]
        };
        Dictionary<string, string> properties = new(
            )
        { ["delta.enableDeletionVectors"] = "true", ["delta.checkpointPolicy"] = policy == "v2" ? "v2" : "classic" };
        await DeltaTable.CreateAsync(disk, Row.Mapping.Schema, options with { Properties = properties }, _cancel);
        var kills = 0;
        foreach (var operation in Operations.OrderBy(_ => random.Next()).Prepend("append"))
        {
            var argument = random.Next(1_000);
            var before = await RowsAsync(disk);
            var whole = await CopyAsync(disk);
            await RunAsync(whole, operation, argument, options, properties);
            var after = await RowsAsync(whole);
            var survived = false;
            for (var step = random.Next(1, Stride + 1); !survived; step += Stride)
            {
                foreach (var afterEffect in new[] { false, true })
                {
                    survived = await KillAsync(disk, operation, argument, options, properties, step, afterEffect, before, after,
                        judge: ++kills % JudgedEvery == 0);
                }
            }

            disk = whole;
        }

        await WrittenTable.JudgeAsync(disk, _cancel);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {policy}: {kills} kills");
        Assert.True(kills > 60, $"{kills} kills");
    }

    [Fact]
    public async Task An_import_or_a_creation_killed_between_any_two_steps_leaves_no_table_or_the_whole_one()
    {
        var source = new InMemoryObjectStore();
        var table = await DeltaTable.CreateAsync(source, Row.Mapping.Schema, new() { PartitionColumns = ["part"] }, _cancel);
        await table.AppendAsync([Row.Mapping.ToBatch([.. Enumerable.Range(0, 12).Select(i => new Row(i, i % 3, 0))])], _cancel);
        foreach (var log in source.ListAsync("_delta_log/", null, _cancel).ToBlockingEnumerable(_cancel).ToArray())
        {
            await source.DeleteAsync(log.Path, _cancel);
        }

        foreach (var import in new[] { true, false })
        {
            var survived = false;
            for (var step = 1; !survived; step++)
            {
                foreach (var afterEffect in new[] { false, true })
                {
                    var disk = await CopyAsync(source);
                    var dying = new FaultingStore(disk, step, afterEffect);
                    await DyingAsync(dying, () => import
                        ? DeltaTable.ImportAsync(dying, DeltaType.Struct(new StructField("part", DeltaType.Integer)), null, _cancel)
                        : DeltaTable.CreateOrReplaceAsync(
                            dying, Row.Mapping.Schema, new() { PartitionColumns = ["part"] },
                            new[] { Row.Mapping.ToBatch([.. Enumerable.Range(0, 12).Select(i => new Row(i, i % 3, 0))]) }.ToAsyncEnumerable(
                                ), _cancel));
                    if (await DeltaTable.ExistsAsync(disk, _cancel))
                    {
                        Assert.Equal((0, string.Join(' ', Enumerable.Range(0, 12))), await RowsAsync(disk));
                    }
                    else
                    {
                        Assert.True(dying.IsDead);
                    }

                    survived = !dying.IsDead;
                }
            }
        }
    }

    private async Task<bool> KillAsync(
        InMemoryObjectStore disk, string operation, int argument, DeltaTableOptions options, Dictionary<string, string> properties,
            int step, bool afterEffect,
        (long Version, string Ids) before, (long Version, string Ids) after, bool judge)
    {
        var copy = await CopyAsync(disk);
        var dying = new FaultingStore(copy, step, afterEffect);
        await DyingAsync(dying, () => RunAsync(dying, operation, argument, options, properties));
        var seen = await RowsAsync(copy);
        Assert.True(seen == before || seen == after, $"{operation} killed at step {step}: {before} or {after} was expected, {seen} seen");
        Assert.True(dying.IsDead || seen == after);
        var next = await DeltaTable.OpenAsync(copy, options, _cancel);
        Assert.Equal(seen.Version + 1, await next.AppendAsync([Row.Mapping.ToBatch([new Row(9_999, 1, 1)])], _cancel));
        Assert.Equal(Joined(seen.Ids, "9999"), (await RowsAsync(copy)).Ids);
        if (judge)
        {
            await WrittenTable.JudgeAsync(copy, _cancel);
        }

        return !dying.IsDead;
    }

    private static string Joined(string ids, string more) => ids.Length == 0 ? more : $"{ids} {more}";

    private static async Task DyingAsync(FaultingStore store, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (StorageException e) when (e.Kind == ErrorKind.Unavailable)
        {
            Assert.True(store.IsDead);
        }
    }

    private async Task RunAsync(
        IObjectStore store, string operation, int argument, DeltaTableOptions options, Dictionary<string, string> properties)
    {
        var table = await DeltaTable.OpenAsync(store, options, _cancel);
        var part = argument % 3;
        var rows = Row.Mapping.ToBatch([.. Enumerable.Range(argument * 10, 4).Select(i => new Row(i, i % 3, argument))]);
        switch (operation)
        {
            case "append": await table.AppendAsync([rows], _cancel); break;
            case "overwrite": await table.OverwriteAsync([rows], _cancel); break;
            case "overwritePartitions": await table.WriteAsync([rows], new() { Mode = WriteMode.OverwritePartitions }, _cancel); break;
            case "replaceWhere":
                await table.WriteAsync(
                    System.Array.Empty<Apache.Arrow.RecordBatch>(),
                    new() { Mode = WriteMode.Overwrite, ReplaceWhere = Predicate.Parse($"part = {part} AND id % 2 = 0") }, _cancel);
                break;
            case "delete":
                var delete = table.BeginTransaction();
                await delete.MarkRowsDeletedAsync(table.Snapshot.Files.Take(2).Select(f => new RowPositions(f, [0])), _cancel);
                await delete.CommitAsync("DELETE", null, _cancel);
                break;
            case "compact": await table.CompactAsync(cancellationToken: _cancel); break;
            case "cleanUp": await table.CleanUpAsync(new() { Retention = TimeSpan.Zero }, _cancel); break;
            case "checkpoint": await table.CheckpointAsync(_cancel); break;
            case "logCompaction": await table.CompactLogAsync(0, Math.Max(1, table.Snapshot.Version), _cancel); break;
            case "property":
                await table.SetPropertiesAsync(
                    new Dictionary<string, string?> { ["note"] = argument.ToString(CultureInfo.InvariantCulture) }, _cancel);
                break;
            default:
                await DeltaTable.CreateOrReplaceAsync(
                    store, Row.Mapping.Schema, options with { Properties = properties }, new[] { rows }.ToAsyncEnumerable(), _cancel);
                break;
        }
    }

    /// <summary>What a reader sees: the version and every row.</summary>
    private async Task<(long Version, string Ids)> RowsAsync(IObjectStore disk)
    {
        var snapshot = (await DeltaTable.OpenAsync(disk, null, _cancel)).Snapshot;
        List<long> ids = [];
        await foreach (var batch in snapshot.Scan().Select("id").ReadAsync(_cancel))
        {
            ids.AddRange(((Apache.Arrow.Int64Array)batch.Column(0)).Values);
        }

        return (snapshot.Version, string.Join(' ', ids.Order()));
    }

    private async Task<InMemoryObjectStore> CopyAsync(InMemoryObjectStore disk)
    {
        var copy = new InMemoryObjectStore();
        await foreach (var info in disk.ListAsync(string.Empty, null, _cancel))
        {
            await copy.PutAsync(info.Path, (await disk.TryGetAsync(info.Path, _cancel))!.Value, _cancel);
        }

        return copy;
    }

    private sealed record Row(long Id, int Part, long Value)
    {
        public static RowMapping<Row> Mapping { get; } = new RowMapping<Row>()
            .Column("id", DeltaType.Long, r => r.Id).Column("part", DeltaType.Integer, r => r.Part).Column(
                "value", DeltaType.Long, r => r.Value);
    }
}
