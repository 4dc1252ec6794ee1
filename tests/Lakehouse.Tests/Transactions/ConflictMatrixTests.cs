using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.Tests.Transactions;

/// <summary>
/// Every pair of a loser and a winner, under every isolation level, against the published rules (Delta's concurrency page and Spark's
/// ConflictChecker). Each cell runs through real transactions on a table of two partitions: the winner commits first, then the loser tries.
/// </summary>
public sealed class ConflictMatrixTests
{
    private readonly DataPlatform.Kernel.Storage.InMemoryObjectStore _store = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    /// <summary>
    /// Rows: what the loser does. Columns: what the winner did. A cell: ok for all levels, X for none, S where only Serializable fails (a
    /// blind append may slip in between under WriteSerializable), W where Serializable and WriteSerializable fail.
    /// Winners: append-1 and append-2 add blind to a partition; delete-1 marks rows, remove-1 drops the files of partition 1; update-1
    /// rewrites its files; compact-1 and compact-2 merge; overwrite replaces all; insert-select adds after reading all; meta, mark,
    /// protocol, txn-a, domain-a as named.
    /// </summary>
    private const string Matrix = """
        loser          append-1 append-2 delete-1 remove-1 update-1 compact-1 compact-2 overwrite insert-select meta mark protocol txn-a domain-a
        append-1       ok       ok       ok       ok       ok       ok        ok        ok        ok            X    ok   ok       ok    ok
        delete-1       ok       ok       X        X        X        X         ok        X         ok            X    ok   ok       ok    ok
        update-1       S        ok       X        X        X        X         ok        X         ok            X    ok   ok       ok    ok
        overwrite      S        S        X        X        X        X         X         X         W             X    ok   ok       ok    ok
        replace-1      S        ok       X        X        X        X         ok        X         ok            X    ok   ok       ok    ok
        insert-select  S        S        X        X        X        X         X         X         W             X    ok   ok       ok    ok
        read-where-1   S        ok       X        X        X        ok        ok        X         ok            X    ok   ok       ok    ok
        compact-1      ok       ok       X        X        X        X         ok        X         ok            X    ok   ok       ok    ok
        meta           ok       ok       ok       ok       ok       ok        ok        ok        ok            X    X    ok       ok    ok
        meta-all       W        W        X        X        X        X         X         X         W             X    X    ok       ok    ok
        protocol       ok       ok       ok       ok       ok       ok        ok        ok        ok            X    ok   X        ok    ok
        txn-a          ok       ok       ok       ok       ok       ok        ok        ok        ok            X    ok   ok       X     ok
        txn-b          ok       ok       ok       ok       ok       ok        ok        ok        ok            X    ok   ok       ok    ok
        domain-a       ok       ok       ok       ok       ok       ok        ok        ok        ok            X    ok   ok       ok    X
        domain-b       ok       ok       ok       ok       ok       ok        ok        ok        ok            X    ok   ok       ok    ok
        """;

