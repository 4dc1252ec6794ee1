using DataPlatform.Kernel.Feeds;

namespace DataPlatform.Kernel.Tests.Feeds;

public sealed class DatasetFeedTests
{
    private static readonly DatasetId Arrivals = new("lake/arrivals");
    private static readonly DatasetId Hourly = new("lake/hourly");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_follower_gets_the_newest_version_of_each_dataset_first()
    {
        var feed = new DatasetFeed();
        feed.Publish(new DatasetVersion(Arrivals, 0));
        feed.Publish(new DatasetVersion(Hourly, 4));
        feed.Publish(new DatasetVersion(Arrivals, 1));

        Assert.Equal([new(Arrivals, 1), new(Hourly, 4)], await TakeAsync(feed, 2));
        Assert.Equal(new DatasetVersion(Arrivals, 1), feed.Latest(Arrivals));
    }

    [Fact]
    public async Task A_slow_follower_skips_to_the_newest_version_and_never_goes_back()
    {
        var feed = new DatasetFeed();
        var follower = feed.FollowVersionsAsync(Token).GetAsyncEnumerator(Token);
        feed.Publish(new DatasetVersion(Arrivals, 0));
        Assert.True(await follower.MoveNextAsync());

        feed.Publish(new DatasetVersion(Arrivals, 3));
        feed.Publish(new DatasetVersion(Arrivals, 7));
        feed.Publish(new DatasetVersion(Arrivals, 5));

        Assert.True(await follower.MoveNextAsync());
        Assert.Equal(7, follower.Current.Version);
        await follower.DisposeAsync();
    }

    [Fact]
    public async Task A_version_without_new_data_is_known_and_told_to_nobody()
    {
        var feed = new DatasetFeed();
        feed.Publish(new DatasetVersion(Hourly, 0), changesData: false);
        feed.Publish(new DatasetVersion(Arrivals, 3));
        feed.Publish(new DatasetVersion(Arrivals, 5), changesData: false);

        Assert.Equal([new(Arrivals, 3)], await TakeAsync(feed, 1));
        Assert.Equal((5L, 3L), (feed.Latest(Arrivals)!.Value.Version, feed.LatestData(Arrivals)!.Value.Version));
        Assert.Equal((new DatasetVersion(Hourly, 0), null), (feed.Latest(Hourly), feed.LatestData(Hourly)));

        // Announced late, after the upkeep that came after it.
        feed.Publish(new DatasetVersion(Arrivals, 4));
        feed.Publish(new DatasetVersion(Hourly, 1));
        Assert.Equal([new(Arrivals, 4), new(Hourly, 1)], await TakeAsync(feed, 2));
        Assert.Equal(5, feed.Latest(Arrivals)!.Value.Version);
    }

    [Fact]
    public async Task Lineage_reaches_every_follower_in_order()
    {
        var feed = new DatasetFeed();
        await using var follower = feed.FollowLineageAsync(Token).GetAsyncEnumerator(Token);
        var next = follower.MoveNextAsync();
        var published = new LineageEvent("job", "run-1", DateTimeOffset.UnixEpoch, LineageEventKind.Complete, [new(Arrivals, 1)], [new(Hourly, 4)]);
        feed.Publish(published);

        Assert.True(await next);
        Assert.Same(published, follower.Current);
    }

    [Theory]
    [InlineData("")]
    [InlineData("lake//x")]
    [InlineData("/x")]
    [InlineData("a\nb")]
    public void A_dataset_name_without_shape_is_refused(string name) => Assert.ThrowsAny<ArgumentException>(() => new DatasetId(name));

    private static async Task<List<DatasetVersion>> TakeAsync(DatasetFeed feed, int count)
    {
        List<DatasetVersion> taken = [];
        await foreach (var version in feed.FollowVersionsAsync(Token))
        {
            taken.Add(version);
            if (taken.Count == count)
            {
                break;
            }
        }

        return taken;
    }
}
