namespace DataPlatform.ResourceScheduler.Tests.Resources;

public sealed class ResourceVectorTests
{
    private static readonly ResourceVector Small = new(500, 256, 0, [new("licence", 1)]);

    [Fact]
    public void Sums_and_differences_go_amount_by_amount_and_drop_what_is_zero()
    {
        var sum = Small + new ResourceVector(500, 768, 1000, [new("licence", 2), new("disk", 5)]);

        Assert.Equal(new ResourceVector(1000, 1024, 1000, [new("licence", 3), new("disk", 5)]), sum);
        Assert.Equal(ResourceVector.Zero, sum - sum);
        Assert.True((sum - sum).IsZero);
        Assert.Equal(-1, (ResourceVector.Zero - Small)["licence"]);
    }

    [Fact]
    public void A_request_fits_only_where_every_amount_does()
    {
        Assert.True(Small.FitsIn(new ResourceVector(500, 256, 0, [new("licence", 1)])));
        Assert.False(Small.FitsIn(new ResourceVector(500, 256)));
        Assert.False(Small.FitsIn(new ResourceVector(499, 256, 0, [new("licence", 1)])));
        Assert.True(new ResourceVector(1, 1).FitsIn(Small));
    }

    [Fact]
    public void The_dominant_share_is_the_largest_and_infinite_for_what_is_not_there()
    {
        var total = new ResourceVector(4000, 8192);

        Assert.Equal(0.5, new ResourceVector(2000, 1024).DominantShare(total));
        Assert.Equal(0.25, new ResourceVector(0, 2048).DominantShare(total));
        Assert.Equal(double.PositiveInfinity, Small.DominantShare(total));
    }

    [Fact]
    public void A_negative_amount_is_refused_by_name()
    {
        Assert.Equal("memoryMiB", Assert.Throws<ArgumentOutOfRangeException>(() => new ResourceVector(0, -1)).ParamName);
        Assert.Equal("disk", Assert.Throws<ArgumentOutOfRangeException>(() => new ResourceVector(0, 1, 0, [new("disk", -1)])).ParamName);
    }

    [Fact]
    public void It_reads_well() => Assert.Equal("cpu 500m, memory 256 MiB, licence 1", Small.ToString());
}
