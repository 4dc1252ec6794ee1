using DataPlatform.Streaming.Checkpoints;

namespace DataPlatform.Streaming.Tests.Checkpoints;

public sealed class UnalignedBarrierTests
{
    [Fact]
    public void Overtaking_takes_the_checkpoint_at_once_and_records_the_inputs_without_a_barrier()
    {
        var aligner = new BarrierAligner(3, [true, true, true]);
        aligner.Barrier(1, 5);

        Assert.True(aligner.Overtake(5));
        Assert.False(aligner.IsBlocked(1));
        Assert.Equal((true, false, true, 2), (aligner.IsRecording(0), aligner.IsRecording(1), aligner.IsRecording(2), aligner.Recordings));
        Assert.False(aligner.Barrier(0, 5));
        Assert.Equal(1, aligner.Recordings);
        aligner.Recorded(2);
        Assert.Equal(0, aligner.Recordings);
    }

    [Fact]
    public void A_barrier_that_comes_after_its_records_were_kept_is_ignored()
    {
        var aligner = new BarrierAligner(2, [true, true]);
        Assert.True(aligner.Overtake(1));
        aligner.Recorded(0);
        aligner.Recorded(1);

        Assert.False(aligner.Barrier(0, 1));
        Assert.False(aligner.Barrier(1, 1));
        Assert.False(aligner.IsAligning || aligner.IsBlocked(0));
        Assert.False(aligner.Overtake(1));
    }

    [Fact]
    public void Inputs_that_cannot_record_are_waited_for()
    {
        var aligner = new BarrierAligner(2, [true, false]);

        Assert.False(aligner.Overtake(1));
        Assert.False(aligner.Barrier(1, 1));
        Assert.True(aligner.IsBlocked(1));
        Assert.True(aligner.Overtake(1));
        Assert.True(aligner.IsRecording(0));
    }

    [Fact]
    public void A_newer_checkpoint_or_a_cancellation_ends_the_recording()
    {
        var aligner = new BarrierAligner(2, [true, true]);
        aligner.Overtake(1);
        aligner.Cancel(1);
        Assert.Equal(0, aligner.Recordings);

        aligner.Overtake(2);
        aligner.Barrier(0, 3);
        Assert.Equal((0, 3L, true), (aligner.Recordings, aligner.CheckpointId, aligner.IsBlocked(0)));
    }

    [Fact]
    public void The_last_barrier_completes_an_aligned_checkpoint_before_it_can_be_overtaken()
    {
        var aligner = new BarrierAligner(2, [true, true]);
        aligner.Barrier(0, 1);

        Assert.True(aligner.Barrier(1, 1));
        Assert.False(aligner.Overtake(1));
    }
}