    public static TheoryData<string, string, string, bool> Cells()
    {
        TheoryData<string, string, string, bool> cells = [];
        var lines = Matrix.Split('\n').Select(
            l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToArray();
        foreach (var line in lines.Skip(1))
        {
            for (var i = 1; i < line.Length; i++)
            {
                foreach (var level in Enum.GetValues<IsolationLevel>())
                {
                    var conflicts = line[i] switch
                    {
                        "X" => true,
                        "S" => level == IsolationLevel.Serializable,
                        "W" => level is IsolationLevel.Serializable or IsolationLevel.WriteSerializable,
                        _ => false,
                    };
                    cells.Add(line[0], lines[0][i], level.ToString(), conflicts);
                }
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Loser_after_winner(string loser, string winner, string level, bool conflicts)
    {
        var table = await TableAsync();
        var mine = Prepare(table, loser);
        mine.Isolation = Enum.Parse<IsolationLevel>(level);
        await Prepare(table, winner).CommitAsync("WINNER", _cancel);
        if (conflicts)
        {
            var error = await Assert.ThrowsAsync<DeltaException>(() => mine.CommitAsync("LOSER", _cancel));
            Assert.Equal(ErrorKind.Conflict, error.Kind);
            Assert.Contains("Version 2 won the race", error.Message, StringComparison.Ordinal);
            Assert.Equal(2, (await table.RefreshAsync(_cancel)).Version);
        }
        else
        {
            Assert.Equal(3, await mine.CommitAsync("LOSER", _cancel));
        }

        await WrittenTable.JudgeAsync(_store, _cancel);
    }

    [Fact]
    public async Task Row_ids_of_a_loser_lie_above_those_of_the_winner()
    {
        var table = await TableAsync();
        var (first, second) = (Prepare(table, "append-1"), Prepare(table, "append-1"));
        await second.CommitAsync("WRITE", _cancel);
        await first.CommitAsync("WRITE", _cancel);
        var ids = (await table.RefreshAsync(_cancel)).Files.Select(f => f.BaseRowId!.Value).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, 6).Select(i => i * 10L), ids);
        Assert.Equal("{\"rowIdHighWaterMark\":59}", table.Snapshot.Domains["delta.rowTracking"].Configuration);
    }

    [Fact]
    public async Task Tries_end_at_the_limit_and_say_so()
    {
        await TableAsync();
        var table = await DeltaTable.OpenAsync(_store, new() { CommitAttemptsMax = 3 }, _cancel);
        var mine = Prepare(table, "append-1");
        var other = await DeltaTable.OpenAsync(_store, null, _cancel);
        await Prepare(other, "append-2").CommitAsync("WRITE", _cancel);
        Assert.Equal(3, await mine.CommitAsync("WRITE", _cancel));
        var late = (await DeltaTable.OpenAsync(_store, new() { CommitAttemptsMax = 1 }, _cancel)).BeginTransaction(
            await table.SnapshotAtAsync(1, _cancel));
        late.Add(FileOf(1, "late"));
        var error = await Assert.ThrowsAsync<DeltaException>(() => late.CommitAsync("WRITE", _cancel));
        Assert.Contains("lost 1 races", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Two files in each of two partitions; the data files are not read, so that none are written.</summary>
    private async Task<DeltaTable> TableAsync()
    {
        var schema = DeltaType.Struct(
            new StructField("part", DeltaType.Integer),
                new StructField("id", DeltaType.Long, true, new Dictionary<string, System.Text.Json.JsonElement>
                {
                    ["delta.identity.start"] = System.Text.Json.JsonSerializer.SerializeToElement(1L),
                    ["delta.identity.step"] = System.Text.Json.JsonSerializer.SerializeToElement(1L),
                    ["delta.identity.allowExplicitInsert"] = System.Text.Json.JsonSerializer.SerializeToElement(true),
                }));
        var table = await DeltaTable.CreateAsync(
            _store, schema, new()
            {
                PartitionColumns = ["part"],
                Properties = new Dictionary<string,
                    string>
                { ["delta.enableDeletionVectors"] = "true", ["delta.enableRowTracking"] = "true" },
            },
            _cancel);
        var first = table.BeginTransaction();
        first.Add([FileOf(1, "a"), FileOf(1, "b"), FileOf(2, "c"), FileOf(2, "d")]);
        await first.CommitAsync("WRITE", _cancel);
        return table;
    }

    private static DeltaTransaction Prepare(DeltaTable table, string what)
    {
        var transaction = table.BeginTransaction();
        var files = table.Snapshot.Files.OrderBy(f => f.Path, StringComparer.Ordinal).ToArray();
        AddFile[] In(int part) => [.. files.Where(f => f.PartitionValues["part"] == part.ToString(CultureInfo.InvariantCulture))];
        switch (what)
        {
            case "append-1": transaction.Add(FileOf(1, Fresh())); break;
            case "append-2": transaction.Add(FileOf(2, Fresh())); break;
            case "delete-1": Delete(transaction, In(1)[0]); break;
            case "remove-1": Remove(transaction, In(1), true); break;
            case "update-1":
                transaction.ReadRows(Predicate.Parse("part = 1"));
                Remove(transaction, In(1), true);
                transaction.Add(FileOf(1, Fresh()));
                break;
            case "replace-1":
                transaction.ReadRows(Predicate.Parse("part = 1"));
                Remove(transaction, In(1), true);
                break;
            case "overwrite":
                transaction.ReadWholeTable();
                Remove(transaction, files, true);
                transaction.Add(FileOf(2, Fresh()));
                break;
            case "insert-select":
                transaction.ReadWholeTable();
                transaction.Add(FileOf(2, Fresh()));
                break;
            case "read-where-1":
                transaction.ReadRows(Predicate.Parse("part = 1"));
                transaction.Add(FileOf(2, Fresh()));
                break;
            case "compact-1" or "compact-2":
                var part = what[^1] - '0';
                Remove(transaction, In(part), false);
                transaction.Add(FileOf(part, Fresh()) with { DataChange = false });
                break;
            case "meta":
                transaction.SetMetadata(
                table.Snapshot.Metadata with { Description = "changed", Configuration = With(table, "x", "y") }); break;
            case "meta-all":
                transaction.ReadWholeTable();
                transaction.SetMetadata(table.Snapshot.Metadata with { Configuration = With(table, "x", "z") });
                break;
            case "mark": transaction.SetMetadata(Marked(table.Snapshot.Metadata)); break;
            case "protocol":
                transaction.SetProtocol(ProtocolNeeds.Raise(table.Snapshot.Protocol, [TableFeatures.VacuumProtocolCheck]));
                break;
            case "txn-a" or "txn-b": transaction.SetTransaction(what, 1); break;
            default: transaction.SetDomain(what, "{}"); break;
        }

        return transaction;
    }

    private static void Delete(DeltaTransaction transaction, AddFile file)
    {
        transaction.Remove(file);
        transaction.Add(file with
        {
            DeletionVector = new DeletionVectorDescriptor("i", "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", 40, 6),
            DataChange = true,
            Stats = "{\"numRecords\":10,\"tightBounds\":false}",
        });
    }

    private static void Remove(DeltaTransaction transaction, AddFile[] files, bool dataChange)
    {
        foreach (var file in files)
        {
            transaction.Remove(file, dataChange);
        }
    }

    private static Dictionary<string, string> With(DeltaTable table, string key, string value)
        => new(table.Snapshot.Metadata.Configuration) { [key] = value };

    private static Metadata Marked(Metadata metadata)
    {
        var schema = StructType.FromJson(metadata.SchemaString!);
        return metadata with
        {
            SchemaString = new StructType([.. schema.Fields.Select(f => f.Name == "id"
                ? f.With("delta.identity.highWaterMark", System.Text.Json.JsonSerializer.SerializeToElement(7L)) : f)]).ToJson(),
        };
    }

    private static string Fresh() => Guid.NewGuid().ToString("N");

    private static AddFile FileOf(int part, string name) => new()
    {
        Path = $"part={part}/{name}.parquet",
        PartitionValues = new Dictionary<string, string?> { ["part"] = part.ToString(CultureInfo.InvariantCulture) },
        Size = 100,
        ModificationTime = 0,
        DataChange = true,
        Stats = "{\"numRecords\":10}",
    };
}
