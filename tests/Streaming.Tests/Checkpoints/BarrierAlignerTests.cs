using DataPlatform.Streaming.Checkpoints;

namespace DataPlatform.Streaming.Tests.Checkpoints;

public sealed class BarrierAlignerTests
{
    [Fact]
    public void An_input_waits_from_its_barrier_until_the_last_has_come()
    {
        var aligner = new BarrierAligner(3);

        Assert.False(aligner.Barrier(1, 1));
        Assert.True(aligner.IsBlocked(1));
        Assert.False(aligner.IsBlocked(0));
        Assert.False(aligner.Barrier(0, 1));
        Assert.True(aligner.Barrier(2, 1));
        Assert.False(aligner.IsBlocked(0) || aligner.IsBlocked(1) || aligner.IsBlocked(2));
    }

    [Fact]
    public void A_newer_barrier_subsumes_an_older_one_whose_stragglers_are_ignored()
    {
        var aligner = new BarrierAligner(2);
        aligner.Barrier(0, 1);

        Assert.False(aligner.Barrier(1, 2));
        Assert.False(aligner.IsBlocked(0));
        Assert.True(aligner.IsBlocked(1));
        Assert.True(aligner.Barrier(0, 2));
        Assert.False(aligner.Barrier(1, 1));
        Assert.False(aligner.IsAligning);
    }

    [Fact]
    public void A_cancelled_checkpoint_frees_the_inputs_and_its_later_barriers_are_ignored()
    {
        var aligner = new BarrierAligner(2);
        aligner.Barrier(0, 1);
        aligner.Cancel(1);

        Assert.False(aligner.IsBlocked(0));
        Assert.False(aligner.Barrier(1, 1));
        Assert.False(aligner.IsBlocked(1));
        aligner.Cancel(2);
        Assert.False(aligner.Barrier(0, 2));
        Assert.False(aligner.Barrier(0, 3));
        Assert.True(aligner.Barrier(1, 3));
    }

    [Fact]
    public void One_input_never_waits()
    {
        var aligner = new BarrierAligner(1);

        Assert.True(aligner.Barrier(0, 1));
        Assert.True(aligner.Barrier(0, 2));
    }
}
