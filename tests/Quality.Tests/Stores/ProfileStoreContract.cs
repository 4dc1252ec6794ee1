using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store of profiles and of partition states must do.</summary>
public abstract class ProfileStoreContract
{
    private static readonly DateTimeOffset Start = new(2001, 1, 31, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>New, empty stores.</summary>
    protected abstract ValueTask<(IProfileStore Profiles, IPartitionStateStore States)> OpenAsync();

    [Fact]
    public async Task Profiles_come_back_as_they_were_newest_first()
    {
        var (store, _) = await OpenAsync();
        for (var day = 0; day < 3; day++)
        {
            await store.PutAsync(Profile(day), Token);
        }

        await store.PutAsync(Profile(0) with { Partition = "day=1" }, Token);
        await store.PutAsync(Profile(2) with { Version = 99 }, Token);

        var read = await store.ListAsync("t", cancellationToken: Token);
        Assert.Equal([99, 1, 0], read.Select(p => p.Version));
        Assert.Equivalent(Profile(1), read[1], strict: true);
        Assert.Equal([99], (await store.ListAsync("t", profilesMax: 1, cancellationToken: Token)).Select(p => p.Version));
        Assert.Single(await store.ListAsync("t", "day=1", cancellationToken: Token));
        await store.PutAsync(Profile(1) with { Partition = "day=1", Version = 7 }, Token);
        await store.PutAsync(Profile(0) with { Partition = "day=2" }, Token);
        Assert.Equal([("day=2", 0), ("day=1", 7)], (await store.PartitionsAsync("t", cancellationToken: Token)).Select(p => (p.Partition, p.Version!.Value)));
        Assert.Single(await store.PartitionsAsync("t", 1, Token));
        Assert.Equal(1, await store.RemoveBeforeAsync(Start.AddDays(2), 1, Token));
        Assert.Equal(4, await store.RemoveBeforeAsync(Start.AddDays(2), 10, Token));
        Assert.Equal([99], (await store.ListAsync("t", cancellationToken: Token)).Select(p => p.Version));
    }

    [Fact]
    public async Task A_state_is_found_under_its_fingerprint_until_it_is_no_longer_wanted()
    {
        var (_, store) = await OpenAsync();
        await store.PutAsync("t", new PartitionState("day=1", []), "f1", Token);
        await store.PutAsync("t", new PartitionState("day=1", []), "f1", Token);
        await store.PutAsync("t", new PartitionState("day=2", []), "f2", Token);
        await store.PutAsync("u", new PartitionState("day=1", []), "f1", Token);

        Assert.Equal("day=1", (await store.TryGetAsync("t", "day=1", "f1", Token))!.Partition);
        Assert.Null(await store.TryGetAsync("t", "day=1", "f2", Token));
        Assert.Equal(1, await store.RemoveExceptAsync("t", (partition, fingerprint) => partition == "day=2" && fingerprint == "f2", Token));
        Assert.Null(await store.TryGetAsync("t", "day=1", "f1", Token));
        Assert.NotNull(await store.TryGetAsync("t", "day=2", "f2", Token));
        Assert.NotNull(await store.TryGetAsync("u", "day=1", "f1", Token));
    }

    private static StoredProfile Profile(int day) => new("t", string.Empty, day, Start.AddDays(day),
    [
        new ColumnProfile(
            "a", "DOUBLE", ColumnFamily.Float, 10, 1, 0, 9, double.MinValue, 7.5, 3, null, new Dictionary<int, double> { [50] = 3 },
            [new ValueCount("3", 2)], [], [new HistogramBin(0, 7.5, 9)]),
    ]);
}
