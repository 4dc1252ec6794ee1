using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Testing;

namespace DataPlatform.Streaming.Tests.Checkpoints;

/// <summary>The coordinator with one subtask that the test plays itself, on a clock and a scheduler that stand still between two calls.</summary>
public sealed class CoordinatorTests
{
    private readonly SimulatedScheduler _scheduler = new(random: null);
    private readonly ManualClock _clock = new();
    private readonly InMemoryObjectStore _store = new();
    private readonly Target _target = new();

    [Fact]
    public void Checkpoints_begin_an_interval_apart_and_one_at_a_time()
    {
        var coordinator = Start(o => o.CheckpointInterval = TimeSpan.FromSeconds(10));

        Advance(9);
        Assert.Empty(_target.Barriers);
        Advance(1);
        Advance(30);
        Assert.Equal([1], _target.Barriers.Select(static b => b.CheckpointId));
        Acknowledge(coordinator, 1);

        // The interval is long over, so the next begins as soon as time moves at all.
        Advance(0);
        Assert.Equal([1, 2], _target.Barriers.Select(static b => b.CheckpointId));
        Assert.Equal([1], _target.Notified);
        Assert.Equal(TimeSpan.FromSeconds(30), coordinator.Last!.Duration);
    }

    [Fact]
    public void A_pause_follows_each_checkpoint_also_one_that_failed()
    {
        var coordinator = Start(o => (o.CheckpointInterval, o.CheckpointMinPause, o.TolerableCheckpointFailures) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(7), 1));
        Advance(10);
        Advance(20);
        Acknowledge(coordinator, 1);
        Advance(6);
        Assert.Single(_target.Barriers);
        Advance(1);
        Assert.Equal(2, _target.Barriers.Count);
        Decline(coordinator, 2);
        Advance(6);
        Assert.Equal(2, _target.Barriers.Count);
        Advance(4);
        Assert.Equal(3, _target.Barriers.Count);
    }

    [Fact]
    public void As_many_as_the_limit_allows_are_in_the_making_and_complete_in_order()
    {
        var coordinator = Start(o => (o.CheckpointInterval, o.ConcurrentCheckpointsMax) = (TimeSpan.FromSeconds(1), 2));
        Advance(1);
        Advance(1);
        Advance(1);
        Assert.Equal([1, 2], _target.Barriers.Select(static b => b.CheckpointId));
        Acknowledge(coordinator, 1);
        Acknowledge(coordinator, 2);
        Advance(0);

        Assert.Equal([1, 2], _target.Notified);
        Assert.Equal([1, 2, 3], _target.Barriers.Select(static b => b.CheckpointId).Take(3));
    }

    [Fact]
    public void A_checkpoint_that_takes_too_long_is_given_up_and_its_late_contribution_ignored()
    {
        var coordinator = Start(o => (o.CheckpointTimeout, o.TolerableCheckpointFailures) = (TimeSpan.FromSeconds(60), 1));
        var asked = coordinator.TriggerAsync();
        Run();
        Advance(59);
        Assert.Empty(_target.Cancelled);
        Advance(1);
        Assert.Equal([1], _target.Cancelled);
        Assert.Contains("not complete after", Assert.IsType<StreamJobException>(asked.Exception!.InnerException).Message, StringComparison.Ordinal);
        Acknowledge(coordinator, 1);

        Assert.Empty(_target.Notified);
        Assert.Null(_target.Failure);
        Assert.Equal(1, coordinator.FailedCheckpoints);
    }

    [Fact]
    public void Failures_in_a_row_are_tolerated_up_to_the_limit_and_one_success_begins_anew()
    {
        var coordinator = Start(o => o.TolerableCheckpointFailures = 2);
        foreach (var (id, fails) in new[] { (1, true), (2, true), (3, false), (4, true), (5, true) })
        {
            coordinator.TriggerAsync();
            Run();
            if (fails)
            {
                Decline(coordinator, id);
            }
            else
            {
                Acknowledge(coordinator, id);
            }
        }

        Assert.Null(_target.Failure);
        coordinator.TriggerAsync();
        Run();
        Decline(coordinator, 6);
        Assert.Contains("the disk is full", _target.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_tolerance_the_first_failure_ends_the_attempt()
    {
        var coordinator = Start(static _ => { });
        coordinator.TriggerAsync();
        Run();
        Decline(coordinator, 1);

        Assert.NotNull(_target.Failure);
    }

    [Fact]
    public void What_was_prepared_for_a_failed_checkpoint_is_committed_with_the_next()
    {
        var coordinator = Start(o => o.TolerableCheckpointFailures = 5);
        coordinator.TriggerAsync();
        Run();
        Decline(coordinator, 1, prepared: 11);
        coordinator.TriggerAsync();
        Run();
        Acknowledge(coordinator, 2, prepared: 22);

        Assert.Equal(["1:11 2:22"], _target.Commits);
    }

    [Fact]
    public void A_commit_that_is_late_is_subsumed_by_the_checkpoints_that_complete_meanwhile()
    {
        var coordinator = Start(static _ => { });
        _target.CommitGate = new TaskCompletionSource();
        var asked = new List<Task<long>>();
        for (var id = 1; id <= 3; id++)
        {
            asked.Add(coordinator.TriggerAsync());
            Run();
            Acknowledge(coordinator, id, prepared: (byte)(id * 11));
        }

        Assert.Equal(["1:11"], _target.Commits);
        Assert.Empty(_target.Notified);
        _target.CommitGate.SetResult();
        Run();

        // Each epoch once, in order, though two notifications became one.
        Assert.Equal(["1:11", "2:22 3:33"], _target.Commits);
        Assert.Equal([1, 2, 3], _target.Notified);
        Assert.All(asked, static a => Assert.True(a.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_lost_commit_is_made_good_by_the_next_attempt_from_the_manifest()
    {
        var coordinator = Start(static _ => { });
        _target.CommitGate = new TaskCompletionSource();
        _ = coordinator.TriggerAsync();
        Run();
        Acknowledge(coordinator, 1, prepared: 11);

        _target.CommitGate = null;
        var next = Start(static _ => { }, manifest: await Storage.ReadAsync(1, CancellationToken.None));
        await next.CommitRestoredAsync();

        Assert.Equal(["1:11", "1:11"], _target.Commits);
    }

    [Fact]
    public void The_last_checkpoint_of_a_bounded_job_is_taken_again_when_it_fails()
    {
        var coordinator = Start(o => o.TolerableCheckpointFailures = 1);
        coordinator.AllEnded();
        Run();
        Decline(coordinator, 1);
        Assert.False(_target.IsFinished);
        Acknowledge(coordinator, 2);

        Assert.True(_target.IsFinished);
        Assert.Null(_target.Failure);
    }

    [Fact]
    public void A_stop_that_fails_ends_the_attempt_for_its_sources_have_stopped()
    {
        var coordinator = Start(o => o.TolerableCheckpointFailures = 5);
        var asked = coordinator.TriggerAsync(stop: true);
        Run();
        Decline(coordinator, 1);

        Assert.NotNull(_target.Failure);
        Assert.True(asked.IsFaulted);
    }

    [Fact]
    public void A_newer_attempt_ends_this_one_before_it_commits()
    {
        var coordinator = Start(static _ => { });
        coordinator.TriggerAsync();
        Run();
        Assert.True(Storage.ClaimAttemptAsync(CancellationToken.None).AsTask().IsCompletedSuccessfully);
        Assert.True(Storage.ClaimAttemptAsync(CancellationToken.None).AsTask().IsCompletedSuccessfully);
        Acknowledge(coordinator, 1, prepared: 11);

        Assert.Equal(ErrorKind.Conflict, Assert.IsType<StreamJobException>(_target.Failure).Kind);
        Assert.Empty(_target.Commits);
    }

    [Fact]
    public void Barriers_say_from_when_they_may_overtake_and_savepoints_never_do()
    {
        var coordinator = Start(o => o.AlignmentTimeout = TimeSpan.FromSeconds(3));
        coordinator.TriggerAsync();
        Run();
        Acknowledge(coordinator, 1);
        coordinator.TriggerAsync(savepoint: "mine");
        Run();

        Assert.Equal(_clock.GetUtcNow().ToUnixTimeMilliseconds() + 3000, _target.Barriers[0].UnalignedFromMs);
        Assert.Equal((null, "mine"), (_target.Barriers[1].UnalignedFromMs, _target.Barriers[1].Savepoint));
    }

    private CheckpointStorage Storage => new(_store, "job");

    private CheckpointCoordinator Start(Action<StreamJobOptions> configure, CheckpointManifest? manifest = null)
    {
        var options = new StreamJobOptions { Time = _clock };
        configure(options);
        options.Validate();
        var coordinator = new CheckpointCoordinator(
            Storage, new SavepointStorage(_store, "job"), _target, options, _scheduler, 1, manifest, manifest?.CheckpointId ?? 0, CancellationToken.None);
        coordinator.Start();
        Run();
        return coordinator;
    }

    private void Acknowledge(CheckpointCoordinator coordinator, long id, byte prepared = 0)
    {
        coordinator.Acknowledge(id, Ack(prepared));
        Run();
    }

    private void Decline(CheckpointCoordinator coordinator, long id, byte prepared = 0)
    {
        coordinator.Decline(id, Ack(prepared), new IOException("the disk is full"));
        Run();
    }

    private static SubtaskAck Ack(byte prepared) => new([], prepared == 0 ? [] : [("sink", new byte[] { prepared })]);

    private void Advance(int seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        Run();
    }

    private void Run()
    {
        while (_scheduler.RunOne())
        {
        }
    }

    private sealed class Target : ICheckpointTarget
    {
        public List<CheckpointBarrier> Barriers { get; } = [];

        public List<long> Cancelled { get; } = [];

        public List<string> Commits { get; } = [];

        public List<long> Notified { get; } = [];

        public bool IsFinished { get; private set; }

        public Exception? Failure { get; private set; }

        public TaskCompletionSource? CommitGate { get; set; }

        public int SubtaskCount => 1;

        public void InjectBarrier(CheckpointBarrier barrier) => Barriers.Add(barrier);

        public void CancelCheckpoint(long checkpointId) => Cancelled.Add(checkpointId);

        public async ValueTask CommitAsync(IReadOnlyList<SinkState> sinks, CancellationToken cancellationToken)
        {
            if (sinks.Count > 0)
            {
                Commits.Add(string.Join(' ', sinks.SelectMany(static s => s.Epochs).Select(static e => $"{e.CheckpointId}:{string.Join(',', e.Committables.Select(static c => c.Span[0]))}")));
            }

            await (CommitGate?.Task ?? Task.CompletedTask);
        }

        public void NotifyCompleted(long checkpointId) => Notified.Add(checkpointId);

        public void OnFinished() => IsFinished = true;

        public void OnFailed(Exception exception) => Failure ??= exception;
    }
}
