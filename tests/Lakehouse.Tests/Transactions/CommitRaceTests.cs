using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Transactions;

public sealed class CommitRaceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Appends_of_many_writers_all_land_in_versions_of_their_own()
    {
        await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        const int Writers = 4, Commits = 25;
        var versions = await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(
            async () =>
            {
                var table = await DeltaTable.OpenAsync(_folder.Store, null, _cancel);
                List<long> mine = [];
                for (var i = 0; i < Commits; i++)
                {
                    mine.Add(await table.AppendAsync([Order.Mapping.ToBatch([Order.Of((w * Commits) + i)])], _cancel));
                }

                return mine;
            },
            _cancel)));

        Assert.Equal(Enumerable.Range(1, Writers * Commits).Select(i => (long)i), versions.SelectMany(v => v).Order());
        var snapshot = await (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).RefreshAsync(_cancel);
        Assert.Equal(Writers * Commits, snapshot.RowCount);
        await using var lake = LakeQuery.Open();
        lake.Register("orders", snapshot);
        Assert.Equal(Writers * Commits, await lake.ScalarAsync<long>("select count(distinct id) from orders", _cancel));
        Assert.Equal(
            MinimalReplay.ActiveFiles(_folder.Path),
                snapshot.Files.Select(f => Path.Combine(_folder.Path, f.Path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_overwrites_from_one_version_conflict_and_the_loser_changes_nothing()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(3))], _cancel);
        var first = table.BeginTransaction();
        var second = table.BeginTransaction();
        foreach (var transaction in new[] { first, second })
        {
            transaction.ReadWholeTable();
            transaction.Remove(transaction.Snapshot.Files[0]);
        }

        Assert.Equal(2, await first.CommitAsync("DELETE", _cancel));
        var error = await Assert.ThrowsAsync<DeltaException>(() => second.CommitAsync("DELETE", _cancel));

        Assert.Equal(ErrorKind.Conflict, error.Kind);
        Assert.Equal(2, (await table.RefreshAsync(_cancel)).Version);
    }

    [Fact]
    public async Task A_transaction_marker_of_the_same_application_makes_the_loser_fail()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        var first = table.BeginTransaction();
        var second = table.BeginTransaction();
        first.SetTransaction("job/sink", 7);
        second.SetTransaction("job/sink", 7);
        await first.CommitAsync("STREAMING UPDATE", _cancel);

        var error = await Assert.ThrowsAsync<DeltaException>(() => second.CommitAsync("STREAMING UPDATE", _cancel));

        Assert.Equal(ErrorKind.Conflict, error.Kind);
        Assert.Equal(7, (await table.RefreshAsync(_cancel)).TransactionVersion("job/sink"));
    }
}
